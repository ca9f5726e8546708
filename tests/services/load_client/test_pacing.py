"""When requests are due."""

from __future__ import annotations

import functools
import itertools
import math
import operator
import random
import statistics

import pytest
from galileo_services.load_client.pacing import ArrivalKind, Segment, constant_rate, due_offsets_s, ramps, steps
from hypothesis import given
from hypothesis import strategies as st


def due(curve: list[Segment], kind: ArrivalKind = "constant", seed: int = 1) -> list[float]:
    return list(due_offsets_s(curve, kind, random.Random(seed)))


def reached(curve: list[Segment], time_s: float) -> float:
    """The integral of the rate up to a time, computed piece by piece."""
    total = 0.0
    for segment in curve:
        x = min(max(time_s, 0.0), segment.duration_s)
        slope = (segment.to_rps - segment.from_rps) / segment.duration_s
        total += segment.from_rps * x + slope * x * x / 2
        time_s -= segment.duration_s
    return total


def test_at_a_constant_rate_the_distances_are_equal() -> None:
    assert due(constant_rate(4, 1.5)) == [0.25, 0.5, 0.75, 1.0, 1.25, 1.5]


def test_the_millionth_request_is_due_as_exactly_as_the_first() -> None:
    offsets = due_offsets_s(constant_rate(0.1), "constant", random.Random(1))
    assert next(itertools.islice(offsets, 999_999, None)) == pytest.approx(10_000_000, rel=1e-15)


def test_a_rate_of_0_sends_nothing_and_time_goes_on() -> None:
    assert due(constant_rate(0)) == []
    assert due(steps([(1, 2), (10, 0), (1, 2)])) == [0.5, 1.0, 11.5, 12.0]


def test_a_part_of_a_request_carries_over_to_the_next_rate() -> None:
    assert due(steps([(1, 0.5), (1, 1)])) == [1.5]


def test_a_request_due_at_the_very_end_is_not_lost_to_rounding() -> None:
    assert math.fsum([0.1] * 10) == 1.0 > functools.reduce(operator.add, [0.1] * 10)
    assert due(steps([(1, 0.1)] * 10)) == pytest.approx([10.0])


def test_a_ramp_is_followed_within_itself() -> None:
    assert due(ramps([(0, 0), (4, 4)])) == pytest.approx([math.sqrt(2 * k) for k in range(1, 9)])
    assert due(ramps([(0, 4), (4, 0)])) == pytest.approx([4 - math.sqrt(16 - 2 * k) for k in range(1, 9)])


def test_poisson_arrivals_are_told_by_the_seed() -> None:
    curve = constant_rate(50, 10)
    assert due(curve, "poisson", seed=3) == due(curve, "poisson", seed=3)
    assert due(curve, "poisson", seed=3) != due(curve, "poisson", seed=4)


def test_poisson_arrivals_have_exponential_distances_of_the_rates_mean() -> None:
    offsets = due(constant_rate(100, 200), "poisson")
    distances = [after - before for before, after in itertools.pairwise([0.0, *offsets])]
    assert statistics.mean(distances) == pytest.approx(0.01, rel=0.05)
    assert statistics.stdev(distances) == pytest.approx(0.01, rel=0.05)


def test_poisson_arrivals_follow_the_curve() -> None:
    offsets = due(steps([(100, 10), (100, 90)]), "poisson")
    early = sum(1 for offset in offsets if offset <= 100)
    assert early == pytest.approx(1000, abs=150)
    assert len(offsets) - early == pytest.approx(9000, abs=450)


segments = st.builds(
    Segment, duration_s=st.floats(0.01, 20), from_rps=st.floats(0, 40), to_rps=st.floats(0, 40)
) | st.builds(lambda duration_s, rps: Segment(duration_s, rps, rps), st.floats(0.01, 20), st.floats(0, 40))
curves = st.lists(segments, max_size=5)


@given(curves)
def test_the_kth_request_is_due_when_the_integral_of_the_rate_reaches_k(curve: list[Segment]) -> None:
    for number, offset in enumerate(due(curve), start=1):
        assert reached(curve, offset) == pytest.approx(number, rel=1e-9, abs=1e-9)


@given(curves)
def test_there_are_as_many_requests_as_the_integral_of_the_rate(curve: list[Segment]) -> None:
    total = math.fsum(segment.requests for segment in curve)
    assert math.floor(total - 1e-6) <= len(due(curve)) <= math.floor(total + 1e-6)


@given(curves, st.sampled_from(["constant", "poisson"]))
def test_due_times_ascend_and_stay_within_the_curve(curve: list[Segment], kind: ArrivalKind) -> None:
    offsets = due(curve, kind)
    assert offsets == sorted(offsets)
    end_s = sum(segment.duration_s for segment in curve)
    assert all(0 <= offset <= end_s * (1 + 1e-12) for offset in offsets)


@pytest.mark.parametrize(
    ("duration_s", "from_rps", "to_rps"),
    [(0, 1, 1), (-1, 1, 1), (math.nan, 1, 1), (1, -1, 1), (1, 1, math.nan), (1, math.inf, 1), (math.inf, 1, 2)],
)
def test_what_is_no_rate_curve_is_refused(duration_s: float, from_rps: float, to_rps: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        Segment(duration_s, from_rps, to_rps)


def test_an_unknown_kind_of_arrivals_is_refused() -> None:
    with pytest.raises(ValueError, match="expected constant or poisson"):
        next(due_offsets_s(constant_rate(1), "bursty", random.Random(1)))  # type: ignore[arg-type]


@pytest.mark.parametrize("points", [[], [(1.0, 2.0), (2.0, 2.0)]])
def test_a_curve_of_points_begins_at_0(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="expected one at time 0"):
        ramps(points)
