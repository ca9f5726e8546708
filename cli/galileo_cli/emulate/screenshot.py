"""A picture of the live view at a moment of a run, as SVG; plain lines are said meanwhile.

The view is opened for that moment only, with no terminal and always in the same size, so that pictures of several runs
can be compared.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path

from galileo_cli.emulate.progress import PlainProgress
from galileo_cli.view.happened import Kind
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.shown_run import ShownRun

SIZE = (110, 34)
"""Columns and lines."""


class ScreenshotProgress(PlainProgress):
    """Takes one picture, `at_s` seconds after the first request."""

    def __init__(self, state: LiveState, run: ShownRun, *, file: Path, at_s: float) -> None:
        super().__init__(state, run)
        self._file = file
        self._at_s = at_s
        self._output = sys.stdout  # what is printed while the view is open would go to the view
        self._taking: asyncio.Task[None] | None = None

    def line(self, text: str) -> None:
        self.state.happened.add(time.time(), text, Kind.RUN)
        self.print(text)

    def print(self, text: str) -> None:
        print(text, file=self._output, flush=True)

    def begin(self) -> None:
        super().begin()
        self._taking = asyncio.get_running_loop().create_task(self._take(), name="screenshot")

    async def end(self) -> None:
        await super().end()
        if self._taking is None:
            return
        if not self._taking.done():
            self._taking.cancel()
            self.line(f"galileo: no picture was taken, the run ended before {self._at_s:g} s")
        await asyncio.gather(self._taking, return_exceptions=True)
        if not self._taking.cancelled() and (error := self._taking.exception()) is not None:
            self.line(f"galileo: no picture was taken: {type(error).__name__}: {error}")

    async def _take(self) -> None:
        while self.run.start is None or time.time() < self.run.start + self._at_s:  # noqa: ASYNC110  (a moment, no event)
            await asyncio.sleep(0.1)
        self._file.write_text(await picture(self.state, self.run), encoding="utf-8")
        self.line(f"picture:   {self._file}")


async def picture(state: LiveState, run: ShownRun) -> str:
    """The view as SVG, in fonts that the reader has."""
    from galileo_cli.view.app import LiveApp

    app = LiveApp(state, run, now=time.time, quit_asked=lambda: None)
    async with app.run_test(size=SIZE) as pilot:
        app.redraw()
        await pilot.pause()
        drawn = app.export_screenshot(title=f"galileo emulate: {run.title}")
    return re.sub(r"@font-face\s*\{[^}]*\}\s*", "", drawn)
