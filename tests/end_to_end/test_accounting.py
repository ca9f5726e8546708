"""Whatever the zones, nodes, functions and moves: each request is counted once, and recorded once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.scripts import SHORT_RANDOM, Outcome

SCRIPTED = SHORT_RANDOM
pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_random_scenario_adds_up(outcome_of: Callable[[str], Outcome], name: str) -> None:
    expect_accounts(outcome_of(name))


def expect_accounts(outcome: Outcome) -> None:
    """The run ended well, nothing is left of it, and its numbers add up wherever they are counted."""
    assert outcome.status == 0, outcome.run.said
    assert outcome.left == []
    report = outcome.run.report
    requests = report.requests
    assert requests.sent > 0
    assert requests.sent == requests.succeeded + requests.failed == requests.recorded, report.notes
    assert requests.failed < 0.01 * requests.sent, report.notes
    assert outcome.run.query("SELECT count(*), count(DISTINCT REQUEST_ID) FROM traces") == [
        (requests.sent, requests.sent)
    ]
    assert report.restarts == []
