"""A histogram of weighted samples: what share of the time a container used how much.

    add, subtract -> weight of the value's bucket -> percentile -> the end of the bucket in which it lies

It forgets nothing by itself; `decaying_histogram` does. The arithmetic is that of kubernetes/autoscaler,
vertical-pod-autoscaler/pkg/recommender/util/histogram.go, to the last bit where that matters: sums run from the first
bucket to the last, and a bucket below epsilon is empty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from galileo_services.vpa_recommender.histogram_options import HistogramOptions

MAX_CHECKPOINT_WEIGHT = 10_000
_SAME_WEIGHT = 1e-15


class Histogram:
    """Weights by bucket. Plain state: every change is a call."""

    def __init__(self, options: HistogramOptions) -> None:
        self.options = options
        self.weights = [0.0] * options.num_buckets
        self.total_weight = 0.0
        self._min_bucket = options.num_buckets - 1
        self._max_bucket = 0

    def add(self, value: float, weight: float) -> None:
        """Counts a value in. Raises `ValueError` for a negative weight."""
        bucket = self._bucket(value, weight)
        self.weights[bucket] += weight
        self.total_weight += weight
        if self.weights[bucket] >= self.options.epsilon:
            self._min_bucket = min(self._min_bucket, bucket)
            self._max_bucket = max(self._max_bucket, bucket)

    def subtract(self, value: float, weight: float) -> None:
        """Takes a value out that was added with that weight. Raises `ValueError` for a negative weight."""
        bucket = self._bucket(value, weight)
        self.weights[bucket] = self._left(self.weights[bucket], weight)
        self.total_weight = self._left(self.total_weight, weight)
        self._narrow()

    def merge(self, other: Histogram) -> None:
        """Counts all values of another histogram in. Raises `ValueError` when its buckets are others."""
        if other.options != self.options:
            raise ValueError(f"histograms with different buckets do not add up: {self.options} and {other.options}")
        for bucket in range(other._min_bucket, other._max_bucket + 1):
            self.weights[bucket] += other.weights[bucket]
        self.total_weight += other.total_weight
        self._min_bucket = min(self._min_bucket, other._min_bucket)
        self._max_bucket = max(self._max_bucket, other._max_bucket)

    def scale(self, factor: float) -> None:
        """Multiplies all weights. Raises `ValueError` for a negative factor."""
        if factor < 0.0:
            raise ValueError(f"weights are scaled by a factor of at least 0, got {factor}")
        self.weights = [weight * factor for weight in self.weights]
        self.total_weight *= factor
        self._narrow()

    @property
    def is_empty(self) -> bool:
        """Whether no bucket has any weight to speak of."""
        return self.weights[self._min_bucket] < self.options.epsilon

    def percentile(self, fraction: float) -> float:
        """The value that `fraction` (0 to 1) of the weight does not exceed: the end of its bucket. 0 when empty.

        The last bucket has no end and answers with its start.
        """
        if self.is_empty:
            return 0.0
        threshold = fraction * self.total_weight
        weights, last = self.weights, self._max_bucket
        partial = 0.0
        bucket = self._min_bucket
        while bucket < last:
            partial += weights[bucket]
            if partial >= threshold:
                break
            bucket += 1
        return self.options.bucket_start(min(bucket + 1, self.options.num_buckets - 1))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        span = self._min_bucket, self._max_bucket
        return (
            self.options == other.options
            and span == (other._min_bucket, other._max_bucket)
            and all(abs(self.weights[at] - other.weights[at]) <= _SAME_WEIGHT for at in range(span[0], span[1] + 1))
        )

    def checkpoint(self) -> dict[str, Any]:
        """Plain values to keep: the buckets' weights as whole numbers, the largest 10,000, and their true sum.

        The names are those of a VerticalPodAutoscalerCheckpoint. Buckets of less than half a unit are left out.
        """
        buckets = range(self._min_bucket, self._max_bucket + 1)
        largest = max((self.weights[bucket] for bucket in buckets), default=0.0)
        kept: dict[int, int] = {}
        for bucket in buckets if largest > 0.0 else ():
            units = math.floor(self.weights[bucket] * (MAX_CHECKPOINT_WEIGHT / largest) + 0.5)
            if units > 0:
                kept[bucket] = units
        return {"totalWeight": self.total_weight, "bucketWeights": kept}

    def restore(self, checkpoint: object) -> None:
        """Counts in what `checkpoint` gave; bucket numbers may be text, as JSON has them.

        Raises `ValueError` that says what is wrong with it; nothing has changed then.
        """
        total, units = _read_checkpoint(checkpoint, self.options.num_buckets)
        in_all = sum(units.values())
        if in_all == 0:
            return
        for bucket, count in units.items():
            self.weights[bucket] += count * (total / in_all)
            self._min_bucket = min(self._min_bucket, bucket)
            self._max_bucket = max(self._max_bucket, bucket)
        self.total_weight += total
        self._narrow()  # a bucket that was worth a unit may be below epsilon

    def _bucket(self, value: float, weight: float) -> int:
        if weight < 0.0:
            raise ValueError(f"a sample weighs at least 0, got {weight}")
        return self.options.find_bucket(value)

    def _left(self, value: float, subtracted: float) -> float:
        rest = value - subtracted
        return rest if rest >= self.options.epsilon else 0.0

    def _narrow(self) -> None:
        """After any change that lowers weights: the first and the last bucket that are not empty."""
        epsilon, last = self.options.epsilon, self.options.num_buckets - 1
        while self.weights[self._min_bucket] < epsilon and self._min_bucket < last:
            self._min_bucket += 1
        while self.weights[self._max_bucket] < epsilon and self._max_bucket > 0:
            self._max_bucket -= 1


def _read_checkpoint(checkpoint: object, num_buckets: int) -> tuple[float, dict[int, int]]:
    if not isinstance(checkpoint, Mapping):
        raise ValueError(f"a histogram's checkpoint has totalWeight and bucketWeights, got {checkpoint!r:.80}")
    try:
        total = float(checkpoint.get("totalWeight", 0.0))
        units = {int(bucket): int(count) for bucket, count in checkpoint.get("bucketWeights", {}).items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"a histogram's checkpoint has numbers in totalWeight and bucketWeights: {error}") from None
    if not 0.0 <= total < math.inf:
        raise ValueError(f"a histogram's checkpoint has a totalWeight of at least 0, got {total}")
    for bucket, count in units.items():
        if not 0 <= bucket < num_buckets or count < 0:
            raise ValueError(
                f"a histogram's checkpoint has weights in buckets 0 to {num_buckets - 1}: {bucket}: {count}"
            )
    return total, units
