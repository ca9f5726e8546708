"""Places in a stream: the ids of entries, which begin with the time at which the server took them.

An id is `<milliseconds>-<number>`, unix time by the server's clock, and rises from entry to entry.
"""

from __future__ import annotations

import math

BEGINNING = "0-0"
"""Before every entry."""

_LAST_OF_A_MS = 2**64 - 1


def id_order(entry_id: str) -> tuple[int, int]:
    """What ids are ordered by."""
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number or 0)


def taken_at(entry_id: str) -> float:
    """When the server took the entry, in unix seconds of its clock."""
    return id_order(entry_id)[0] / 1000


def just_before(ts: float) -> str:
    """The place before all that was taken at `ts` or later; unix seconds by the server's clock."""
    milliseconds = math.ceil(round(ts * 1000, 3))
    return f"{milliseconds - 1}-{_LAST_OF_A_MS}" if milliseconds > 0 else BEGINNING
