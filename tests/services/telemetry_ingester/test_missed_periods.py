"""Telemetry that did not come, told from the rhythm of each node."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from galileo_services.telemetry_ingester.missed_periods import MissedPeriods


def missed(times: Iterable[float], *, node: str = "n", metric: str = "cpu") -> int:
    periods = MissedPeriods()
    for ts in times:
        periods.note(node, metric, ts)
    return periods.count


def test_a_steady_rhythm_misses_nothing() -> None:
    assert missed(100.0 + number for number in range(50)) == 0


def test_a_gap_counts_the_periods_in_it() -> None:
    assert missed([0.0, 1.0, 2.0, 10.0, 11.0]) == 7
    assert missed([0.0, 0.25, 0.5, 2.5, 2.75]) == 7


def test_lateness_is_no_gap() -> None:
    assert missed([0.0, 1.0, 2.0, 3.9, 4.0, 5.0, 6.0, 8.2, 8.3, 9.0]) == 0


def test_a_gap_does_not_change_the_rhythm() -> None:
    assert missed([0.0, 1.0, 2.0, 12.0, 13.0, 14.0, 24.0]) == 9 + 9


def test_nodes_have_rhythms_of_their_own() -> None:
    periods = MissedPeriods()
    for number in range(10):
        periods.note("fast", "cpu", number * 1.0)
        periods.note("slow", "cpu", number * 5.0)
    assert periods.count == 0
    assert periods.note("slow", "cpu", 65.0) == 3


@pytest.mark.parametrize("times", [[5.0], [5.0, 5.0], [5.0, 4.0, 3.0], [0.0, 100.0]])
def test_without_a_rhythm_nothing_can_be_missed(times: list[float]) -> None:
    assert missed(times) == 0


def test_other_metrics_come_when_they_like() -> None:
    assert missed([0.0, 1.0, 2.0, 50.0], metric="ram") == 0
