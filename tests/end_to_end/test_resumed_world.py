"""A world that was killed goes on from its file: what was there is there, and runs, and the loop serves people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.end_to_end.scripts import Outcome
from tests.end_to_end.test_accounting import expect_accounts

SCRIPTED = ("resumed",)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def outcome(outcome_of: Callable[[str], Outcome]) -> Outcome:
    return outcome_of("resumed")


def test_the_first_run_ended_by_the_world_s_death(outcome: Outcome) -> None:
    assert outcome.seen["killed"] == 1
    assert "world ended with status -9" in outcome.seen["first"].said


def test_requests_are_served_and_counted(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.run.said
    expect_accounts(outcome)
    assert outcome.run.report.requests.succeeded > 50


def test_it_is_said_that_the_world_goes_on(outcome: Outcome) -> None:
    assert "kept.world goes on: " in outcome.run.said


def test_objects_are_the_same(outcome: Outcome) -> None:
    assert outcome.seen["again"] == outcome.seen["kept"]


def test_an_earlier_version_is_too_old_for_a_watch(outcome: Outcome) -> None:
    event = outcome.seen["stale"]
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


def test_initial_pods_are_not_made_twice_and_run_at_new_addresses(outcome: Outcome) -> None:
    pods = outcome.seen["pods"]
    gateways = [pod for pod in pods if pod["metadata"]["name"].startswith("galileo-gateway-")]
    workers = Counter(
        pod["metadata"]["name"].rsplit("-", 1)[0] for pod in pods if "-worker-" in pod["metadata"]["name"]
    )
    zones = {pod["metadata"]["labels"]["ether.edgerun.io/zone"] for pod in pods}
    assert len(gateways) == len(zones)
    assert set(workers.values()) == {1}
    assert {pod["status"]["phase"] for pod in pods} == {"Running"}
    assert all(pod["status"]["podIP"] for pod in pods)
