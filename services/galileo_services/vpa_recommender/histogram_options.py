"""Into which buckets a histogram sorts its values.

The recommender uses exponential buckets: each is 5 % wider than the one before, so that percentiles of a few millicores
and of many cores are equally exact, with 176 buckets in all. Linear buckets are for quantities of one order of
magnitude. Formulas: kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/util/histogram_options.go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

BUCKET_GROWTH = 0.05
EPSILON = 0.001 * 0.1
"""A bucket of less weight counts as empty: a thousandth of the least weight of a CPU sample."""


class HistogramOptions(Protocol):
    """A scheme of buckets. The last one has no upper end."""

    @property
    def num_buckets(self) -> int:
        """How many there are."""
        ...

    @property
    def epsilon(self) -> float:
        """The weight below which a bucket counts as empty."""
        ...

    def find_bucket(self, value: float) -> int:
        """The bucket of a value; values outside the range belong to the first or the last."""
        ...

    def bucket_start(self, bucket: int) -> float:
        """The least value of a bucket. Raises `ValueError` where there is no such bucket."""
        ...


@dataclass(frozen=True)
class ExponentialBuckets:
    """Bucket n begins at first · (ratio^n − 1) / (ratio − 1). Raises `ValueError` for sizes that make no buckets."""

    max_value: float
    first_bucket_size: float
    ratio: float = 1.0 + BUCKET_GROWTH
    epsilon: float = EPSILON
    num_buckets: int = field(init=False, repr=False)
    _log_ratio: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if min(self.max_value, self.first_bucket_size, self.epsilon, self.ratio - 1.0) <= 0.0:
            raise ValueError(f"exponential buckets need positive sizes and a ratio above 1, got {self}")
        object.__setattr__(self, "_log_ratio", math.log(self.ratio))
        object.__setattr__(self, "num_buckets", math.ceil(self._position(self.max_value)) + 1)

    def find_bucket(self, value: float) -> int:
        """See HistogramOptions."""
        if value < self.first_bucket_size:
            return 0
        return min(int(self._position(value)), self.num_buckets - 1)

    def bucket_start(self, bucket: int) -> float:
        """See HistogramOptions."""
        _check(bucket, self.num_buckets)
        return self.first_bucket_size * (math.pow(self.ratio, bucket) - 1.0) / (self.ratio - 1.0)

    def _position(self, value: float) -> float:
        return math.log(value * (self.ratio - 1.0) / self.first_bucket_size + 1.0) / self._log_ratio


@dataclass(frozen=True)
class LinearBuckets:
    """Bucket n begins at n · size. Raises `ValueError` for sizes that make no buckets."""

    max_value: float
    bucket_size: float
    epsilon: float = EPSILON
    num_buckets: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if min(self.max_value, self.bucket_size, self.epsilon) <= 0.0:
            raise ValueError(f"linear buckets need positive sizes, got {self}")
        object.__setattr__(self, "num_buckets", math.ceil(self.max_value / self.bucket_size) + 1)

    def find_bucket(self, value: float) -> int:
        """See HistogramOptions."""
        return max(0, min(int(value / self.bucket_size), self.num_buckets - 1))

    def bucket_start(self, bucket: int) -> float:
        """See HistogramOptions."""
        _check(bucket, self.num_buckets)
        return bucket * self.bucket_size


def _check(bucket: int, num_buckets: int) -> None:
    if not 0 <= bucket < num_buckets:
        raise ValueError(f"there are buckets 0 to {num_buckets - 1}, not {bucket}")


CPU_BUCKETS = ExponentialBuckets(max_value=1000.0, first_bucket_size=0.01)
"""CPU in cores."""

MEMORY_BUCKETS = ExponentialBuckets(max_value=1e12, first_bucket_size=1e7)
"""Memory in bytes."""
