"""What requests cost follows the function's description."""

import random
import statistics

import pytest
from galileo_emulation.functions.request_work import memory_bytes, request_work_s
from galileo_emulation.specification import FunctionSpec, SpecificationError


def test_without_variation_every_request_costs_the_same() -> None:
    function = FunctionSpec(name="f", image="f", cpu_ms_per_request=20)
    assert {request_work_s(function, random.Random(seed)) for seed in range(5)} == {0.020}


def test_mean_and_variation_are_those_of_the_description() -> None:
    function = FunctionSpec(name="f", image="f", cpu_ms_per_request=50, cpu_variation=0.4)
    rng = random.Random(1)
    works = [request_work_s(function, rng) for _ in range(20_000)]
    assert statistics.mean(works) == pytest.approx(0.050, rel=0.02)
    assert statistics.stdev(works) / statistics.mean(works) == pytest.approx(0.4, rel=0.05)


def test_the_same_seed_gives_the_same_work() -> None:
    function = FunctionSpec(name="f", image="f", cpu_ms_per_request=50, cpu_variation=1.0)
    one, other = random.Random(7), random.Random(7)
    assert [request_work_s(function, one) for _ in range(9)] == [request_work_s(function, other) for _ in range(9)]


def test_memory_grows_with_the_requests_in_hand() -> None:
    function = FunctionSpec(name="f", image="f", cpu_ms_per_request=1, memory_bytes=1000, memory_bytes_per_request=10)
    assert [memory_bytes(function, in_flight=count) for count in (0, 1, 5)] == [1000, 1010, 1050]


def test_a_negative_cost_is_refused_with_its_name() -> None:
    with pytest.raises(SpecificationError, match=r"function 'f': cpu_ms_per_request is -1, expected 0 or more"):
        FunctionSpec(name="f", image="f", cpu_ms_per_request=-1)
