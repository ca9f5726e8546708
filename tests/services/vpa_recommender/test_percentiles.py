"""A histogram's percentiles against a plain computation over all samples."""

from __future__ import annotations

import itertools
import math

import pytest
from galileo_services.vpa_recommender.decaying_histogram import DecayingHistogram
from galileo_services.vpa_recommender.histogram import Histogram
from galileo_services.vpa_recommender.histogram_options import CPU_BUCKETS, MEMORY_BUCKETS, ExponentialBuckets
from hypothesis import given
from hypothesis import strategies as st

HALF_LIFE_S = 3600.0
DAY_S = 86_400.0
NOW = 1_700_000_000.0

cores = st.floats(min_value=0.0, max_value=900.0)
weights = st.floats(min_value=0.1, max_value=64.0)
fractions = st.floats(min_value=0.01, max_value=1.0)
ages_s = st.floats(min_value=0.0, max_value=20 * HALF_LIFE_S)


def plain_percentile(samples: list[tuple[float, float]], fraction: float) -> float:
    """The least value that weight enough does not exceed, of samples (value, weight)."""
    ordered = sorted(samples)
    total = math.fsum(weight for _, weight in ordered)
    reached = itertools.accumulate(weight for _, weight in ordered)
    for (value, _), sum_so_far in zip(ordered, reached, strict=True):
        if sum_so_far >= fraction * total * (1 - 1e-12):
            return value
    return ordered[-1][0]


def end_of_bucket(value: float) -> float:
    return CPU_BUCKETS.bucket_start(CPU_BUCKETS.find_bucket(value) + 1)


def near_a_step(samples: list[tuple[float, float]], fraction: float) -> bool:
    """Whether rounding decides to which sample the percentile belongs."""
    ordered = sorted(samples)
    total = math.fsum(weight for _, weight in ordered)
    sums = itertools.accumulate(weight for _, weight in ordered)
    return any(abs(reached - fraction * total) <= 1e-9 * total for reached in sums)


@given(st.lists(st.tuples(cores, weights), min_size=1, max_size=60), fractions)
def test_a_percentile_is_the_end_of_the_bucket_of_the_exact_one(
    samples: list[tuple[float, float]], fraction: float
) -> None:
    histogram = Histogram(CPU_BUCKETS)
    for value, weight in samples:
        histogram.add(value, weight)
    if not near_a_step(samples, fraction):
        assert histogram.percentile(fraction) == end_of_bucket(plain_percentile(samples, fraction))


@given(st.lists(st.tuples(cores, ages_s), min_size=1, max_size=60), fractions)
def test_with_decay_a_sample_weighs_by_its_age(samples: list[tuple[float, float]], fraction: float) -> None:
    histogram = DecayingHistogram(CPU_BUCKETS, half_life_s=HALF_LIFE_S)
    for value, age_s in sorted(samples, key=lambda sample: -sample[1]):
        histogram.add(value, 1.0, NOW - age_s)
    weighed = [(value, 2.0 ** (-age_s / HALF_LIFE_S)) for value, age_s in samples]
    if not near_a_step(weighed, fraction):
        assert histogram.percentile(fraction) == end_of_bucket(plain_percentile(weighed, fraction))


@given(st.lists(st.tuples(cores, weights), max_size=30), st.lists(st.tuples(cores, weights), max_size=30))
def test_what_is_taken_out_again_leaves_no_trace(
    kept: list[tuple[float, float]], passing: list[tuple[float, float]]
) -> None:
    histogram, expected = Histogram(CPU_BUCKETS), Histogram(CPU_BUCKETS)
    for value, weight in kept:
        histogram.add(value, weight)
        expected.add(value, weight)
    for value, weight in passing:
        histogram.add(value, weight)
    for value, weight in passing:
        histogram.subtract(value, weight)
    assert histogram.is_empty is expected.is_empty
    assert histogram.total_weight == pytest.approx(expected.total_weight, abs=1e-3)
    assert histogram.percentile(1.0) == expected.percentile(1.0)


@given(st.lists(st.tuples(cores, weights), min_size=1, max_size=60))
def test_a_checkpoint_keeps_percentiles_within_its_grain(samples: list[tuple[float, float]]) -> None:
    histogram, restored = Histogram(CPU_BUCKETS), Histogram(CPU_BUCKETS)
    for value, weight in samples:
        histogram.add(value, weight)
    restored.restore(histogram.checkpoint())
    assert restored.total_weight == pytest.approx(histogram.total_weight)
    assert restored.percentile(1.0) == histogram.percentile(1.0)
    for bucket, weight in enumerate(histogram.weights):
        assert restored.weights[bucket] == pytest.approx(weight, abs=max(histogram.weights) / 1000)


def test_both_resources_have_176_buckets() -> None:
    assert (CPU_BUCKETS.num_buckets, MEMORY_BUCKETS.num_buckets) == (176, 176)


def test_the_last_bucket_has_no_end() -> None:
    histogram = Histogram(CPU_BUCKETS)
    histogram.add(1e6, 1.0)
    assert histogram.percentile(1.0) == CPU_BUCKETS.bucket_start(175)


@pytest.mark.parametrize("sizes", [(0.0, 0.01, 1.05), (1000.0, 0.0, 1.05), (1000.0, 0.01, 1.0)])
def test_sizes_that_make_no_buckets_are_refused(sizes: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="positive sizes"):
        ExponentialBuckets(*sizes)


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        Histogram(CPU_BUCKETS).add(1.0, -1.0)


def test_other_buckets_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="different buckets"):
        Histogram(CPU_BUCKETS).merge(Histogram(MEMORY_BUCKETS))
