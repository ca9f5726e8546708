"""Opens the live view in a terminal around whatever goes on, and gives the terminal back.

    line(…) → the view's log, and printed once the view has closed
    logs of this process → the same way, since they would write over the screen

The library that draws is imported when there is time for it. When the view falls over, plain lines take its place.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from galileo_bus.bus import Bus

from galileo_cli.view.happened import Kind
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.shown_run import ShownRun

if TYPE_CHECKING:
    from galileo_cli.view.app import LiveApp


class Lines(Protocol):
    """What shows a run when there is no view."""

    def line(self, text: str) -> None: ...

    def begin(self) -> None: ...

    async def end(self) -> None: ...


class TerminalView:
    """A view that can be opened and closed once. `otherwise` takes over when it fails."""

    def __init__(
        self,
        state: LiveState,
        run: ShownRun,
        *,
        now: Callable[[], float],
        quit_asked: Callable[[], None],
        otherwise: Lines,
    ) -> None:
        self.state = state
        self.run = run
        self._now = now
        self._quit_asked = quit_asked
        self._otherwise = otherwise
        self._unprinted: list[str] = []
        self._open = False
        self._ending = asyncio.Event()
        self._bus: Bus | None = None
        self._app: LiveApp | None = None
        self._showing: asyncio.Task[None] | None = None

    def line(self, text: str) -> None:
        """Says one line that stays."""
        self.state.happened.add(self._now(), text, Kind.RUN)
        if self._open:
            self._unprinted.append(text)
        else:
            self._otherwise.line(text)

    def begin(self) -> None:
        """Opens the view as soon as it is loaded."""
        self._showing = asyncio.get_running_loop().create_task(self._show(), name="live view")

    def connected(self, bus: Bus) -> None:
        """Asks are said there."""
        self._bus = bus
        if self._app is not None:
            self._app.bus = bus

    async def end(self) -> None:
        """Closes the view and prints what was said in it."""
        self._ending.set()
        if self._showing is not None:
            await self._showing
        await self._otherwise.end()

    async def _show(self) -> None:
        module = await asyncio.get_running_loop().run_in_executor(None, importlib.import_module, "galileo_cli.view.app")
        if self._ending.is_set():
            return
        self._app = module.LiveApp(self.state, self.run, now=self._now, quit_asked=self._quit_asked)
        self._app.bus = self._bus
        self._open = True
        try:
            with logs_into(self.line):
                await self._until_ending(self._app)
        finally:
            self._open = False
            for text in self._unprinted:
                self._otherwise.line(text)
            self._unprinted.clear()
        if not self._ending.is_set():
            self.line("galileo: the view has closed by itself; plain lines follow")
            self._otherwise.begin()

    async def _until_ending(self, app: LiveApp) -> None:
        """Runs the view until it is to end, or ends by itself."""
        loop = asyncio.get_running_loop()
        showing = loop.create_task(app.run_async(mouse=False), name="live view's loop")
        ending = loop.create_task(self._ending_of(app), name="live view's end")
        try:
            await asyncio.wait({showing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not showing.done():
                app.exit()
            await showing
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)

    async def _ending_of(self, app: LiveApp) -> None:
        await self._ending.wait()
        await app.ready.wait()


@contextmanager
def logs_into(line: Callable[[str], None]) -> Iterator[None]:
    """Sends what this process logs to `line` instead of where it went, in the same form."""
    root = logging.getLogger()
    before = root.handlers[:]
    handler = _LineHandler(line)
    if before:
        handler.setFormatter(before[0].formatter)
    root.handlers[:] = [handler]
    try:
        yield
    finally:
        if handler in root.handlers:  # others may have set up logs anew since
            root.handlers[:] = before


class _LineHandler(logging.Handler):
    def __init__(self, line: Callable[[str], None]) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        self._line(self.format(record))
