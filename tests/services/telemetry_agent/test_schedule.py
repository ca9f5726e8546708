"""Which instrument is due when: no drift, one tick for those of one period, nothing caught up."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.schedule import Schedule
from hypothesis import given
from hypothesis import strategies as st


def taken(schedule: Schedule, until_s: float, *, late_s: float = 0.0) -> list[tuple[float, list[str]]]:
    ticks = []
    while (next_s := schedule.next_s) is not None and next_s <= until_s:
        ticks.append((round(next_s, 6), schedule.take(next_s + late_s)))
    return ticks


def test_instruments_of_one_period_are_one_tick() -> None:
    schedule = Schedule({"cpu": 0.5, "ram": 1.0, "net": 0.5}, start_s=100.0)
    assert taken(schedule, 101.5) == [
        (100.5, ["cpu", "net"]),
        (101.0, ["cpu", "ram", "net"]),
        (101.5, ["cpu", "net"]),
    ]


def test_readings_that_take_their_time_do_not_move_the_next() -> None:
    schedule = Schedule({"cpu": 0.5}, start_s=0.0)
    assert [at for at, _ in taken(schedule, 2.0, late_s=0.2)] == [0.5, 1.0, 1.5, 2.0]
    assert schedule.skipped == 0


def test_whoever_is_late_reads_once_and_goes_on_with_the_grid() -> None:
    schedule = Schedule({"cpu": 0.5, "ram": 2.0}, start_s=0.0)
    assert schedule.take(3.3) == ["cpu", "ram"]
    assert schedule.next_s == 3.5
    assert schedule.skipped == 5


def test_nothing_is_due_before_its_time() -> None:
    schedule = Schedule({"cpu": 0.5}, start_s=0.0)
    assert schedule.take(0.4) == []
    assert schedule.next_s == 0.5
    assert Schedule({}, start_s=0.0).next_s is None


def test_one_more_shares_the_ticks_of_its_period() -> None:
    schedule = Schedule({"cpu": 0.5}, start_s=0.0)
    schedule.take(1.0)
    schedule.add("freq", 0.5, start_s=1.2)
    schedule.add("gpu", 0.7, start_s=1.2)
    assert taken(schedule, 2.0) == [(1.5, ["cpu", "freq"]), (1.9, ["gpu"]), (2.0, ["cpu", "freq"])]


@given(period_s=st.floats(0.01, 10.0), start_s=st.floats(0, 1e6), hours=st.floats(0, 100))
def test_after_hours_the_time_is_still_on_the_grid(period_s: float, start_s: float, hours: float) -> None:
    schedule = Schedule({"cpu": period_s}, start_s=start_s)
    schedule.take(start_s + hours * 3600.0)
    next_s = schedule.next_s
    assert next_s is not None
    ticks = (next_s - start_s) / period_s
    assert ticks == pytest.approx(round(ticks), abs=1e-3)
    assert next_s > start_s + hours * 3600.0
