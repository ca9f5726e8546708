"""Which events a pod's change is worth."""

from __future__ import annotations

from typing import Any

import pytest
from galileo_schemas.events import PodCreate, PodPending, PodRunning, PodShutdown, PodState
from galileo_services.cluster_observer.pod_transitions import as_event, current_event, events_for


def state(status: str = "Pending", **more: Any) -> PodState:
    return PodState(pod_uid="uid-1", name="pod-1", status=status, **more)


def said(before: PodState | None, now: PodState) -> list[type[PodState]]:
    return [type(event) for event in events_for(before, now)]


PENDING = state()
RUNNING = state("Running", pod_ip="10.0.0.1", resource_version="2")
GOING = state("Running", pod_ip="10.0.0.1", deletion_timestamp=10.0, resource_version="3")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, PENDING, [PodCreate, PodPending]),
        (None, RUNNING, [PodCreate, PodRunning]),
        (None, GOING, [PodCreate, PodShutdown]),
        (PENDING, RUNNING, [PodRunning]),
        (PENDING, state(node_name="node-1"), [PodPending]),
        (RUNNING, state("Running", pod_ip="10.0.0.1", ready=True), [PodRunning]),
        (RUNNING, GOING, [PodShutdown]),
        (RUNNING, state("Failed"), [PodShutdown]),
        (RUNNING, state("Succeeded"), [PodShutdown]),
        (GOING, state("Failed", deletion_timestamp=10.0), []),
        (PENDING, state(), []),
    ],
)
def test_a_change_is_said_as(before: PodState | None, now: PodState, expected: list[type[PodState]]) -> None:
    assert said(before, now) == expected


def test_another_resource_version_alone_is_no_change() -> None:
    assert said(RUNNING, state("Running", pod_ip="10.0.0.1", resource_version="9")) == []


def test_an_event_says_all_that_is_known_of_the_pod() -> None:
    (event,) = events_for(PENDING, state("Running", labels={"a": "b"}, pod_ip="10.0.0.1", cause="decision-1"))
    assert (event.labels, event.pod_ip, event.cause) == ({"a": "b"}, "10.0.0.1", "decision-1")
    assert event.meta is None


def test_the_present_state_is_said_again_as_what_it_is() -> None:
    assert [current_event(pod) for pod in (PENDING, RUNNING, GOING)] == [PodPending, PodRunning, PodShutdown]
    assert current_event(state("Unknown")) is PodPending
    assert as_event(PodShutdown, RUNNING).pod_ip == "10.0.0.1"
