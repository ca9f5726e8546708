"""What the loop does is what makes latency fall: with one part of it off, it does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.measurements import fall_in_zone_b, value_of
from tests.end_to_end.scripts import Outcome

CONTROLS = ("without_pod_creator", "static_strategy", "frozen_weights")
SCRIPTED = (*CONTROLS, "default")
pytestmark = pytest.mark.timeout(600)


def test_with_everything_on_latency_falls_to_half(outcome_of: Callable[[str], Outcome]) -> None:
    assert fall_in_zone_b(outcome_of("default").run) <= 0.5


@pytest.mark.parametrize("control", CONTROLS)
def test_latency_stays(outcome_of: Callable[[str], Outcome], control: str) -> None:
    outcome = outcome_of(control)
    assert outcome.status == 0, outcome.run.said
    assert fall_in_zone_b(outcome.run) > 0.75


def test_without_the_creator_pods_are_asked_for_and_none_comes(outcome_of: Callable[[str], Outcome]) -> None:
    run = outcome_of("without_pod_creator").run
    assert run.report.decisions.scale_up > 0
    assert run.report.decisions.pods_created == 0


def test_the_static_strategy_decides_nothing(outcome_of: Callable[[str], Outcome]) -> None:
    decisions = outcome_of("static_strategy").run.report.decisions
    assert (decisions.scale_up, decisions.scale_down, decisions.pods_created) == (0, 0, 0)


def test_frozen_weights_are_said_once_a_place_while_pods_come(outcome_of: Callable[[str], Outcome]) -> None:
    run = outcome_of("frozen_weights").run
    places = [
        (value["zone"], value["fn"]) for frame in run.frames_named("weight_update") for value in [value_of(frame.value)]
    ]
    assert len(places) == len(set(places))
    assert run.report.decisions.pods_created > 0


@pytest.mark.parametrize("name", SCRIPTED)
def test_the_accounting_holds_whatever_is_off(outcome_of: Callable[[str], Outcome], name: str) -> None:
    requests = outcome_of(name).run.report.requests
    assert requests.sent == requests.succeeded + requests.failed == requests.recorded > 0
