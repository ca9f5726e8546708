"""When the requests of an open-loop client are due.

A client that waits a while after each request falls behind by whatever each turn costs, and a slow answer slows it
down just when load matters. Here every due time is computed from the rate curve alone, as an offset from the start, so
no error adds up and nothing the system does can move it.

Both kinds of arrivals come from one rule: with R(t) the integral of the rate from 0 to t, the k-th request is due when
R(t) reaches the k-th mark. Constant arrivals have the marks 1, 2, 3, …; for Poisson arrivals the marks are a Poisson
process of rate 1, that is, sums of exponential variates (time change of an inhomogeneous Poisson process: Çınlar,
"Introduction to Stochastic Processes", 1975, 4.7).
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

ArrivalKind = Literal["constant", "poisson"]

# R(t) is a sum of products of floats: a request due at the very end of a curve must not be lost to their rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time over which the rate goes linearly from `from_rps` to `to_rps` (requests per second).

    `duration_s` may be infinite if the rate is constant. Raises ValueError for what is no stretch or no rate.
    """

    duration_s: float
    from_rps: float
    to_rps: float

    def __post_init__(self) -> None:
        if not self.duration_s > 0:
            raise ValueError(f"a segment of {self.duration_s} s; expected a duration above 0")
        for rate in (self.from_rps, self.to_rps):
            if not (rate >= 0 and math.isfinite(rate)):
                raise ValueError(f"a rate of {rate} requests/s; expected a number of 0 or more")
        if math.isinf(self.duration_s) and self.from_rps != self.to_rps:
            raise ValueError("a segment without end changes its rate; expected a constant one")

    @property
    def requests(self) -> float:
        """The integral of the rate over the segment."""
        if self.from_rps == self.to_rps == 0:
            return 0.0
        return (self.from_rps + self.to_rps) / 2 * self.duration_s

    def offset_s(self, requests: float) -> float:
        """How far into the segment the integral of its rate reaches `requests` (at most `self.requests`)."""
        if requests <= 0:
            return 0.0
        # r·x + s·x²/2 = n has the root x = 2n / (r + √(r² + 2sn)), in the form that stays exact for small s.
        slope = (self.to_rps - self.from_rps) / self.duration_s
        root = math.sqrt(max(self.from_rps * self.from_rps + 2 * slope * requests, 0.0))
        return min(2 * requests / (self.from_rps + root), self.duration_s)


def constant_rate(rps: float, duration_s: float = math.inf) -> list[Segment]:
    """One rate for the whole time."""
    return [Segment(duration_s, rps, rps)]


def steps(rates: Iterable[tuple[float, float]]) -> list[Segment]:
    """A rate curve from (duration in s, requests/s) pairs, each rate being held for its duration."""
    return [Segment(duration_s, rps, rps) for duration_s, rps in rates]


def ramps(points: Sequence[tuple[float, float]]) -> list[Segment]:
    """A rate curve through (time in s, requests/s) points, linear between them. The first time must be 0."""
    if not points or points[0][0] != 0:
        raise ValueError(f"the points of a rate curve begin with {points[:1]}; expected one at time 0")
    return [Segment(end - begin, rps, next_rps) for (begin, rps), (end, next_rps) in itertools.pairwise(points)]


def due_offsets_s(curve: Sequence[Segment], kind: ArrivalKind, rng: random.Random) -> Iterator[float]:
    """When each request is due, in seconds from the start, ascending.

    `rng` is used for Poisson arrivals only. Raises ValueError for an unknown kind of arrivals.
    """
    if kind not in ("constant", "poisson"):
        raise ValueError(f"arrivals {kind!r}; expected constant or poisson")
    marks = map(float, itertools.count(1)) if kind == "constant" else _poisson_marks(rng)
    return _offsets_s(curve, marks)


def _poisson_marks(rng: random.Random) -> Iterator[float]:
    return itertools.accumulate(rng.expovariate(1.0) for _ in itertools.repeat(None))


def _offsets_s(curve: Sequence[Segment], marks: Iterator[float]) -> Iterator[float]:
    begin_s, reached = 0.0, 0.0
    mark = next(marks)
    for segment in curve:
        end = reached + segment.requests
        while end > reached and mark <= end * (1 + _ROUNDING):
            yield begin_s + segment.offset_s(mark - reached)
            mark = next(marks)
        begin_s += segment.duration_s
        reached = end
