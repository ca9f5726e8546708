"""Walks along a schedule of due times, on time, whatever becomes of what it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

_BURST = 64  # requests started in one turn of the loop when the schedule is behind


class DueTimes:
    """One walk along one schedule. `now` gives unix seconds and must never run backwards (see steady_clock.py)."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._stopped = False
        self._wake: asyncio.Future[None] | None = None

    async def walk(self, offsets_s: Iterable[float], *, start: float, send: Callable[[float], None]) -> None:
        """Calls `send(due)` when each `start` + offset (unix seconds) has come; what is due already comes at once."""
        burst = 0
        for offset_s in offsets_s:
            due = start + offset_s
            if due > self._now():
                burst = 0
                await self._wait_until(due)
            else:
                burst += 1
                if burst % _BURST == 0:
                    await asyncio.sleep(0)  # let the answers in
            if self._stopped:
                return
            send(due)

    def stop(self) -> None:
        """Ends the walk, at once if it waits."""
        self._stopped = True
        self._notice()

    async def _wait_until(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        # A timer may fire early by the loop's resolution; a request must not be sent before it is due.
        while (delay_s := due - self._now()) > 0 and not self._stopped:
            self._wake = loop.create_future()
            timer = loop.call_later(delay_s, self._notice)
            try:
                await self._wake
            finally:
                timer.cancel()

    def _notice(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
