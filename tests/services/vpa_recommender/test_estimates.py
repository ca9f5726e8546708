"""From what containers have used to what they should request: percentile, margin, confidence, minimum, rounding."""

from __future__ import annotations

import math

import pytest
from galileo_schemas.events import ContainerRecommendation, Resources
from galileo_services.vpa_recommender.aggregate_state import AggregateState, AggregationParameters
from galileo_services.vpa_recommender.estimators import (
    confidence,
    cpu_percentile,
    memory_percentile,
    with_confidence,
    with_margin,
    with_minimum,
)
from galileo_services.vpa_recommender.recommendation import (
    LOWER_CONFIDENCE,
    UPPER_CONFIDENCE,
    Percentiles,
    RecommendationParameters,
    Recommender,
)
from galileo_services.vpa_recommender.resource_amounts import MAX_AMOUNT

DAY_S = 86_400.0
MINUTE_S = 60.0
START = 1_700_006_400.0
MIB = 1024 * 1024


def state(*, cpu: tuple[float, ...] = (), memory: tuple[float, ...] = ()) -> AggregateState:
    """Cores and bytes, all of one time."""
    made = AggregateState(AggregationParameters(), created_s=START)
    for cores in cpu:
        made.add_cpu(round(cores * 1000), at_s=START, request_millicores=0)
    for amount in memory:
        made.add_memory_peak(round(amount), at_s=START)
    return made


def lived(seconds: float, *, samples: int | None = None, millicores: int = 1000) -> AggregateState:
    """A history of that length, with a sample a minute unless told otherwise."""
    made = AggregateState(AggregationParameters(), created_s=START)
    count = max(2, round(seconds / MINUTE_S)) if samples is None else samples
    for number in range(count):
        at_s = START + seconds * number / max(1, count - 1)
        made.add_cpu(millicores, at_s=at_s, request_millicores=0)
    made.add_memory_peak(500 * MIB, at_s=START + DAY_S)
    return made


def known(history: AggregateState, *, interval_s: float = DAY_S, sample_interval_s: float = MINUTE_S) -> float:
    return confidence(history, interval_s=interval_s, sample_interval_s=sample_interval_s)


def test_percentiles_are_the_ends_of_buckets_without_fractions() -> None:
    """Upstream's TestPercentileEstimator, with the numbers that the buckets give."""
    history = state(cpu=(1.0, 2.0, 3.0), memory=(1e9, 2e9, 3e9))
    assert cpu_percentile(0.2)(history) == 1016
    assert memory_percentile(0.5)(history) == 2_093_479_957


def test_a_margin_is_a_share_without_its_fraction() -> None:
    assert with_margin(0.15, lambda _: 1016)(state()) == 1016 + 152
    assert with_margin(0.15, lambda _: 1019)(state()) == 1019 + 152
    assert with_margin(0.15, lambda _: 3)(state()) == 3


def test_a_minimum_lifts_what_is_below_it() -> None:
    assert with_minimum(25, lambda _: 24)(state()) == 25
    assert with_minimum(25, lambda _: 26)(state()) == 26


# ------------------------------------------------------------ confidence


def test_without_history_there_is_no_confidence() -> None:
    assert known(state()) == 0.0
    assert known(state(cpu=(1.0,))) == 0.0


@pytest.mark.parametrize("days", [0.25, 1.0, 7.0])
def test_confidence_is_the_length_of_the_history_in_days(days: float) -> None:
    assert known(lived(days * DAY_S)) == pytest.approx(days, rel=0.01)


def test_gaps_do_not_count_as_history() -> None:
    assert known(lived(7 * DAY_S, samples=1440)) == pytest.approx(1.0)


def test_more_samples_than_one_a_minute_do_not_make_a_day_longer() -> None:
    assert known(lived(3600.0, samples=3600)) == pytest.approx(1 / 24)


def test_in_scaled_time_a_day_and_a_minute_are_what_the_settings_say() -> None:
    """Thirty samples two seconds apart, where a day has 60 s."""
    assert known(lived(60.0, samples=30), interval_s=60.0, sample_interval_s=2.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("history_s", "factor"), [(DAY_S / 2, 3.0), (DAY_S, 2.0), (7 * DAY_S, 1 + 1 / 7), (100 * DAY_S, 1.01)]
)
def test_an_upper_bound_narrows_with_the_days(history_s: float, factor: float) -> None:
    bound = with_confidence(*UPPER_CONFIDENCE, lambda _: 1_000_000, interval_s=DAY_S, sample_interval_s=MINUTE_S)
    samples = min(2000, round(history_s / MINUTE_S))
    history = lived(history_s, samples=samples)
    history.samples = round(history_s / MINUTE_S)  # as if they had all been there
    assert bound(history) == pytest.approx(1_000_000 * factor, rel=1e-3)


@pytest.mark.parametrize(("minutes", "factor"), [(5, 0.6), (30, 0.9), (60, 0.95), (1440, 0.998)])
def test_a_lower_bound_narrows_with_the_minutes(minutes: int, factor: float) -> None:
    bound = with_confidence(*LOWER_CONFIDENCE, lambda _: 1_000_000, interval_s=DAY_S, sample_interval_s=MINUTE_S)
    assert bound(lived(minutes * MINUTE_S)) == pytest.approx(1_000_000 * factor, rel=0.02)


def test_without_history_bounds_are_as_wide_as_can_be() -> None:
    upper = with_confidence(*UPPER_CONFIDENCE, lambda _: 3140, interval_s=DAY_S, sample_interval_s=MINUTE_S)
    lower = with_confidence(*LOWER_CONFIDENCE, lambda _: 3140, interval_s=DAY_S, sample_interval_s=MINUTE_S)
    assert (lower(state()), upper(state())) == (0, MAX_AMOUNT)


def test_nothing_times_no_confidence_is_nothing() -> None:
    upper = with_confidence(*UPPER_CONFIDENCE, lambda _: 0, interval_s=DAY_S, sample_interval_s=MINUTE_S)
    assert upper(state()) == 0


# ------------------------------------------------------------ all together


def recommend(history: AggregateState, **parameters: object) -> ContainerRecommendation:
    made = Recommender(RecommendationParameters(**parameters))  # type: ignore[arg-type]  # each by its name
    return made.recommend({"fn": history})["fn"]


def test_a_steady_container_is_recommended_its_use_and_a_margin() -> None:
    """One core: the bucket ends at 1016 millicores, and 15 % of that are 152."""
    found = recommend(lived(DAY_S))
    assert found.target.cpu_millicores == 1016 + 152
    assert found.uncapped_target == found.target
    assert found.lower_bound.cpu_millicores == pytest.approx(1168 * math.pow(1.001, -2.0), abs=2)
    assert found.upper_bound.cpu_millicores == pytest.approx(1168 * 2.0, rel=0.01)


def test_early_bounds_hold_nearly_everything_and_late_ones_do_not() -> None:
    early, late = recommend(lived(5 * MINUTE_S)), recommend(lived(30 * DAY_S))
    assert early.target.cpu_millicores == late.target.cpu_millicores
    assert (early.upper_bound.cpu_millicores or 0) > 200 * (early.target.cpu_millicores or 0)
    assert (late.upper_bound.cpu_millicores or 0) < 1.05 * (late.target.cpu_millicores or 0)
    assert (early.lower_bound.cpu_millicores or 0) < (late.lower_bound.cpu_millicores or 0)


def test_a_varied_use_is_covered_by_share() -> None:
    history = lived(DAY_S, millicores=100)
    for _ in range(160):
        history.add_cpu(800, at_s=START + DAY_S, request_millicores=0)
    generous = recommend(history, cpu_percentiles=Percentiles(target=0.95, lower=0.5, upper=0.99))
    frugal = recommend(history, cpu_percentiles=Percentiles(target=0.5, lower=0.2, upper=0.6))
    assert generous.target.cpu_millicores == pytest.approx(800 * 1.15, rel=0.06)
    assert frugal.target.cpu_millicores == pytest.approx(100 * 1.15, rel=0.12)


def test_a_container_that_hardly_does_anything_gets_the_pods_minimum() -> None:
    history = state(cpu=(0.001,), memory=(1000.0,))
    found = recommend(history)
    assert found.target == Resources(cpu_millicores=25.0, memory_bytes=250.0 * MIB)
    assert found.lower_bound == Resources(cpu_millicores=25.0, memory_bytes=250.0 * MIB)


def test_the_containers_of_a_pod_share_its_minimum() -> None:
    history = state(cpu=(0.0,), memory=(1000.0,))
    silent = state(memory=(1000.0,))
    found = Recommender(RecommendationParameters()).recommend({"b": history, "a": history, "silent": silent})
    assert list(found) == ["a", "b"]
    assert found["a"].target == Resources(cpu_millicores=12.0, memory_bytes=125.0 * MIB)


def test_a_resource_of_which_nothing_is_known_is_left_out() -> None:
    found = recommend(state(cpu=(1.0,)))
    assert found.target.memory_bytes is None
    assert found.upper_bound.memory_bytes is None
    assert found.target.cpu_millicores is not None


def test_a_container_without_cpu_samples_is_not_recommended_anything() -> None:
    assert Recommender(RecommendationParameters()).recommend({"fn": state(memory=(1e9,))}) == {}
    assert Recommender(RecommendationParameters()).confidence({"fn": state(memory=(1e9,))}) == 0.0


def test_amounts_are_rounded_up_to_what_the_settings_say() -> None:
    found = recommend(lived(DAY_S), round_cpu_millicores=100, round_memory_bytes=128 * MIB)
    assert found.target.cpu_millicores == 1200.0
    assert (found.target.memory_bytes or 1) % (128 * MIB) == 0


def test_what_is_allowed_at_most_caps_all_but_the_uncapped_target() -> None:
    most = Resources(cpu_millicores=500.0)
    found = recommend(lived(DAY_S), max_allowed=most)
    assert (found.target.cpu_millicores, found.upper_bound.cpu_millicores) == (500.0, 500.0)
    assert found.uncapped_target.cpu_millicores == 1168.0
    assert found.target.memory_bytes == found.uncapped_target.memory_bytes
