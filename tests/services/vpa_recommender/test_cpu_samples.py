"""Which CPU samples count, and how much."""

from __future__ import annotations

import pytest
from galileo_services.vpa_recommender.aggregate_state import AggregateState, AggregationParameters, CpuSampleWeight
from galileo_services.vpa_recommender.container_state import ContainerState

START = 1_700_006_400.0
"""A multiple of the half-life, so that weights are those of the samples."""


def states(weight: CpuSampleWeight = "constant") -> tuple[AggregateState, ContainerState]:
    parameters = AggregationParameters(cpu_sample_weight=weight)
    aggregate = AggregateState(parameters, created_s=START)
    return aggregate, ContainerState(aggregate, parameters)


def test_doubled_late_and_negative_samples_are_not_taken() -> None:
    aggregate, container = states()
    assert container.add_cpu_sample(100, at_s=START)
    assert not container.add_cpu_sample(100, at_s=START)
    assert not container.add_cpu_sample(100, at_s=START - 1)
    assert not container.add_cpu_sample(-1, at_s=START + 1)
    assert container.add_cpu_sample(0, at_s=START + 2)
    assert (aggregate.samples, aggregate.first_sample_s, aggregate.last_sample_s) == (2, START, START + 2)


def test_two_containers_of_a_function_may_give_samples_of_the_same_time() -> None:
    parameters = AggregationParameters()
    aggregate = AggregateState(parameters, created_s=START)
    for _ in range(2):
        assert ContainerState(aggregate, parameters).add_cpu_sample(100, at_s=START)
    assert aggregate.samples == 2


@pytest.mark.parametrize(
    ("weight", "requested", "expected"),
    [("constant", 4000, 0.1), ("constant", 0, 0.1), ("request", 4000, 4.0), ("request", 50, 0.1), ("request", 0, 0.1)],
)
def test_a_sample_weighs_as_its_setting_says(weight: CpuSampleWeight, requested: int, expected: float) -> None:
    aggregate, container = states(weight)
    container.add_cpu_sample(100, at_s=START, request_millicores=requested)
    factor = 2.0 ** ((START - (aggregate.cpu_cores.reference_s or 0.0)) / 86_400.0)
    assert aggregate.cpu_cores.histogram.total_weight == pytest.approx(expected * factor)


def test_by_request_a_container_that_got_more_is_believed_more() -> None:
    """Nine samples at a request of one core, one at ten cores: it outweighs them."""
    aggregate, container = states("request")
    for second in range(9):
        container.add_cpu_sample(1000, at_s=START + second, request_millicores=1000)
    container.add_cpu_sample(5000, at_s=START + 9, request_millicores=10_000)
    assert aggregate.cpu_cores.percentile(0.5) > 5.0


def test_aggregates_merge_with_their_times_and_counts() -> None:
    first, container = states()
    container.add_cpu_sample(100, at_s=START)
    second, container = states()
    container.add_cpu_sample(900, at_s=START + 60)
    container.add_memory_sample(10**9, at_s=START + 60)
    first.merge(second)
    assert (first.samples, first.first_sample_s, first.last_sample_s) == (2, START, START + 60)
    assert first.cpu_cores.percentile(1.0) > 0.9
    assert not first.memory_bytes.is_empty


def test_a_history_without_news_for_eight_intervals_is_expired() -> None:
    aggregate, container = states()
    assert not aggregate.is_expired(START + 8 * 86_400 - 1)
    assert aggregate.is_expired(START + 8 * 86_400)
    container.add_cpu_sample(100, at_s=START + 86_400)
    assert not aggregate.is_expired(START + 8 * 86_400)
    assert aggregate.is_expired(START + 9 * 86_400)
