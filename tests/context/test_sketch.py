"""The histogram in logarithmic buckets: how exact it is, and that merging is adding."""

import math

import pytest
from galileo_context import sketch
from hypothesis import given
from hypothesis import strategies as st

durations_ms = st.floats(min_value=sketch.FLOOR_MS * 1.001, max_value=1e8)


@given(durations_ms)
def test_a_bucket_stands_for_its_values_within_one_percent(value_ms: float) -> None:
    found = sketch.value_of(sketch.bucket_of(value_ms))
    assert abs(found - value_ms) <= 0.01 * value_ms


@given(durations_ms, durations_ms)
def test_a_larger_value_is_never_in_a_lower_bucket(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert sketch.bucket_of(low) <= sketch.bucket_of(high)


@pytest.mark.parametrize("value_ms", [sketch.FLOOR_MS, 0.001, 0.0, -5.0])
def test_what_is_too_short_to_tell_shares_the_lowest_bucket(value_ms: float) -> None:
    assert sketch.bucket_of(value_ms) == sketch.LOWEST_BUCKET
    assert sketch.value_of(sketch.LOWEST_BUCKET) == sketch.FLOOR_MS


@pytest.mark.parametrize("value_ms", [math.nan, math.inf, -math.inf])
def test_a_duration_without_end_is_refused(value_ms: float) -> None:
    with pytest.raises(ValueError, match="finite number of milliseconds"):
        sketch.bucket_of(value_ms)


@given(st.lists(durations_ms, min_size=1, max_size=60), st.floats(min_value=0, max_value=100))
def test_a_percentile_is_within_one_percent_of_the_value_of_that_rank(values: list[float], q: float) -> None:
    buckets: sketch.Buckets = {}
    for value in values:
        sketch.add(buckets, value)
    exact = sorted(values)[max(1, math.ceil(q / 100 * len(values))) - 1]
    found = sketch.percentile(buckets, q)
    assert found is not None
    assert abs(found - exact) <= 0.01 * exact


@given(st.lists(durations_ms, max_size=30), st.lists(durations_ms, max_size=30))
def test_merging_two_windows_is_counting_all_their_values(first: list[float], second: list[float]) -> None:
    merged, other, together = sketch.Buckets(), sketch.Buckets(), sketch.Buckets()
    for value in first:
        sketch.add(merged, value)
    for value in second:
        sketch.add(other, value)
    for value in first + second:
        sketch.add(together, value)
    sketch.merge(merged, other)
    assert merged == together


def test_without_values_there_is_no_percentile() -> None:
    assert sketch.percentile({}, 90) is None
    assert sketch.percentile({10: 0}, 90) is None


@pytest.mark.parametrize("q", [-0.1, 100.1, math.nan])
def test_a_percentile_outside_its_range_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        sketch.percentile({1: 1}, q)
