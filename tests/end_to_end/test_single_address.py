"""On a system with one loopback address everything runs, without latency, and the run says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.scripts import Outcome
from tests.end_to_end.test_accounting import expect_accounts

SCRIPTED = ("single_address",)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def outcome(outcome_of: Callable[[str], Outcome]) -> Outcome:
    return outcome_of("single_address")


def test_requests_are_served_and_counted(outcome: Outcome) -> None:
    expect_accounts(outcome)
    assert outcome.run.report.requests.succeeded > 100


def test_it_says_that_latency_is_off(outcome: Outcome) -> None:
    assert "latency is off: this machine has one loopback address only" in outcome.run.said


def test_nothing_crosses_a_network(outcome: Outcome) -> None:
    """People in zone-b are 80 ms away from the functions in the default scenario."""
    (fastest,) = outcome.run.query(
        "SELECT min(DONE - SENT) FROM traces WHERE STATUS = 200 AND CLIENT LIKE 'galileo-worker-zone-b-%'"
    )[0]
    assert fastest < 0.060
