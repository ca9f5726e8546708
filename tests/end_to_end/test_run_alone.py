"""A service that runs in a process of its own, by `galileo run`, does its part as it would inside the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.measurements import value_of
from tests.end_to_end.scripts import Outcome

SCRIPTED = ("calculator_alone",)
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def outcome(outcome_of: Callable[[str], Outcome]) -> Outcome:
    return outcome_of("calculator_alone")


def test_the_loop_closes_through_it(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.run.said
    report = outcome.run.report
    assert report.reaction_s is not None
    assert report.decisions.pods_created > 0
    assert report.requests.sent == report.requests.succeeded == report.requests.recorded


def test_it_was_the_one_that_decided(outcome: Outcome) -> None:
    sources = {
        value_of(frame.value)["meta"]["source"].partition("/")[0]
        for frame in outcome.run.frames_named("scale_schedule", "api_pressure")
    }
    assert sources == {"pressure_calculator"}
    assert '"pressure_calculator"' in (outcome.run.folder / "alone").read_text()
    assert "pressure_calculator" not in (outcome.run.out / "logs" / "control.log").read_text()


def test_it_stops_when_told_to_and_nothing_is_left(outcome: Outcome) -> None:
    assert outcome.seen["alone"] == 0
    assert outcome.left == []
