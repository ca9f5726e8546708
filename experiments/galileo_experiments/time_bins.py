"""Requests in bins of time: what the plots over time are drawn from."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from galileo_experiments.recorded_run import UNKNOWN_ZONE, Request

FEWEST = 3
"""A bin with fewer answers has no percentile worth a point."""


@dataclass(frozen=True, slots=True)
class PercentileLine:
    """Points of a line: the bins' middles in seconds, and percentiles in milliseconds; NaN breaks the line."""

    t_s: list[float]
    p50_ms: list[float]
    p95_ms: list[float]


def bin_width_s(measured_s: float) -> float:
    """1 s up to a minute, 2 s up to four, then a 120th of the run."""
    if measured_s <= 60:
        return 1.0
    return 2.0 if measured_s <= 240 else measured_s / 120.0


def percentile_lines(requests: Iterable[Request], *, width_s: float) -> dict[str, PercentileLine]:
    """By client zone, from the requests that succeeded, binned by when they were sent."""
    binned: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for request in requests:
        if request.succeeded:
            binned[request.client_zone][int(request.sent_s // width_s)].append(request.response_ms)
    return {zone: _line(bins, width_s) for zone, bins in sorted(binned.items())}


def served_rates(requests: Iterable[Request], *, measured_s: float, width_s: float) -> dict[str, list[float]]:
    """Answers a second by serving zone, one value per bin from 0 on."""
    bins = max(1, int(np.ceil(measured_s / width_s)))
    counts: Counter[tuple[str, int]] = Counter()
    for request in requests:
        index = int(request.sent_s // width_s)
        if request.succeeded and 0 <= index < bins:
            counts[request.served_zone or UNKNOWN_ZONE, index] += 1
    zones = sorted({zone for zone, _index in counts})
    return {zone: [counts[zone, index] / width_s for index in range(bins)] for zone in zones}


def broken_at_gaps(t_s: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """The same points with a NaN where nothing was measured for three times the usual while, so that a line breaks."""
    if len(t_s) < 3:
        return list(t_s), list(values)
    longest_s = 3 * statistics.median(later - earlier for earlier, later in itertools.pairwise(t_s))
    times, points = [t_s[0]], [values[0]]
    for earlier, later, value in zip(t_s, t_s[1:], values[1:], strict=False):
        if later - earlier > longest_s:
            times.append((earlier + later) / 2)
            points.append(math.nan)
        times.append(later)
        points.append(value)
    return times, points


def _line(bins: dict[int, list[float]], width_s: float) -> PercentileLine:
    full = {index: values for index, values in sorted(bins.items()) if len(values) >= FEWEST}
    percentiles = [np.percentile(values, [50, 95]) for values in full.values()]
    middles = [(index + 0.5) * width_s for index in full]
    times, p50_ms = broken_at_gaps(middles, [float(pair[0]) for pair in percentiles])
    _times, p95_ms = broken_at_gaps(middles, [float(pair[1]) for pair in percentiles])
    return PercentileLine(t_s=times, p50_ms=p50_ms, p95_ms=p95_ms)
