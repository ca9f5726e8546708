"""Whether a time has come, on clocks that may call a little early.

An event loop calls a timer as soon as its clock's resolution no longer tells the two times apart. Whoever then compares
exactly finds that it is not yet time, and waits again for nothing.
"""

from __future__ import annotations

_RESOLUTION_S = 1e-6


def is_due(at: float, *, now: float) -> bool:
    """Whether `at` is now or was before; seconds of one clock."""
    return now >= at - _RESOLUTION_S
