"""What clients ask for and get, a line a zone: requests a second, and response times, each with its last minutes."""

from __future__ import annotations

from rich.text import Text

from galileo_cli.view.drawing.palette import ACCENT, DIM, SERIES, STRONG
from galileo_cli.view.drawing.strokes import placed, sparkline
from galileo_cli.view.load_figures import LoadFigures, ZoneLoad

CLIENTS_TITLE = "clients: requests/s, response ms"

_ROOM_FOR_ALL = 21
"""Columns from which on the median has a sparkline, too."""


def draw_clients(figures: LoadFigures, width: int, height: int) -> list[Text]:
    """A line a zone from which people have called."""
    zones = figures.zones()
    if not zones:
        return placed([Text("nobody has called yet", style=DIM)], width, height)
    name_width = max(map(len, zones))
    slowest = max((ms for zone in zones.values() for ms in zone.p95s if ms is not None), default=None)
    busiest = max((rate for zone in zones.values() for rate in zone.rates if rate is not None), default=None)
    lines = [
        _line(name.ljust(name_width), zone, width, busiest=busiest, slowest=slowest) for name, zone in zones.items()
    ]
    return placed(lines, width, height, what="zones")


def _line(name: str, zone: ZoneLoad, width: int, *, busiest: float | None, slowest: float | None) -> Text:
    rate = zone.seen if zone.asked is None else zone.asked
    parts = [Text(f"{rate:4.0f}/s "), Text(f" p50{_ms(zone.p50_ms)} "), Text(f" p95{_ms(zone.p95_ms)} ")]
    room = width - len(name) - 1 - sum(part.cell_len for part in parts)
    series = [zone.rates, zone.p50s, zone.p95s]
    drawn = [0, 2] if room < _ROOM_FOR_ALL else [0, 1, 2]
    each = max(0, room // len(drawn))
    line = Text.assemble((name, STRONG), " ")
    for number, part in enumerate(parts):
        line.append_text(part)
        if number in drawn:
            top, style = (busiest, ACCENT) if number == 0 else (slowest, SERIES)
            line.append(sparkline(series[number], each, top=top), style=style)
    return line


def _ms(value: float | None) -> str:
    return "   –" if value is None else f"{value:4.0f}"
