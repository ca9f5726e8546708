"""A node whose clock is off is taken at receive time, counted, and reported once."""

from __future__ import annotations

import pytest
from galileo_schemas.raw.telemetry_sample import TelemetrySample
from galileo_services.telemetry_ingester.clock_check import ClockOff
from galileo_services.telemetry_ingester.window import TelemetryWindows

T0 = 1_700_000_000.0
CONTAINER = "0123456789ab"


def sample(
    offset_s: float, at_s: float, value: float = 1.0, metric: str = "cpu", subsystem: str = ""
) -> TelemetrySample:
    return TelemetrySample("n", metric, subsystem, T0 + at_s + offset_s, value)


@pytest.mark.parametrize("offset_s", [-3600.0, -5.5, 5.5, 3600.0])
def test_it_is_reported_once_and_counted_each_time(offset_s: float) -> None:
    windows = TelemetryWindows(5.0)
    assert windows.add(sample(offset_s, 1), T0 + 1) == ClockOff("n", offset_s)
    assert windows.add(sample(offset_s, 2), T0 + 2) is None
    assert windows.samples_with_clock_off == {"n": 2}


@pytest.mark.parametrize(("offset_s", "words"), [(7.25, "7.2 s ahead of ours"), (-3600.0, "3600.0 s behind ours")])
def test_the_report_says_which_clock_and_how_far(offset_s: float, words: str) -> None:
    assert str(ClockOff("vm5", offset_s)).startswith(f"node vm5: its clock is {words}")


@pytest.mark.parametrize("offset_s", [-5.0, 0.0, 5.0])
def test_a_clock_within_the_tolerance_is_trusted(offset_s: float) -> None:
    windows = TelemetryWindows(5.0)
    assert windows.add(sample(offset_s, 1), T0 + 1) is None
    assert windows.samples_with_clock_off == {}


def test_the_load_of_a_node_in_the_future_is_not_lost() -> None:
    windows = TelemetryWindows(5.0)
    windows.add(sample(3600.0, 1, value=70.0), T0 + 1)
    assert [window.metrics for window in windows.close(T0 + 5)] == [{"cpu": 70.0}]


def test_rates_go_by_receive_time_then() -> None:
    windows = TelemetryWindows(5.0)
    windows.add(sample(-3600.0, 1, 1e9, "kubernetes_cgrp_cpu", CONTAINER), T0 + 1)
    windows.add(sample(-3600.0, 1, 3e9, "kubernetes_cgrp_cpu", CONTAINER), T0 + 3)  # a clock that stands still
    (window,) = windows.close(T0 + 5)
    assert window.containers[CONTAINER].cpu_millicores == pytest.approx(1000.0)


def test_a_node_that_was_silent_for_a_minute_is_forgotten_and_reported_again() -> None:
    windows = TelemetryWindows(5.0)
    windows.add(sample(60.0, 1), T0 + 1)
    windows.close(T0 + 62)
    assert windows.samples_with_clock_off == {}
    assert windows.add(sample(60.0, 70), T0 + 70) == ClockOff("n", 60.0)
