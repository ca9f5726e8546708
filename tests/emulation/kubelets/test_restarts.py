"""Containers that end: restart policies, back-off, phases, init containers, sidecars."""

import asyncio
from typing import Any

import pytest

from tests.emulation.kubelets.cluster import Cluster
from tests.emulation.kubelets.virtual import IDLE, running

pytestmark = pytest.mark.looptime


def run(cluster: Cluster, name: str, script: str, **spec: Any) -> None:
    cluster.create_pod(name, image="busybox:1.36", container={"command": ["sh", "-c", script]}, **spec)


async def test_a_container_that_fails_is_started_again_at_once_then_with_a_growing_backoff() -> None:
    async with running() as (cluster, _):
        run(cluster, "crash", "sleep 1; exit 3")
        await asyncio.sleep(1.5)
        container = cluster.container("crash")
        assert (container["restartCount"], set(container["state"])) == (1, {"running"})
        await asyncio.sleep(1)
        container = cluster.container("crash")
        assert container["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        uid = cluster.pod("crash")["metadata"]["uid"]  # type: ignore[index]
        message = f"back-off 10s restarting failed container=main pod=crash_default({uid})"
        assert container["state"]["waiting"]["message"] == message
        ended = container["lastState"]["terminated"]
        assert (ended["exitCode"], ended["reason"]) == (3, "Error")
        assert (ended["startedAt"], ended["finishedAt"]) == ("2023-11-14T22:13:21Z", "2023-11-14T22:13:22Z")
        assert not container["ready"]
        assert not container["started"]
        assert cluster.status("crash")["phase"] == "Running"
        assert not cluster.is_ready("crash")
        await asyncio.sleep(10)
        assert cluster.container("crash")["restartCount"] == 2
        await asyncio.sleep(19.5)
        assert "waiting" in cluster.container("crash")["state"]
        await asyncio.sleep(2)
        assert cluster.container("crash")["restartCount"] == 3
        assert cluster.event("crash", "BackOff")["count"] >= 2


async def test_a_job_that_does_its_work_has_succeeded_and_is_not_started_again() -> None:
    async with running() as (cluster, _):
        run(cluster, "job", "echo done; sleep 5", restartPolicy="OnFailure")
        await asyncio.sleep(4)
        assert cluster.status("job")["phase"] == "Running"
        await asyncio.sleep(20)
        status = cluster.status("job")
        assert status["phase"] == "Succeeded"
        assert status["containerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"
        assert status["containerStatuses"][0]["restartCount"] == 0
        ready = cluster.condition("job", "Ready")
        assert ready is not None
        assert (ready["status"], ready["reason"]) == ("False", "PodCompleted")
        versions = cluster.pod("job")["metadata"]["resourceVersion"]  # type: ignore[index]
        await asyncio.sleep(60)
        assert cluster.pod("job")["metadata"]["resourceVersion"] == versions  # type: ignore[index]


async def test_a_job_that_fails_is_tried_again_or_has_failed_as_its_policy_says() -> None:
    async with running() as (cluster, _):
        run(cluster, "again", "exit 1", restartPolicy="OnFailure")
        run(cluster, "never", "exit 1", restartPolicy="Never")
        await asyncio.sleep(1)
        assert cluster.container("again")["restartCount"] == 1
        assert cluster.status("never")["phase"] == "Failed"
        assert cluster.container("never")["state"]["terminated"]["exitCode"] == 1


async def test_an_ended_pod_stays_so_whatever_happens_to_it_until_it_is_deleted() -> None:
    async with running() as (cluster, world):
        run(cluster, "job", "exit 0", restartPolicy="Never")
        await asyncio.sleep(1)
        assert cluster.status("job")["phase"] == "Succeeded"
        cluster.label("job", "seen", "yes")
        await world.kill_node("n1")
        await world.restore_node("n1")
        await asyncio.sleep(1)
        assert cluster.status("job")["phase"] == "Succeeded"
        assert cluster.container("job")["restartCount"] == 0
        cluster.delete_pod("job")
        await asyncio.sleep(0.1)
        assert cluster.pod("job") is None


async def test_init_containers_run_one_after_the_other_before_the_others() -> None:
    inits = [
        {"name": "first", "image": "busybox:1", "command": ["sleep", "2"]},
        {"name": "second", "image": "busybox:1", "command": ["sleep", "3"]},
    ]
    async with running() as (cluster, _):
        cluster.create_pod("p", image=IDLE, initContainers=inits)
        await asyncio.sleep(1)
        assert cluster.container("p", "second")["state"]["waiting"]["reason"] == "PodInitializing"
        assert cluster.container("p")["state"]["waiting"]["reason"] == "PodInitializing"
        initialized = cluster.condition("p", "Initialized")
        assert initialized is not None
        assert (initialized["status"], initialized["message"]) == (
            "False",
            "containers with incomplete status: [first second]",
        )
        await asyncio.sleep(3.5)
        assert cluster.status("p")["phase"] == "Pending"
        assert cluster.container("p", "first")["state"]["terminated"]["exitCode"] == 0
        assert cluster.container("p", "first")["ready"]
        await asyncio.sleep(1)
        assert cluster.status("p")["phase"] == "Running"
        assert cluster.is_ready("p")


async def test_an_init_container_that_fails_holds_the_pod_back_or_fails_it() -> None:
    inits = [{"name": "init", "image": "busybox:1", "command": ["false"]}]
    async with running() as (cluster, _):
        cluster.create_pod("held", image=IDLE, initContainers=inits)
        cluster.create_pod("failed", image=IDLE, initContainers=inits, restartPolicy="Never")
        await asyncio.sleep(1)
        assert cluster.status("held")["phase"] == "Pending"
        assert cluster.container("held", "init")["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        assert cluster.status("failed")["phase"] == "Failed"


async def test_a_sidecar_runs_beside_the_containers_and_ends_after_them() -> None:
    inits = [{"name": "sidecar", "image": "busybox:1", "command": ["sleep", "infinity"], "restartPolicy": "Always"}]
    async with running() as (cluster, _):
        run(cluster, "job", "sleep 5", initContainers=inits, restartPolicy="Never")
        await asyncio.sleep(1)
        assert "running" in cluster.container("job", "sidecar")["state"]
        assert cluster.status("job")["phase"] == "Running"
        await asyncio.sleep(5)
        assert cluster.status("job")["phase"] == "Succeeded"
        assert "terminated" in cluster.container("job", "sidecar")["state"]


async def test_restarts_are_counted_on_after_the_node_failed() -> None:
    async with running() as (cluster, world):
        run(cluster, "crash", "sleep 1; exit 3")
        await asyncio.sleep(1.5)
        await world.kill_node("n1")
        await asyncio.sleep(5)
        assert cluster.container("crash")["restartCount"] == 1  # nobody told
        await world.restore_node("n1")
        await asyncio.sleep(0.5)
        container = cluster.container("crash")
        assert container["restartCount"] == 2
        assert container["lastState"]["terminated"]["reason"] == "Unknown"
        assert container["lastState"]["terminated"]["exitCode"] == 255
