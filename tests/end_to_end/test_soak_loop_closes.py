"""The default scenario in full, by three seeds: pods also go from where people have left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from galileo_experiments.report import PHASE_AFTER, PHASE_BETWEEN

from tests.end_to_end.measurements import value_of
from tests.end_to_end.scripts import LONG_DEFAULT, Outcome
from tests.end_to_end.test_accounting import expect_accounts

SCRIPTED = LONG_DEFAULT
pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@pytest.fixture(params=SCRIPTED)
def outcome(request: pytest.FixtureRequest, outcome_of: Callable[[str], Outcome]) -> Outcome:
    return outcome_of(request.param)


def test_every_request_is_accounted_for(outcome: Outcome) -> None:
    expect_accounts(outcome)


def test_the_loop_follows_people_within_half_a_minute_and_latency_falls(outcome: Outcome) -> None:
    report = outcome.run.report
    assert report.reaction_s is not None
    assert report.reaction_s <= 30
    between, after = report.latency_ms[PHASE_BETWEEN]["zone-b"], report.latency_ms[PHASE_AFTER]["zone-b"]
    assert after.p95 <= 0.5 * between.p95


@pytest.mark.parametrize("fn", ["resnet", "mobilenet"])
def test_pods_come_to_zone_b_and_go_from_zone_a(outcome: Outcome, fn: str) -> None:
    report = outcome.run.report
    at_the_end = {row.zone: row.running for row in report.replicas if row.fn == fn}  # rows are by time
    at_the_move = {row.zone: row.running for row in report.replicas if row.fn == fn and row.t_s < report.moves[0].at_s}
    assert at_the_end["zone-b"] > at_the_move["zone-b"]
    assert at_the_end["zone-a"] < at_the_move["zone-a"]


def test_every_pod_was_bound_by_our_scheduler(outcome: Outcome) -> None:
    created = {value_of(frame.value)["name"] for frame in outcome.run.frames_named("pod/create")}
    bound = [value_of(frame.value)["pod"] for frame in outcome.run.frames_named("pod_bound")]
    assert sorted(bound) == sorted(created)


def test_etcd_held_the_weights_said_last(outcome: Outcome) -> None:
    assert outcome.seen["etcd_difference"] is None
