"""Deciders, gateways and recorders are killed in mid-run: they come back, the loop goes on, nothing happens twice.

In the end the recorders are given everything a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from galileo_schemas.labels import TYPE_FUNCTION, type_of, zone_of

from tests.end_to_end.measurements import JsonObject, value_of
from tests.end_to_end.scripts import Outcome

SCRIPTED = ("with_kills",)
pytestmark = pytest.mark.timeout(600)

BACK_WITHIN_S = 15.0
"""From the death of the gateways until all of them answer again, on a busy machine."""


@pytest.fixture
def outcome(outcome_of: Callable[[str], Outcome]) -> Outcome:
    return outcome_of("with_kills")


def values(outcome: Outcome, name: str) -> list[JsonObject]:
    return [value_of(frame.value) for frame in outcome.run.frames_named(name)]


def test_the_run_goes_on_to_its_end(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.run.said
    assert outcome.left == []
    assert [(row.process, row.reason) for row in outcome.run.report.restarts] == [
        ("control", "status -9"),
        ("edge", "status -9"),
        ("recorders", "status -9"),
    ]


def test_the_loop_goes_on_though_its_deciders_died_as_they_decided(outcome: Outcome) -> None:
    report = outcome.run.report
    assert all(move.reaction_s is not None and move.reaction_s <= 30 for move in report.moves), report.moves


def test_a_decision_makes_one_pod(outcome: Outcome) -> None:
    decisions = Counter(value["meta"]["id"] for value in values(outcome, "scale_schedule"))
    assert set(decisions.values()) == {1}
    answers: dict[str, set[str]] = {identity: set() for identity in decisions}
    for value in (*values(outcome, "pod_created"), *values(outcome, "pod_failed")):
        (cause,) = value["meta"]["cause"]
        assert value.get("reason") in (None, "expired")  # a slow machine may take longer than a decision holds
        answers[cause].add(value.get("uid") or value["reason"])
    assert {identity: len(answer) for identity, answer in answers.items()} == dict.fromkeys(decisions, 1)


def test_the_pods_that_came_to_zone_b_are_those_that_were_asked_for(outcome: Outcome) -> None:
    asked = {value["pod_creation_request"]["pod_name"] for value in values(outcome, "scale_schedule")}
    there = {
        value["name"]
        for value in values(outcome, "pod/create")
        if type_of(value["labels"]) == TYPE_FUNCTION and zone_of(value["labels"]) == "zone-b"
    }
    assert there
    assert there <= asked


def test_all_requests_are_recorded_once(outcome: Outcome) -> None:
    requests = outcome.run.report.requests
    assert requests.sent == requests.succeeded + requests.failed == requests.recorded
    assert outcome.run.query("SELECT count(*), count(DISTINCT REQUEST_ID) FROM traces") == [
        (requests.sent, requests.sent)
    ]


def test_no_event_is_recorded_twice(outcome: Outcome) -> None:
    in_log = Counter(value_of(frame.value).get("meta", {}).get("id") for frame in outcome.run.frames())
    rows = outcome.run.query("SELECT json_extract(VALUE, '$.meta.id') FROM events WHERE json_valid(VALUE)")
    in_database = Counter(identity for (identity,) in rows)
    assert [identity for identity, count in in_log.items() if identity and count > 1] == []
    assert [identity for identity, count in in_database.items() if identity and count > 1] == []
    assert set(in_log) == set(in_database)


def test_no_gateway_answers_before_it_knows_the_functions(outcome: Outcome) -> None:
    assert outcome.run.query("SELECT STATUS, count(*) FROM traces WHERE STATUS NOT IN (200, -1) GROUP BY STATUS") == []


def test_requests_failed_only_while_the_gateways_were_dead(outcome: Outcome) -> None:
    killed = outcome.seen["killed"]["edge"]
    failed = outcome.run.query("SELECT SENT, DONE FROM traces WHERE STATUS != 200")
    (first_answer,) = outcome.run.query("SELECT min(DONE) FROM traces WHERE STATUS = 200 AND SENT > ?", killed + 0.1)[0]
    assert failed, "the gateways were dead for seconds, and nobody noticed"
    assert first_answer - killed < BACK_WITHIN_S
    outside = [(sent - killed, done - killed) for sent, done in failed if done < killed or sent > first_answer + 0.5]
    assert outside == [], "seconds after the kill when these were sent and done"
