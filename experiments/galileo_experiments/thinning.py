"""Fewer points for a plot that is bounded, however long the run was: ends and outliers stay, of the rest every n-th."""

from __future__ import annotations

from collections.abc import Sequence

_OUTLIERS_SHARE = 0.25
"""Of the points that are kept: how many may be the largest ones."""

LEAST = 8
"""Fewer points have no room for the ends, the smallest, the largest and some between."""


def thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most `most` of the points (time, value), by time: ends, smallest and largest values, every n-th of the others.

    Raises `ValueError` when `most` is below `LEAST`.
    """
    if most < LEAST:
        raise ValueError(f"expected to keep {LEAST} points or more, got {most}")
    if len(points) <= most:
        return list(points)
    by_value = sorted(range(len(points)), key=lambda index: points[index][1])
    outliers = max(1, min(int(most * _OUTLIERS_SHARE), len(points) // 100))
    kept = {0, len(points) - 1, by_value[0], *by_value[-outliers:]}
    rest = [index for index in range(len(points)) if index not in kept]
    room = most - len(kept)
    kept |= {rest[index * len(rest) // room] for index in range(room)}
    return [points[index] for index in sorted(kept)]
