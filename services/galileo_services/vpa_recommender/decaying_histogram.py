"""A histogram in which a sample loses half of its weight with each half-life.

Rather than lowering old weights again and again, new samples weigh more: 2^((time − reference) / half-life). Only the
ratio of weights matters, so the reference may move at any time; it does when the exponent would pass 100. Arithmetic:
kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/util/decaying_histogram.go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from galileo_services.vpa_recommender.histogram import Histogram
from galileo_services.vpa_recommender.histogram_options import HistogramOptions

MAX_DECAY_EXPONENT = 100
_YEAR_ONE_S = 62_135_596_800.0
"""Seconds from the year 1 to 1970: references are multiples of the half-life counted from there."""


class DecayingHistogram:
    """Weights by bucket, younger samples heavier. Times are unix seconds."""

    def __init__(self, options: HistogramOptions, *, half_life_s: float) -> None:
        self.half_life_s = half_life_s
        self.reference_s: float | None = None
        """The time at which a sample has its own weight; None before the first."""
        self.histogram = Histogram(options)

    def add(self, value: float, weight: float, at_s: float) -> None:
        """Counts in a value that was measured at `at_s`. Raises `ValueError` for a negative weight."""
        self.histogram.add(value, weight * self._growth(at_s))

    def subtract(self, value: float, weight: float, at_s: float) -> None:
        """Takes out a value that was added with that weight and time. Raises `ValueError` for a negative weight."""
        self.histogram.subtract(value, weight * self._growth(at_s))

    def merge(self, other: DecayingHistogram) -> None:
        """Counts all values of another in; moves the other's reference where that is the older one.

        Raises `ValueError` when its half-life or its buckets are others.
        """
        if other.half_life_s != self.half_life_s:
            raise ValueError(
                f"histograms that decay differently do not add up: {self.half_life_s} s and {other.half_life_s} s"
            )
        if other.reference_s is None:
            return
        if self.reference_s is None or self.reference_s < other.reference_s:
            self._move_reference(other.reference_s)
        elif other.reference_s < self.reference_s:
            other._move_reference(self.reference_s)
        self.histogram.merge(other.histogram)

    @property
    def is_empty(self) -> bool:
        """Whether no bucket has any weight to speak of."""
        return self.histogram.is_empty

    def percentile(self, fraction: float) -> float:
        """The value that `fraction` (0 to 1) of the weight does not exceed; see Histogram."""
        return self.histogram.percentile(fraction)

    def checkpoint(self) -> dict[str, Any]:
        """Plain values to keep; see Histogram. `referenceTimestamp` is in unix seconds."""
        kept = self.histogram.checkpoint()
        if self.reference_s is not None:
            kept["referenceTimestamp"] = self.reference_s
        return kept

    def restore(self, checkpoint: object) -> None:
        """Takes over what `checkpoint` gave, before the first sample. Raises `ValueError`; nothing has changed then."""
        if self.reference_s is not None:
            raise ValueError("a checkpoint is restored before the first sample")
        reference = checkpoint.get("referenceTimestamp") if isinstance(checkpoint, Mapping) else None
        if not isinstance(reference, int | float | None):
            raise ValueError(f"a checkpoint's referenceTimestamp is unix seconds, got {reference!r:.80}")
        self.histogram.restore(checkpoint)
        self.reference_s = None if reference is None else float(reference)

    def _growth(self, at_s: float) -> float:
        """By how much a sample of that time weighs more than one of the reference time."""
        if self.reference_s is None or at_s > self.reference_s + MAX_DECAY_EXPONENT * self.half_life_s:
            self._move_reference(at_s)
        assert self.reference_s is not None
        return math.exp2((at_s - self.reference_s) / self.half_life_s)

    def _move_reference(self, to_s: float) -> None:
        reference_s = self._rounded(to_s)
        if self.reference_s is not None:
            exponent = math.floor((self.reference_s - reference_s) / self.half_life_s + 0.5)
            self.histogram.scale(math.ldexp(1.0, exponent))
        self.reference_s = reference_s

    def _rounded(self, at_s: float) -> float:
        """The nearest multiple of the half-life, a half rounded up."""
        past = math.fmod(at_s + math.fmod(_YEAR_ONE_S, self.half_life_s), self.half_life_s)
        return at_s - past if 2.0 * past < self.half_life_s else at_s - past + self.half_life_s
