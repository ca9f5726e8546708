"""kubectl's columns of a pod tell what it is about."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.columns.pods import POD_COLUMNS

NOW = 1_700_000_000.0
CREATED = "2023-11-14T22:13:10Z"  # ten seconds before


def cells(*, spec: dict[str, Any] | None = None, deleted: bool = False, **status: Any) -> list[Any]:
    metadata = {"name": "p", "creationTimestamp": CREATED, **({"deletionTimestamp": CREATED} if deleted else {})}
    return POD_COLUMNS.cells(
        {"metadata": metadata, "spec": {"containers": [{}], **(spec or {})}, "status": status}, NOW
    )


def container(ready: bool = False, restarts: int = 0, **state: Any) -> dict[str, Any]:
    return {"name": "c", "ready": ready, "restartCount": restarts, "state": state}


RUNNING = container(True, running={})
SUCCEEDED = container(terminated={"exitCode": 0, "reason": "Completed"})
READY = [{"type": "Ready", "status": "True"}]
INIT = {"initContainers": [{"name": "c"}, {"name": "d"}]}
SIDECAR = {"initContainers": [{"name": "c", "restartPolicy": "Always"}]}


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (["0/1", "Pending"], {"phase": "Pending"}),
        (["1/1", "Running"], {"phase": "Running", "containerStatuses": [RUNNING]}),
        (["0/1", "CrashLoopBackOff"], {"containerStatuses": [container(waiting={"reason": "CrashLoopBackOff"})]}),
        (["0/1", "OOMKilled"], {"containerStatuses": [container(terminated={"exitCode": 137, "reason": "OOMKilled"})]}),
        (["0/1", "ExitCode:3"], {"containerStatuses": [container(terminated={"exitCode": 3})]}),
        (["0/1", "Signal:9"], {"containerStatuses": [container(terminated={"exitCode": 137, "signal": 9})]}),
        (["0/1", "Completed"], {"phase": "Succeeded", "containerStatuses": [SUCCEEDED]}),
        (["1/1", "Running"], {"conditions": READY, "containerStatuses": [SUCCEEDED, RUNNING]}),
        (["1/1", "NotReady"], {"containerStatuses": [SUCCEEDED, RUNNING]}),
        (["0/1", "Evicted"], {"phase": "Failed", "reason": "Evicted"}),
        (["0/1", "SchedulingGated"], {"conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}),
        (["1/1", "Terminating"], {"deleted": True, "phase": "Running", "containerStatuses": [RUNNING]}),
        (["0/1", "Completed"], {"deleted": True, "phase": "Succeeded", "containerStatuses": [SUCCEEDED]}),
        (["0/1", "Init:0/2"], {"spec": INIT, "initContainerStatuses": [container(running={})]}),
        (["0/1", "Init:1/2"], {"spec": INIT, "initContainerStatuses": [SUCCEEDED, container(running={})]}),
        (
            ["0/1", "Init:Error"],
            {"spec": INIT, "initContainerStatuses": [container(terminated={"exitCode": 1, "reason": "Error"})]},
        ),
        (
            ["2/2", "Running"],
            {
                "spec": SIDECAR,
                "phase": "Running",
                "initContainerStatuses": [{**RUNNING, "started": True}],
                "containerStatuses": [RUNNING],
            },
        ),
    ],
)
def test_ready_and_status(expected: list[str], body: dict[str, Any]) -> None:
    assert cells(**body)[1:3] == expected


def test_restarts_tell_when_the_last_one_was() -> None:
    ended = {"lastState": {"terminated": {"finishedAt": "2023-11-14T22:12:20Z"}}}
    assert cells(containerStatuses=[{**container(True, 2, running={}), **ended}])[3] == "2 (60s ago)"
    assert cells(containerStatuses=[container(True, 2, running={})])[3] == "2"


def test_where_a_pod_is() -> None:
    spec = {"nodeName": "edge-1", "readinessGates": [{"conditionType": "a"}, {"conditionType": "b"}]}
    conditions = [{"type": "a", "status": "True"}]
    assert cells(spec=spec, podIPs=[{"ip": "10.0.0.1"}], conditions=conditions)[4:] == [
        "10s",
        "10.0.0.1",
        "edge-1",
        "<none>",
        "1/2",
    ]
    assert cells()[5:] == ["<none>"] * 4
