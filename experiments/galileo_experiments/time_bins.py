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
    p99_ms: list[float]


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
    by_zone: dict[str, list[Request]] = defaultdict(list)
    for request in requests:
        if request.succeeded:
            by_zone[request.served_zone or UNKNOWN_ZONE].append(request)
    return {
        zone: sent_rates(answered, measured_s=measured_s, width_s=width_s) for zone, answered in sorted(by_zone.items())
    }


def failed_rates(requests: Iterable[Request], *, measured_s: float, width_s: float) -> list[float]:
    """Requests a second that failed, by when they were sent."""
    failed = (request for request in requests if not request.succeeded)
    return sent_rates(failed, measured_s=measured_s, width_s=width_s)


def sent_rates(requests: Iterable[Request], *, measured_s: float, width_s: float) -> list[float]:
    """Requests a second, one value per bin from 0 on; the last bin takes the rest of the run, half a width or more."""
    bins = max(1, round(measured_s / width_s))
    counts = Counter(min(int(request.sent_s // width_s), bins - 1) for request in requests)
    last_s = max(measured_s - (bins - 1) * width_s, width_s / 2)
    return [counts[index] / (width_s if index < bins - 1 else last_s) for index in range(bins)]


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
    middles = [(index + 0.5) * width_s for index in full]
    times, _ = broken_at_gaps(middles, middles)
    found = [np.percentile(values, [50, 95, 99]) for values in full.values()]
    p50_ms, p95_ms, p99_ms = (broken_at_gaps(middles, [float(row[place]) for row in found])[1] for place in range(3))
    return PercentileLine(t_s=times, p50_ms=p50_ms, p95_ms=p95_ms, p99_ms=p99_ms)
