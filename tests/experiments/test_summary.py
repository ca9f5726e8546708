"""The report's numbers, from what a run left behind."""

from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest
from galileo_experiments.recorded_run import Restart, client_zone
from galileo_experiments.stretches import response_times
from galileo_experiments.summary import summarise
from galileo_schemas import events

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun


def test_requests_are_counted_by_clients_and_recorder(moved_run: MadeUpRun) -> None:
    counts = moved_run.report().requests
    assert (counts.sent, counts.succeeded, counts.failed, counts.recorded) == (4800, 4788, 12, 4800)
    assert moved_run.report().notes == []


def test_requests_that_were_not_recorded_are_noted(moved_run: MadeUpRun) -> None:
    facts = moved_run.facts()
    moved_run.traces.pop()
    report = summarise(moved_run.recorded(facts), events_path="events.log")
    assert report.requests.recorded == 4799
    assert report.notes == ["accounting: 4800 requests sent, 4799 recorded"]


def test_the_reaction_ends_with_the_first_answer_of_a_pod_where_people_went(made_up_run: MadeUpRun) -> None:
    made_up_run.pod(0, events.PodRunning, "a", fn="resnet", node="edge-1", ip="10.0.0.1")
    made_up_run.pod(1, events.PodRunning, "b", fn="resnet", node="cloudlet-1", ip="10.0.1.1")
    made_up_run.request(30, fn="resnet", zone="zone-b", ip="10.0.1.1")  # before the move
    made_up_run.request(61, fn="resnet", zone="zone-b", ip="10.0.0.1", via="10.0.1.1")  # only passed through zone-b
    made_up_run.request(62, fn="resnet", zone="zone-a", ip="10.0.1.1")  # somebody who stayed
    made_up_run.request(63, fn="resnet", zone="zone-b", ip="10.0.1.1", status=500)
    made_up_run.request(64, fn="resnet", zone="zone-b", ip="10.0.1.1", ms=250)
    assert made_up_run.report().reaction_s == pytest.approx(4.25)


def test_a_reaction_that_never_came_is_null(made_up_run: MadeUpRun) -> None:
    made_up_run.request(70, fn="resnet", zone="zone-b", ip="10.0.0.1")
    report = made_up_run.report()
    assert report.reaction_s is None
    assert list(report.latency_ms) == ["between_move_and_reaction"]


def test_each_move_has_its_own_reaction_and_the_first_answer_counts(moved_run: MadeUpRun) -> None:
    report = moved_run.report()
    reactions = {move.fn: move.reaction_s for move in report.moves}
    assert reactions["resnet"] == pytest.approx(11, abs=0.2)
    assert reactions["mobilenet"] == pytest.approx(13, abs=0.2)
    assert report.reaction_s == reactions["resnet"]


def test_response_times_are_told_by_phase_and_client_zone(moved_run: MadeUpRun) -> None:
    latency = moved_run.report().latency_ms
    assert {phase: list(zones) for phase, zones in latency.items()} == {
        "before_move": ["zone-a"],
        "between_move_and_reaction": ["zone-b"],
        "after_reaction": ["zone-b"],
    }
    assert sum(times.count for zones in latency.values() for times in zones.values()) == 4788
    assert latency["after_reaction"]["zone-b"].p95 < latency["between_move_and_reaction"]["zone-b"].p95 / 2


def test_without_a_move_the_whole_run_is_one_phase(moved_run: MadeUpRun) -> None:
    stayed = tuple(dataclasses.replace(group, phases=group.phases[:1]) for group in moved_run.scenario.clients)
    moved_run.scenario = dataclasses.replace(moved_run.scenario, clients=stayed)
    report = moved_run.report()
    assert list(report.latency_ms) == ["all"]
    assert report.reaction_s is None


def test_percentiles_are_exact() -> None:
    values = [float(value) for value in range(1, 102)]
    random.Random(1).shuffle(values)
    times = response_times(values)
    assert (times.p50, times.p95, times.p99, times.count) == (51, 96, 100, 101)


def test_served_tells_which_zone_answered(moved_run: MadeUpRun) -> None:
    served = moved_run.report().served
    assert list(served["before_move"]["zone-a"]) == ["zone-a"]
    assert served["after_reaction"]["zone-b"]["zone-b"] == 1912


def test_decisions_are_counted(moved_run: MadeUpRun) -> None:
    made = moved_run.report().decisions
    assert (made.scale_up, made.scale_down) == (2, 1)
    assert (made.pods_created, made.pods_bound, made.pods_deleted, made.weight_updates) == (2, 2, 1, 2)
    assert moved_run.report().bound_by == {"galileo": 2}


def test_restarts_are_told_in_seconds_after_the_start(moved_run: MadeUpRun) -> None:
    facts = moved_run.facts()
    facts = dataclasses.replace(facts, restarts=(Restart(at=facts.start + 30, process="control", reason="killed"),))
    report = summarise(moved_run.recorded(facts), events_path="events.log")
    assert [(row.t_s, row.process) for row in report.restarts] == [(30, "control")]


@pytest.mark.parametrize(
    ("client", "zone"),
    [
        ("galileo-worker-zone-a-abcde:resnet:0", "zone-a"),
        ("galileo-worker-zone-a-x1234", "zone-a"),
        ("galileo-worker-a-b-c-00000:f:1", "a-b-c"),
        ("somebody", "unknown"),
    ],
)
def test_a_clients_zone_is_in_its_workers_name(client: str, zone: str) -> None:
    assert client_zone(client) == zone


def test_an_address_used_again_belongs_to_the_pod_that_had_it_then(made_up_run: MadeUpRun) -> None:
    made_up_run.pod(1, events.PodRunning, "old", fn="resnet", node="edge-1", ip="10.0.0.1")
    made_up_run.pod(20, events.PodDelete, "old", fn="resnet", node="edge-1", ip="10.0.0.1")
    made_up_run.pod(30, events.PodRunning, "new", fn="resnet", node="cloudlet-1", ip="10.0.0.1")
    for t_s in (10, 40):
        made_up_run.request(t_s, fn="resnet", zone="zone-a", ip="10.0.0.1")
    assert [request.served_zone for request in made_up_run.recorded().requests] == ["zone-a", "zone-b"]


def test_answers_of_pods_that_no_event_tells_of_are_noted(made_up_run: MadeUpRun) -> None:
    made_up_run.request(1, fn="resnet", zone="zone-a", ip="10.0.0.77")
    assert made_up_run.report().notes == ["requests answered by pods that no event tells of: 1"]


def test_a_line_that_cannot_be_read_is_counted_and_the_rest_is_read(moved_run: MadeUpRun) -> None:
    moved_run.frames[3:3] = [b"no frame", b"1.0 scale_schedule {}", b"1.0 warm-up-over", b"1.0 user {not json"]
    report = moved_run.report()
    assert report.notes == ["2 lines of the event log could not be read and were left out"]
    assert report.decisions.scale_up == 2


def test_a_decision_recorded_twice_counts_once(made_up_run: MadeUpRun) -> None:
    frame = b'1700000001.0 pod_created {"pod":"p","namespace":"default","uid":"u","meta":{"id":"1"}}'
    made_up_run.frames += [frame, frame, frame.replace(b'"id":"1"', b'"id":"2"')]
    assert made_up_run.report().decisions.pods_created == 2
