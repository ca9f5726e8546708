"""Which objects a controller has to look at: each once, however often it was named, and later when asked for later.

    a change, a timer, a failure -> add, add_after, add_failed -> get -> reconcile -> done

A key that is named while it is being worked on comes again when that work is done, never at the same time. Failures
come back after a wait that doubles each time, until `forget` says that all is well.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

FIRST_RETRY_S = 0.005
LONGEST_RETRY_S = 60.0


class WorkQueue:
    """Keys to work on, oldest first. `changed` is called when the queue becomes idle."""

    def __init__(self, *, became_idle: Callable[[], None] = lambda: None) -> None:
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._working: set[str] = set()
        self._again: set[str] = set()
        self._timers: dict[str, tuple[float, asyncio.TimerHandle]] = {}
        self._failures: dict[str, int] = {}
        self._news = asyncio.Event()
        self._became_idle = became_idle

    def add(self, key: str) -> None:
        """Work on `key` soon."""
        if key in self._working:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting[key] = None
            self._news.set()

    def add_after(self, key: str, delay_s: float) -> None:
        """Work on `key` in `delay_s` seconds, or earlier if that was asked for."""
        if delay_s <= 0:
            self.add(key)
            return
        loop = asyncio.get_running_loop()
        at = loop.time() + delay_s
        known = self._timers.get(key)
        if known is not None:
            if known[0] <= at:
                return
            known[1].cancel()
        self._timers[key] = (at, loop.call_at(at, self._ring, key))

    def add_failed(self, key: str) -> float:
        """Work on `key` again after a wait that doubles with every failure; return the wait in seconds."""
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        delay_s: float = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(count, 32))
        self.add_after(key, delay_s)
        return delay_s

    def forget(self, key: str) -> None:
        """All is well with `key`: its next failure is a first one."""
        self._failures.pop(key, None)

    async def get(self) -> str:
        """The next key, waited for. `done` has to follow."""
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        key, _ = self._waiting.popitem(last=False)
        self._working.add(key)
        return key

    def done(self, key: str) -> None:
        """The work on `key` is over."""
        self._working.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)
        elif self.idle:
            self._became_idle()

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done now (something may be for later)."""
        return not self._waiting and not self._working

    def is_quiet(self, for_s: float) -> bool:
        """Whether nothing is to be done now, nor falls due within `for_s` seconds."""
        until = asyncio.get_running_loop().time() + for_s
        return self.idle and all(at > until for at, _ in self._timers.values())

    def close(self) -> None:
        """Cancel what was put off."""
        for _, timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _ring(self, key: str) -> None:
        del self._timers[key]
        self.add(key)
