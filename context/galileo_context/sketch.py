"""Response-time histograms in logarithmic buckets, small enough to travel in an event and to be merged by adding.

A recorder counts each response time in the bucket of its size; whoever reads several windows adds the counts and asks
for a percentile. Bucket i holds the values in (GAMMA^(i-1), GAMMA^i], so that its representative value is off by at
most (GAMMA-1)/(GAMMA+1), which is under one percent. (The idea is DDSketch's: Masson, Rim, Lee, VLDB 2019.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping

GAMMA = 1.02
RELATIVE_ERROR = (GAMMA - 1.0) / (GAMMA + 1.0)
FLOOR_MS = 0.01
_LOG_GAMMA = math.log(GAMMA)
LOWEST_BUCKET = math.ceil(math.log(FLOOR_MS) / _LOG_GAMMA)

Buckets = dict[int, int]
"""How many values each bucket holds; only buckets that hold some."""


def bucket_of(value_ms: float) -> int:
    """The bucket of a value in milliseconds; everything up to `FLOOR_MS`, negative values too, shares the lowest.

    Raises `ValueError` when the value is not finite.
    """
    if not math.isfinite(value_ms):
        raise ValueError(f"a response time is a finite number of milliseconds, got {value_ms}")
    if value_ms <= FLOOR_MS:
        return LOWEST_BUCKET
    return max(LOWEST_BUCKET, math.ceil(math.log(value_ms) / _LOG_GAMMA))


def value_of(bucket: int) -> float:
    """The milliseconds that a bucket stands for, within `RELATIVE_ERROR` of all its values; `FLOOR_MS` for the lowest.

    Raises `OverflowError` for a bucket whose value no float can hold (above about 35 000).
    """
    if bucket <= LOWEST_BUCKET:
        return FLOOR_MS
    return float(2.0 * GAMMA**bucket / (GAMMA + 1.0))


def add(buckets: Buckets, value_ms: float, count: int = 1) -> None:
    """Counts a value in place. Raises `ValueError` when it is not finite."""
    bucket = bucket_of(value_ms)
    buckets[bucket] = buckets.get(bucket, 0) + count


def merge(into: Buckets, other: Mapping[int, int]) -> None:
    """Adds another histogram's counts in place."""
    for bucket, count in other.items():
        into[bucket] = into.get(bucket, 0) + count


def percentile(buckets: Mapping[int, int], q: float) -> float | None:
    """The value in milliseconds below or at which `q` percent of the values lie (nearest rank); None when empty.

    Raises `ValueError` when `q` is outside 0 to 100.
    """
    if not 0.0 <= q <= 100.0:
        raise ValueError(f"a percentile is between 0 and 100, got {q}")
    total = sum(buckets.values())
    if total <= 0:
        return None
    rank = max(1, math.ceil(q / 100.0 * total))
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= rank:
            return value_of(bucket)
    raise AssertionError("the ranks of a histogram end at its total")
