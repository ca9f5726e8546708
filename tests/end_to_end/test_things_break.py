"""Faults of a scenario and asks at a terminal: each is done, said, felt and mended, and nothing is lost that counts."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import pytest
from galileo_schemas.events import FaultBegun, FaultEnded, LatencyUpdate
from galileo_schemas.registry import decode_frame

from tests.end_to_end.scripts import BROKEN, BROKEN_S, Outcome

SCRIPTED = ("things_break_and_people_pause",)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def outcome(outcome_of: Callable[[str], Outcome]) -> Outcome:
    return outcome_of("things_break_and_people_pause")


@pytest.fixture
def start(outcome: Outcome) -> float:
    """The first request's moment, unix seconds."""
    return float(outcome.run.query("SELECT min(SENT) FROM traces")[0][0])


def said(outcome: Outcome, start: float, kind: type[FaultBegun] | type[FaultEnded]) -> dict[str, float]:
    """When what was said, in seconds after the start, by what was hit."""
    found: dict[str, float] = {}
    for frame in outcome.run.frames_named("fault_begun", "fault_ended"):
        event = decode_frame(frame)
        if isinstance(event, kind):
            found[event.node or event.service or event.origin] = frame.ts - start
    return found


def response_times_ms(outcome: Outcome, start: float, from_s: float, to_s: float) -> list[float]:
    rows = outcome.run.query(
        "SELECT 1000 * (DONE - SENT) FROM traces WHERE STATUS = 200 AND SENT BETWEEN ? AND ?",
        start + from_s,
        start + to_s,
    )
    return [float(ms) for (ms,) in rows]


def test_the_run_ends_well_and_no_process_had_to_be_started_again(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.run.said
    assert outcome.left == []
    assert outcome.run.told == ""
    assert outcome.run.report.restarts == []


def test_every_request_is_accounted_for(outcome: Outcome) -> None:
    requests = outcome.run.report.requests
    assert requests.sent == requests.succeeded + requests.failed == requests.recorded
    assert requests.sent > 400


def test_every_fault_begins_in_time_ends_in_time_and_both_are_recorded(outcome: Outcome, start: float) -> None:
    begun, ended = said(outcome, start, FaultBegun), said(outcome, start, FaultEnded)
    for scheduled in BROKEN:
        hit = scheduled.fault.node or scheduled.fault.service or scheduled.fault.origin
        assert begun[hit] == pytest.approx(scheduled.at_s, abs=1.0)
        assert ended[hit] - begun[hit] == pytest.approx(scheduled.fault.duration_s, abs=0.5)


def test_added_latency_is_felt_and_goes_away(outcome: Outcome, start: float) -> None:
    before = median(response_times_ms(outcome, start, 0.0, 1.3))
    during = median(response_times_ms(outcome, start, 2.3, 3.8))
    after = median(response_times_ms(outcome, start, 8.5, 9.4))
    assert during > before + 100, "60 ms more from client to gateway, and 60 ms more from gateway to pod"
    assert abs(after - before) < 30


def test_added_latency_is_measured_and_told(outcome: Outcome) -> None:
    told = [event for frame in outcome.run.frames() if isinstance(event := decode_frame(frame), LatencyUpdate)]
    within_zone_ms = list(dict.fromkeys(event.latencies["zone-a"]["zone-a"] for event in told))
    assert within_zone_ms[:2] == [2.0, 62.0]
    assert told[-1].latencies["zone-a"]["zone-a"] == 2.0


def test_asks_at_a_terminal_are_answered(outcome: Outcome) -> None:
    pause, resume, change, kill = outcome.seen["asked"]
    assert pause[1:] == (0, "all clients send nothing now\n", "")
    assert resume[1:] == (0, "all clients go on\n", "")
    assert change[1:] == (0, "pressure_calculator: schedule_scale_opt_max_threshold is 0.5 now, was 0.11\n", "")
    assert kill[1] == 1
    assert kill[3].startswith("galileo: fault refused: no node 'edge-9'; there are ")


def test_nothing_was_due_while_clients_paused(outcome: Outcome, start: float) -> None:
    paused, resumed = (frame.ts for frame in outcome.run.frames_named("load_paused"))
    assert 0.3 < resumed - paused < 4.0, "asked by commands that take their time to start"
    rows = outcome.run.query("SELECT count(*) FROM traces WHERE SENT BETWEEN ? AND ?", paused + 0.05, resumed - 0.05)
    assert rows == [(0,)]
    assert outcome.run.report.requests.sent < 40 * (BROKEN_S - (resumed - paused)) * 1.2


def test_while_the_node_is_dead_requests_fail_and_afterwards_they_do_not(outcome: Outcome, start: float) -> None:
    failed = "SELECT count(*) FROM traces WHERE STATUS != 200 AND SENT BETWEEN ? AND ?"
    begun, ended = said(outcome, start, FaultBegun)["edge-1"], said(outcome, start, FaultEnded)["edge-1"]
    assert outcome.run.query(failed, start + begun, start + ended)[0][0] > 10
    assert outcome.run.query(failed, start + 4.5, start + begun - 0.2) == [(0,)]
    assert response_times_ms(outcome, start, BROKEN_S - 1.0, BROKEN_S), "the pods' containers were started again"


def test_the_report_shows_what_was_done(outcome: Outcome) -> None:
    page = (outcome.run.out / "report.html").read_text()
    for text in (
        "node edge-1 is down",
        "trace_recorder is cut off from the bus (half open)",
        "clients pause",
        "schedule_scale_opt_max_threshold=0.5",
    ):
        assert text in page, text
    ended = [fault for fault in outcome.run.report.faults if fault.to_s is not None]
    assert {fault.text for fault in ended} >= {"node edge-1 is down"}
    assert all(fault.from_s < fault.to_s for fault in ended if fault.to_s is not None)


def test_while_the_recorder_of_events_was_cut_off_only_observations_are_missing(outcome: Outcome, start: float) -> None:
    begun, ended = said(outcome, start, FaultBegun), said(outcome, start, FaultEnded)
    from_s, to_s = begun["event_recorder"] + 0.2, ended["event_recorder"] - 0.1
    statuses_s = [frame.ts - start for frame in outcome.run.frames_named("load_status")]
    assert [at_s for at_s in statuses_s if from_s < at_s < to_s] == []
    assert min(statuses_s) < from_s
    assert max(statuses_s) > to_s
    records_s = [frame.ts - start for frame in outcome.run.frames_named("load_paused", "fault_begun", "fault_ended")]
    assert len([at_s for at_s in records_s if from_s < at_s < to_s]) >= 2
