"""An event loop whose clock jumps: where everybody waits, the next timer is due at once.

ready callbacks run → nothing is ready → the selector is asked to wait for the next timer → the clock goes there instead

So a test of ten minutes takes milliseconds, and two runs of it are the same. What comes from outside the loop, such as
threads and servers, takes no part: time may jump while it works.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class NothingWillHappenError(AssertionError):
    """Everybody waits for something that nobody is going to do."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Starts at 0 s. Raises `NothingWillHappenError` from where it is run when no timer is left to jump to."""

    def __init__(self) -> None:
        self._time_s = 0.0
        super().__init__(_JumpingSelector(self._jump))

    def time(self) -> float:
        return self._time_s

    def _jump(self, by_s: float | None) -> None:
        if by_s is None:
            raise NothingWillHappenError("all tasks wait, and nothing is due: what this waits for never comes")
        self._time_s += by_s


class _JumpingSelector(selectors.DefaultSelector):
    """Looks what is there already; where it would have to wait, it lets `jump` pass the time."""

    def __init__(self, jump: Callable[[float | None], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and (timeout is None or timeout > 0):
            self._jump(timeout)
        return found


def virtual_time(test: Callable[P, Coroutine[object, object, T]]) -> Callable[P, T]:
    """Makes a plain function of a coroutine function, which runs it on a `VirtualTimeLoop`. For tests."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(test(*args, **kwargs))

    return run
