"""One memory peak per interval goes into the aggregate; kills for want of memory count as more than was there."""

from __future__ import annotations

import pytest
from galileo_services.vpa_recommender.aggregate_state import AggregateState, AggregationParameters
from galileo_services.vpa_recommender.container_state import ContainerState
from galileo_services.vpa_recommender.histogram_options import MEMORY_BUCKETS

INTERVAL_S = 3600.0
START = 1_700_000_000.0
MIB = 1024 * 1024
PARAMETERS = AggregationParameters(memory_interval_s=INTERVAL_S, memory_half_life_s=1e12)
"""A half-life so long that weights are plain counts."""


@pytest.fixture
def aggregate() -> AggregateState:
    return AggregateState(PARAMETERS, created_s=START)


@pytest.fixture
def container(aggregate: AggregateState) -> ContainerState:
    return ContainerState(aggregate, PARAMETERS)


def at(intervals: float) -> float:
    return START + intervals * INTERVAL_S


def peaks(aggregate: AggregateState) -> dict[int, int]:
    """How many peaks each bucket holds."""
    # All weights carry the same factor: times are next to each other compared with the half-life.
    weights = aggregate.memory_bytes.histogram.weights
    one = 2.0 ** ((START - (aggregate.memory_bytes.reference_s or 0.0)) / PARAMETERS.memory_half_life_s)
    return {bucket: round(weight / one) for bucket, weight in enumerate(weights) if weight}


def buckets(*mib: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for amount in mib:
        bucket = MEMORY_BUCKETS.find_bucket(amount * MIB)
        found[bucket] = found.get(bucket, 0) + 1
    return found


def test_the_largest_amount_of_an_interval_is_its_peak(aggregate: AggregateState, container: ContainerState) -> None:
    for part, mib in ((0.0, 100), (0.2, 300), (0.4, 200), (0.9, 250)):
        assert container.add_memory_sample(mib * MIB, at_s=at(part))
    assert peaks(aggregate) == buckets(300)


def test_each_interval_has_a_peak_of_its_own(aggregate: AggregateState, container: ContainerState) -> None:
    for part, mib in ((0.0, 300), (0.5, 400), (1.0, 100), (1.5, 150), (2.1, 50)):
        container.add_memory_sample(mib * MIB, at_s=at(part))
    assert peaks(aggregate) == buckets(400, 150, 50)


def test_the_first_sample_begins_the_grid_of_intervals(container: ContainerState) -> None:
    container.add_memory_sample(MIB, at_s=at(0.0))
    assert container.window_end_s == at(1.0)


@pytest.mark.parametrize(
    ("later", "window_end"), [(0.5, 1.0), (0.999, 1.0), (1.0, 2.0), (1.5, 2.0), (2.0, 3.0), (7.3, 8.0), (100.0, 101.0)]
)
def test_after_a_gap_the_window_ends_on_the_grid(container: ContainerState, later: float, window_end: float) -> None:
    container.add_memory_sample(MIB, at_s=at(0.0))
    container.add_memory_sample(MIB, at_s=at(later))
    assert container.window_end_s == pytest.approx(at(window_end))


def test_a_sample_off_the_grid_after_a_gap_shares_its_window_with_what_follows(
    aggregate: AggregateState, container: ContainerState
) -> None:
    """Samples at 0 and 1.5 intervals give a window until 2: one at 1.9 corrects its peak, one at 2.1 makes the next."""
    for part, mib in ((0.0, 100), (1.5, 200), (1.9, 400), (2.1, 300)):
        container.add_memory_sample(mib * MIB, at_s=at(part))
    assert peaks(aggregate) == buckets(100, 400, 300)
    assert container.window_end_s == at(3.0)


def test_a_sample_that_is_older_than_the_last_is_not_taken(
    aggregate: AggregateState, container: ContainerState
) -> None:
    container.add_memory_sample(100 * MIB, at_s=at(0.5))
    assert not container.add_memory_sample(900 * MIB, at_s=at(0.4))
    assert not container.add_memory_sample(-1, at_s=at(0.6))
    assert container.add_memory_sample(200 * MIB, at_s=at(0.5))
    assert peaks(aggregate) == buckets(200)


def test_containers_add_their_peaks_to_the_same_aggregate(aggregate: AggregateState) -> None:
    for mib in (100, 200, 400):
        ContainerState(aggregate, PARAMETERS).add_memory_sample(mib * MIB, at_s=at(0.0))
    assert peaks(aggregate) == buckets(100, 200, 400)


# ------------------------------------------------------------ kills


def test_a_kill_counts_as_a_fifth_more_than_was_requested(aggregate: AggregateState, container: ContainerState) -> None:
    assert container.record_oom(1000 * MIB, at_s=at(0.0))
    assert peaks(aggregate) == buckets(1200)


def test_a_kill_of_a_small_container_counts_as_100_mib_more(
    aggregate: AggregateState, container: ContainerState
) -> None:
    assert container.record_oom(100 * MIB, at_s=at(0.0))
    assert peaks(aggregate) == buckets(200)


def test_a_kill_counts_from_what_was_used_where_that_is_more(
    aggregate: AggregateState, container: ContainerState
) -> None:
    container.add_memory_sample(2000 * MIB, at_s=at(0.0))
    assert container.record_oom(1000 * MIB, at_s=at(0.1))
    assert peaks(aggregate) == buckets(2400)


def test_a_second_kill_does_not_count_from_the_first_ones_guess(
    aggregate: AggregateState, container: ContainerState
) -> None:
    container.record_oom(1000 * MIB, at_s=at(0.0))
    container.record_oom(1000 * MIB, at_s=at(0.1))
    assert peaks(aggregate) == buckets(1200)


def test_a_kill_after_the_request_was_raised_counts_from_the_new_one(
    aggregate: AggregateState, container: ContainerState
) -> None:
    container.record_oom(1000 * MIB, at_s=at(0.0))
    container.record_oom(1200 * MIB, at_s=at(0.1))
    assert peaks(aggregate) == buckets(1440)


def test_use_after_a_kill_counts_only_above_the_guess(aggregate: AggregateState, container: ContainerState) -> None:
    container.record_oom(1000 * MIB, at_s=at(0.0))
    container.add_memory_sample(1100 * MIB, at_s=at(0.1))
    assert peaks(aggregate) == buckets(1200)
    container.add_memory_sample(1300 * MIB, at_s=at(0.2))
    assert peaks(aggregate) == buckets(1300)


@pytest.mark.parametrize(("intervals_ago", "counts"), [(0.5, True), (1.0, True), (1.01, False), (30.0, False)])
def test_a_kill_counts_unless_it_is_an_interval_older_than_the_last_sample(
    container: ContainerState, intervals_ago: float, counts: bool
) -> None:
    container.add_memory_sample(100 * MIB, at_s=at(50.0))
    assert container.record_oom(1000 * MIB, at_s=at(50.0 - intervals_ago)) is counts


def test_the_bump_is_a_setting() -> None:
    parameters = AggregationParameters(
        memory_interval_s=INTERVAL_S, memory_half_life_s=1e12, oom_bump_up_ratio=2.0, oom_min_bump_up_bytes=1.0
    )
    aggregate = AggregateState(parameters, created_s=START)
    ContainerState(aggregate, parameters).record_oom(100 * MIB, at_s=at(0.0))
    assert peaks(aggregate) == buckets(200)
