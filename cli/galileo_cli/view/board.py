"""The panels of the view: where each lies, and what is drawn into it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from galileo_cli.view.drawing.clients import CLIENTS_TITLE, draw_clients
from galileo_cli.view.drawing.decisions import draw_decisions
from galileo_cli.view.drawing.header import draw_header
from galileo_cli.view.drawing.log import draw_log
from galileo_cli.view.drawing.pressure import draw_pressure, pressure_title
from galileo_cli.view.drawing.services import draw_faults, draw_resizes, draw_services, services_wanted
from galileo_cli.view.drawing.zones import draw_zones, rows_wanted
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.node_figures import zone_figures
from galileo_cli.view.panel_heights import panel_heights, side_heights
from galileo_cli.view.shown_run import ShownRun

PADDING = 2
NARROW = 100
"""Columns below which pressure and services make room for clients and decisions, and resizes are in the log alone."""
NARROW_SIDE = 20

BOARD_CSS = """
Board, Board Horizontal { height: auto; }
#header { height: 2; padding: 0 1; }
#side { width: auto; height: auto; }
Panel { border-top: solid $primary-darken-1; border-title-color: $text-primary; border-title-style: bold;
        padding: 0 1; overflow: hidden; }
"""


class Panel(Static):
    """Some lines under a title."""

    def show(self, lines: Sequence[Text], *, title: str, width: int, height: int) -> None:
        """Sets the place it takes, with the title's line, and what is in it; `height` 0 hides it."""
        self.display = height > 0
        self.styles.width, self.styles.height = width, height
        self.border_title = f" {title} "
        self.update(Text("\n").join(lines))


class Board(Vertical):
    """All panels, from the header to the log."""

    def compose(self) -> ComposeResult:
        yield Static(id="header")
        yield Panel(id="zones")
        with Horizontal():
            yield Panel(id="pressure")
            yield Panel(id="clients")
        with Horizontal():
            yield Panel(id="decisions")
            with Vertical(id="side"):
                yield Panel(id="services")
                yield Panel(id="faults")
                yield Panel(id="resizes")
        yield Panel(id="log")

    def draw(self, live: LiveState, run: ShownRun, *, now: float, width: int, height: int) -> None:
        """Draws the state as it is at `now` (unix seconds) for a screen of that size."""
        inner = width - PADDING
        zones = zone_figures(live.cluster, live.faults.killed_nodes(), now)
        middle = max(len(live.pressure.gateways()), len(live.load.zones()))
        heights = panel_heights(height, zones=rows_wanted(zones, inner), middle=middle)
        self.query_one("#header", Static).update(Text("\n").join(draw_header(live, run, now, inner)))
        zone_lines = draw_zones(zones, inner, heights.zones - 1)
        self._panel("zones").show(zone_lines, title="zones", width=width, height=heights.zones)
        self._draw_middle(live, width, heights.middle)
        self._draw_lower(live, run, now, width, heights.lower)
        log_lines = draw_log(live.happened.since(0), run, inner, heights.log - 1)
        self._panel("log").show(log_lines, title="log", width=width, height=heights.log)

    def _draw_middle(self, live: LiveState, width: int, height: int) -> None:
        left = round(width * (0.4 if width < NARROW else 0.44))
        right = width - left
        pressure = draw_pressure(live.pressure, left - PADDING, height - 1)
        title = pressure_title(live.pressure, left - PADDING)
        self._panel("pressure").show(pressure, title=title, width=left, height=height)
        clients = draw_clients(live.load, right - PADDING, height - 1)
        self._panel("clients").show(clients, title=CLIENTS_TITLE, width=right, height=height)

    def _draw_lower(self, live: LiveState, run: ShownRun, now: float, width: int, height: int) -> None:
        narrow = width < NARROW
        left = width - NARROW_SIDE if narrow else round(width * 0.62)
        right, inner = width - left, width - left - PADDING
        decisions = draw_decisions(live.decisions, run, left - PADDING, height - 1)
        self._panel("decisions").show(decisions, title="decisions", width=left, height=height)
        rows = live.services.rows(now)
        faults, resizes = len(live.faults.all()), 0 if narrow else len(live.resizes.newest())
        side = side_heights(height, services=services_wanted(rows, inner), faults=faults, resizes=resizes)
        for name, lines, lines_high in (
            ("services", draw_services(rows, inner, side.services - 1), side.services),
            ("faults", draw_faults(live.faults, now, inner, side.faults - 1), side.faults),
            ("resizes", draw_resizes(live.resizes, run, inner, side.resizes - 1), side.resizes),
        ):
            self._panel(name).show(lines, title=name, width=right, height=lines_high)

    def _panel(self, name: str) -> Panel:
        return self.query_one(f"#{name}", Panel)
