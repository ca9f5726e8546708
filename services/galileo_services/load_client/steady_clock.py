"""Unix time that never runs backwards.

The system's unix time may be set while a client runs, and then a request would be done before it was sent. A steady
clock with one offset, taken once, gives unix seconds for traces and the same seconds for waiting.
"""

from __future__ import annotations

from collections.abc import Callable


def steady_unix_clock(*, steady: Callable[[], float], unix: Callable[[], float]) -> Callable[[], float]:
    """A clock of unix seconds that goes with `steady` (the loop's time, or a finer clock); `unix` is read once."""
    offset_s = unix() - steady()

    def now() -> float:
        return steady() + offset_s

    return now
