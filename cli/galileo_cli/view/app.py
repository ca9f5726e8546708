"""The live view: draws the state twice a second, and says on the bus what a person asks for by a key.

Everything shown is in `LiveState`, and `board` draws it; everything that can be chosen is in `choices`.
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
from textual.widgets import Footer

from galileo_cli.view import choices
from galileo_cli.view.board import BOARD_CSS, Board
from galileo_cli.view.dialogs import DIALOG_CSS, ChooseScreen, NumberScreen, PageScreen
from galileo_cli.view.drawing.log import draw_line
from galileo_cli.view.happened import Kind
from galileo_cli.view.keys_explained import EXPLANATION
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.shown_run import ShownRun

REDRAW_S = 0.5


class LiveApp(App[None]):
    """`bus` is None until there is one. `quit_asked` is called when a person wants the run to end."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { layout: vertical; overflow: hidden; }" + BOARD_CSS + DIALOG_CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "pause"),
        Binding("m", "move", "move"),
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
        yield Board()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.begin_capture_print(self)
        self.set_interval(REDRAW_S, self.redraw)

    def on_ready(self) -> None:
        self.ready.set()
        self.redraw()

    def on_resize(self, _event: events.Resize) -> None:
        self.call_later(self.redraw)  # once the app itself has taken note of its size

    def on_print(self, event: events.Print) -> None:
        """Whatever is printed while the screen is ours."""
        if text := event.text.strip():
            self.live.happened.add(self._now(), text, Kind.RUN)

    def redraw(self) -> None:
        """Draws the state as it is now; nothing before the panels are there."""
        if not self.ready.is_set():
            return
        now = self._now()
        self.live.tick(now)
        board = self.screen_stack[0].query_one(Board)
        board.draw(self.live, self.shown_run, now=now, width=self.size.width, height=self.size.height)

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
