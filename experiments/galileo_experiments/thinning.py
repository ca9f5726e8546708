"""Fewer points for a plot that is bounded, however long the run was: outliers stay, of the rest every n-th."""

from __future__ import annotations

from collections.abc import Sequence

_OUTLIERS_SHARE = 0.25
"""Of the points that are kept: how many may be the largest ones."""


def thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most `most` of the points (time, value), by time: the largest values, and every n-th of the others."""
    if len(points) <= most:
        return list(points)
    outliers = min(int(most * _OUTLIERS_SHARE), len(points) // 100)
    by_value = sorted(range(len(points)), key=lambda index: points[index][1])
    kept = set(by_value[len(points) - outliers :]) if outliers else set()
    rest = [index for index in range(len(points)) if index not in kept]
    step = len(rest) / (most - len(kept))
    kept |= {rest[int(index * step)] for index in range(most - len(kept))}
    return [points[index] for index in sorted(kept)]
