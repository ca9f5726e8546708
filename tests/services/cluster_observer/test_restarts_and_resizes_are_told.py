"""What a kubelet writes about restarts, out-of-memory kills and resizes, as events say it."""

from __future__ import annotations

from typing import Any

import pytest
from galileo_backends.kubernetes.pod_state import pod_state
from galileo_schemas.events import PodResize, PodRunning, Termination
from galileo_services.cluster_observer.pod_transitions import events_for

from tests.services.kubernetes_objects import pod_object

KILLED = {
    "exitCode": 137,
    "reason": "OOMKilled",
    "startedAt": "2024-01-01T00:00:00Z",
    "finishedAt": "2024-01-01T00:01:00Z",
    "containerID": "containerd://0123",
}


def running(**container_status: Any) -> dict[str, Any]:
    pod = pod_object("pod-1")
    pod["metadata"]["uid"] = "uid-1"
    pod["status"] = {"phase": "Running", "containerStatuses": [{"name": "resnet", **container_status}]}
    return pod


def test_an_out_of_memory_kill_is_told_with_its_times() -> None:
    state = pod_state(running(restartCount=2, state={"running": {}}, lastState={"terminated": KILLED}))
    container = state.containers["resnet"]
    assert container.restart_count == 2
    assert container.last_termination == Termination(
        reason="OOMKilled", exit_code=137, started_at=1704067200.0, finished_at=1704067260.0
    )


def test_a_container_that_is_down_now_is_told_by_its_newest_end() -> None:
    earlier = {**KILLED, "reason": "Error", "finishedAt": "2024-01-01T00:00:30Z"}
    state = pod_state(running(state={"terminated": KILLED}, lastState={"terminated": earlier}))
    termination = state.containers["resnet"].last_termination
    assert termination is not None
    assert termination.reason == "OOMKilled"


def test_a_container_that_never_ended_has_no_termination() -> None:
    state = pod_state(running(restartCount=0, state={"running": {}}, lastState={}))
    assert state.containers["resnet"].last_termination is None


def test_an_out_of_memory_kill_is_news() -> None:
    before = pod_state(running(restartCount=0, state={"running": {}}))
    after = pod_state(running(restartCount=1, state={"running": {}}, lastState={"terminated": KILLED}))
    (said,) = events_for(before, after)
    assert isinstance(said, PodRunning)
    assert said.containers["resnet"].restart_count == 1


def test_what_a_container_runs_with_is_told_beside_what_it_asks_for() -> None:
    actual = {"requests": {"cpu": "250m", "memory": "64Mi"}}
    container = pod_state(running(resources=actual)).containers["resnet"]
    assert container.resource_requests["cpu"] == "500m"
    assert container.actual_requests == {"cpu": "250m", "memory": "64Mi"}


@pytest.mark.parametrize(
    ("conditions", "resize"),
    [
        ([], None),
        ([{"type": "PodResizeInProgress", "status": "False"}], None),
        ([{"type": "PodResizeInProgress", "status": "True"}], PodResize(state="in_progress")),
        (
            [{"type": "PodResizeInProgress", "status": "True", "reason": None, "message": None}],
            PodResize(state="in_progress"),
        ),
        (
            [
                {
                    "type": "PodResizePending",
                    "status": "True",
                    "reason": "Deferred",
                    "message": "no room",
                    "lastTransitionTime": "2024-01-01T00:00:00Z",
                }
            ],
            PodResize(state="deferred", message="no room", since=1704067200.0),
        ),
        (
            [
                {"type": "PodResizeInProgress", "status": "True"},
                {"type": "PodResizePending", "status": "True", "reason": "Infeasible", "message": "never"},
            ],
            PodResize(state="infeasible", message="never"),
        ),
    ],
)
def test_how_far_a_resize_is_comes_from_the_pods_conditions(
    conditions: list[dict[str, str]], resize: PodResize | None
) -> None:
    pod = running()
    pod["status"]["conditions"] = conditions
    assert pod_state(pod).resize == resize


@pytest.mark.parametrize(("observed", "told"), [(2, True), (1, False)])
def test_a_condition_of_a_resize_that_was_replaced_since_is_no_news(observed: int, told: bool) -> None:
    pod = running()
    pod["metadata"]["generation"] = 2
    condition = {"type": "PodResizePending", "status": "True", "reason": "Deferred", "observedGeneration": observed}
    pod["status"]["conditions"] = [condition]
    assert (pod_state(pod).resize is not None) is told
