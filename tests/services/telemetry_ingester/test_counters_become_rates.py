"""A cumulative counter's rate: growth over the time that really passed, whatever the counter and its sender do."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_ingester.counters import NOTHING, CumulativeCounter, Increase, RateOverWindow
from hypothesis import given, settings
from hypothesis import strategies as st


def test_growth_comes_with_the_time_it_took() -> None:
    counter = CumulativeCounter(100.0, 5.0)
    assert counter.advance(102.0, 9.0) == Increase(4.0, 2.0)
    assert counter.advance(102.5, 9.0) == Increase(0.0, 0.5)


def test_a_sample_that_is_not_newer_is_ignored() -> None:
    counter = CumulativeCounter(100.0, 5.0)
    assert counter.advance(100.0, 7.0) == NOTHING
    assert counter.advance(99.0, 4.0) == NOTHING
    assert counter.advance(101.0, 6.0) == Increase(1.0, 1.0)


def test_a_counter_that_was_started_anew_says_nothing_about_the_gap() -> None:
    counter = CumulativeCounter(100.0, 1000.0)
    assert counter.advance(101.0, 10.0) == NOTHING
    assert counter.advance(102.0, 30.0) == Increase(20.0, 1.0)


def test_a_rate_weighs_each_growth_by_its_time() -> None:
    rate = RateOverWindow()
    assert rate.per_second is None
    rate.add(Increase(10.0, 1.0))
    rate.add(Increase(0.0, 3.0))
    assert rate.per_second == pytest.approx(2.5)


samples = st.lists(st.tuples(st.floats(-5, 5), st.floats(0, 1e12)), min_size=1, max_size=40)


@settings(deadline=None)
@given(samples=samples)
def test_no_order_of_samples_gives_a_negative_rate(samples: list[tuple[float, float]]) -> None:
    counter, rate, ts = CumulativeCounter(0.0, 0.0), RateOverWindow(), 0.0
    for step_s, value in samples:
        ts += step_s
        rate.add(counter.advance(ts, value))
    assert rate.per_second is None or rate.per_second >= 0.0
