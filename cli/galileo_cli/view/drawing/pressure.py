"""Pressure on each gateway against the thresholds: the highest row decides, the mean is what api_pressure says."""

from __future__ import annotations

from galileo_experiments.shown_pressure import shown_pressure
from rich.text import Text

from galileo_cli.view.drawing.palette import BAD, DIM, GOOD, PLAIN, SERIES, STRONG
from galileo_cli.view.drawing.strokes import bar, placed, sparkline
from galileo_cli.view.pressure_figures import GatewayPressure, PressureFigures

_WITH_SERIES = 46
_LEAST_BAR = 6
_ROOM = 1.5
"""A bar ends at this many times the threshold, or at the highest pressure."""


def pressure_title(figures: PressureFigures, width: int) -> str:
    """With the thresholds, as far as they are known and there is room."""
    known = [
        f"{word} {value:g}"
        for word, value in (("max", figures.max_threshold), ("min", figures.min_threshold))
        if value is not None
    ]
    titles = (" ".join(["pressure:", *known[:count]]) for count in range(len(known), 0, -1))
    return next((title for title in titles if len(title) <= width), "pressure")


def draw_pressure(figures: PressureFigures, width: int, height: int) -> list[Text]:
    """A line a gateway."""
    gateways = figures.gateways()
    if not gateways:
        return placed([Text("no pressure was said yet", style=DIM)], width, height)
    names = [gateway.zone for gateway in gateways]
    shown = [name if names.count(name) == 1 else gateway.node for name, gateway in zip(names, gateways, strict=True)]
    name_width = max(map(len, shown))
    highest = max(gateway.highest for gateway in gateways)
    top = max(highest, _ROOM * (figures.max_threshold or 0.0))
    figures_width = max(len(shown_pressure(value)) for gateway in gateways for value in (gateway.highest, gateway.mean))
    lines = [
        _line(name.ljust(name_width), gateway, figures, top, width, figures_width=figures_width)
        for name, gateway in zip(shown, gateways, strict=True)
    ]
    return placed(lines, width, height, what="gateways")


def _line(
    name: str, gateway: GatewayPressure, figures: PressureFigures, top: float, width: int, *, figures_width: int
) -> Text:
    style = _style(gateway, figures)
    highest, mean = (shown_pressure(value).ljust(figures_width) for value in (gateway.highest, gateway.mean))
    line = Text.assemble((name, STRONG), (f" {highest} ", style))
    if width - line.cell_len - len(f"mean {mean} ") >= _LEAST_BAR:
        line.append(f"mean {mean} ", style=DIM)
    room = width - line.cell_len
    series = 12 if width >= _WITH_SERIES else 0
    if room - series >= _LEAST_BAR:
        line.append_text(_bar(gateway.highest, figures.max_threshold, top, room - series, style))
    if series:
        line.append(sparkline(gateway.series, series, top=top), style=SERIES)
    return line


def _bar(value: float, threshold: float | None, top: float, width: int, style: str) -> Text:
    """A bar with a mark at the threshold."""
    drawn = Text(bar(value, top, width), style=style or PLAIN)
    if threshold is None or top <= 0:
        return drawn
    place = min(width - 1, int(threshold / top * width))
    mark = Text("┃", style="bold")
    return Text.assemble(drawn[:place], mark, drawn[place + 1 :])


def _style(gateway: GatewayPressure, figures: PressureFigures) -> str:
    if figures.max_threshold is not None and gateway.highest > figures.max_threshold:
        return BAD
    if figures.min_threshold is not None and gateway.highest < figures.min_threshold:
        return DIM
    return GOOD
