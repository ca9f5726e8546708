"""Fields that hold a number or a share, such as 25% of the replicas."""

from __future__ import annotations

import math


def resolved(value: int | str, whole: int, *, round_up: bool) -> int:
    """The number that `value` is of `whole`. Raises ValueError when it is neither a number nor a percentage."""
    if isinstance(value, int):
        return value
    if not value.endswith("%"):
        raise ValueError(f"{value!r}: expected a whole number or a percentage such as 25%")
    share = int(value[:-1]) * whole / 100
    return math.ceil(share) if round_up else math.floor(share)
