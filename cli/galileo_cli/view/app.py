"""The live view: draws the state twice a second, and says on the bus what a person asks for by a key.

Everything shown is in `LiveState`; everything that can be chosen is in `choices`. This file only lays out and connects.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from galileo_bus.bus import Bus
from galileo_schemas.event import Event
from galileo_schemas.events import ClientMove
from rich.text import Text
from textual import events, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Static

from galileo_cli.view import choices
from galileo_cli.view.dialogs import DIALOG_CSS, ChooseScreen, NumberScreen, PageScreen
from galileo_cli.view.drawing.clients import CLIENTS_TITLE, draw_clients
from galileo_cli.view.drawing.decisions import draw_decisions
from galileo_cli.view.drawing.header import draw_header
from galileo_cli.view.drawing.log import draw_line, draw_log
from galileo_cli.view.drawing.pressure import draw_pressure, pressure_title
from galileo_cli.view.drawing.services import draw_faults, draw_resizes, draw_services, services_wanted
from galileo_cli.view.drawing.zones import draw_zones, rows_wanted
from galileo_cli.view.happened import Kind
from galileo_cli.view.keys_explained import EXPLANATION
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.node_figures import zone_figures
from galileo_cli.view.panel_heights import panel_heights, side_heights
from galileo_cli.view.shown_run import ShownRun

REDRAW_S = 0.5
PADDING = 2
NARROW = 100
"""Columns below which pressure and services make room for clients and decisions."""


class Panel(Static):
    """Some lines under a title."""

    def show(self, lines: Sequence[Text], *, title: str, width: int, height: int) -> None:
        """Sets the place it takes, with the title's line, and what is in it; `height` 0 hides it."""
        self.display = height > 0
        self.styles.width, self.styles.height = width, height
        self.border_title = f" {title} "
        self.update(Text("\n").join(lines))


class LiveApp(App[None]):
    """`bus` is None until there is one. `quit_asked` is called when a person wants the run to end."""

    ENABLE_COMMAND_PALETTE = False
    CSS = (
        """
    Screen { layout: vertical; overflow: hidden; }
    #header { height: 2; padding: 0 1; }
    Panel { border-top: solid $primary-darken-1; border-title-color: $text-primary; border-title-style: bold;
            padding: 0 1; overflow: hidden; }
    Horizontal { height: auto; }
    #side { width: auto; height: auto; }
    """
        + DIALOG_CSS
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "pause"),
        Binding("m", "move", "move clients"),
        Binding("k", "break_node", "kill node"),
        Binding("t", "threshold", "threshold"),
        Binding("l", "log", "log"),
        Binding("question_mark", "explain", "help", key_display="?"),
        Binding("q", "quit", "quit"),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(
        self, live: LiveState, run: ShownRun, *, now: Callable[[], float], quit_asked: Callable[[], None]
    ) -> None:
        super().__init__()
        self.live = live
        self.shown_run = run
        self.bus: Bus | None = None
        self.ready = asyncio.Event()
        """Set when it is on the screen; only then it can be told to exit."""
        self._now = now
        self._quit_asked = quit_asked

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
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.begin_capture_print(self)
        self.set_interval(REDRAW_S, self.redraw)

    def on_ready(self) -> None:
        self.ready.set()

    def on_resize(self, _event: events.Resize) -> None:
        self.call_later(self.redraw)  # once the app itself has taken note of its size

    def on_print(self, event: events.Print) -> None:
        """Whatever is printed while the screen is ours."""
        if text := event.text.strip():
            self.live.happened.add(self._now(), text, Kind.RUN)

    # ------------------------------------------------------------ drawing

    def redraw(self) -> None:
        """Draws the state as it is now."""
        live, run, now = self.live, self.shown_run, self._now()
        live.tick(now)
        width, height = self.size
        inner = width - PADDING
        zones = zone_figures(live.cluster, live.faults.killed_nodes(), now)
        middle = max(len(live.pressure.gateways()), len(live.load.zones()))
        heights = panel_heights(height, zones=rows_wanted(zones, inner), middle=middle)
        main = self.screen_stack[0]
        main.query_one("#header", Static).update(Text("\n").join(draw_header(live, run, now, inner)))
        zone_lines = draw_zones(zones, inner, heights.zones - 1)
        main.query_one("#zones", Panel).show(zone_lines, title="zones", width=width, height=heights.zones)
        self._draw_middle(width, heights.middle)
        self._draw_lower(width, heights.lower, now)
        log_lines = draw_log(live.happened.since(0), run, inner, heights.log - 1)
        main.query_one("#log", Panel).show(log_lines, title="log", width=width, height=heights.log)

    def _draw_middle(self, width: int, height: int) -> None:
        main, left = self.screen_stack[0], round(width * (0.4 if width < NARROW else 0.44))
        pressure = draw_pressure(self.live.pressure, left - PADDING, height - 1)
        title = pressure_title(self.live.pressure)
        main.query_one("#pressure", Panel).show(pressure, title=title, width=left, height=height)
        right = width - left
        clients = draw_clients(self.live.load, right - PADDING, height - 1)
        main.query_one("#clients", Panel).show(clients, title=CLIENTS_TITLE, width=right, height=height)

    def _draw_lower(self, width: int, height: int, now: float) -> None:
        live, run = self.live, self.shown_run
        main, left = self.screen_stack[0], round(width * (0.74 if width < NARROW else 0.62))
        right, inner = width - left, width - left - PADDING
        decisions = draw_decisions(live.decisions, run, left - PADDING, height - 1)
        main.query_one("#decisions", Panel).show(decisions, title="decisions", width=left, height=height)
        rows = live.services.rows(now)
        faults, resizes = len(live.faults.all()), len(live.resizes.newest())
        side = side_heights(height, services=services_wanted(rows, inner), faults=faults, resizes=resizes)
        for name, lines, lines_high in (
            ("services", draw_services(rows, inner, side.services - 1), side.services),
            ("faults", draw_faults(live.faults, now, inner, side.faults - 1), side.faults),
            ("resizes", draw_resizes(live.resizes, run, inner, side.resizes - 1), side.resizes),
        ):
            main.query_one(f"#{name}", Panel).show(lines, title=name, width=right, height=lines_high)

    # ------------------------------------------------------------ keys

    async def action_pause(self) -> None:
        await self._ask(choices.pause_or_resume(self.live))

    @work(exclusive=True, group="dialog")
    async def action_move(self) -> None:
        fn = await self._choose("move clients of", choices.functions_to_move(self.live))
        origin = None if fn is None else await self._choose("from", choices.zones_to_leave(self.live))
        if fn is None or origin is None:
            return
        destination = await self._choose(f"from {origin} to", choices.zones_to_go_to(self.live, origin))
        if destination is not None:
            await self._ask(ClientMove(fn=fn, origin_zone=origin, dest_zone=destination))

    @work(exclusive=True, group="dialog")
    async def action_break_node(self) -> None:
        node = await self._choose("kill or restore a node", choices.nodes_to_break(self.live, self._now()))
        if node is not None:
            await self._ask(choices.kill_or_restore(self.live, node))

    @work(exclusive=True, group="dialog")
    async def action_threshold(self) -> None:
        variable = await self._choose("change a threshold", choices.thresholds(self.live))
        if variable is None:
            return
        before = choices.threshold_now(self.live, variable)
        text = await self.push_screen_wait(
            NumberScreen(
                variable,
                "" if before is None else f"{before:g}",
                lambda typed: choices.refuse_threshold(self.live, variable, typed),
            )
        )
        if text is not None:
            await self._ask(choices.threshold_change(variable, text))

    def action_log(self) -> None:
        lines = [draw_line(line, self.shown_run) for line in self.live.happened.since(0)]
        self.push_screen(PageScreen("log", lines, at_end=True))

    def action_explain(self) -> None:
        self.push_screen(PageScreen("keys", [Text(line) for line in EXPLANATION.splitlines()]))

    async def action_quit(self) -> None:
        self.shown_run.stage = "stopping …"
        self._quit_asked()

    async def _choose(self, title: str, offered: Sequence[choices.Choice]) -> str | None:
        if not offered:
            self.live.happened.add(self._now(), f"{title}: nothing is known yet to choose from", Kind.TROUBLE)
            return None
        return await self.push_screen_wait(ChooseScreen(title, offered))

    async def _ask(self, event: Event) -> None:
        """Says an ask on the bus; its answer, or that there was none, is told by the state."""
        if self.bus is None:
            self.live.happened.add(self._now(), "there is no bus yet: nothing was asked", Kind.TROUBLE)
            return
        identity = self.bus.next_id()
        self.live.asked(event, identity, self._now())
        await self.bus.say(event, event_id=identity)
        self.redraw()
