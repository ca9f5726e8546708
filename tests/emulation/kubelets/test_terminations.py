"""Pods that are deleted: hooks, grace, the last status, the events."""

import asyncio
from typing import Any

import pytest

from tests.emulation.kubelets.cluster import Cluster
from tests.emulation.kubelets.virtual import IDLE, running

pytestmark = pytest.mark.looptime


def pre_stop(**hook: Any) -> dict[str, Any]:
    return {"lifecycle": {"preStop": hook}}


async def deleted_after_s(cluster: Cluster, name: str, *, grace_s: int | None = None) -> float:
    """Delete a pod; how long its object stays, to a tenth of a second."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    cluster.delete_pod(name, grace_s=grace_s)
    while cluster.pod(name) is not None:  # noqa: ASYNC110 - virtual time
        await asyncio.sleep(0.1)
    return round(loop.time() - began, 1)


@pytest.mark.parametrize(
    ("hook", "lasts_s"),
    [
        ({"sleep": {"seconds": 5}}, 6.0),
        ({"exec": {"command": ["sh", "-c", "sleep 5"]}}, 6.0),
        ({"exec": {"command": ["nginx", "-s", "quit"]}}, 1.0),
        ({"sleep": {"seconds": 60}}, 30.0),
    ],
)
async def test_a_prestop_hook_that_sleeps_is_waited_for_within_the_grace_period(
    hook: dict[str, Any], lasts_s: float
) -> None:
    async with running() as (cluster, _):
        cluster.create_pod("p", image=IDLE, container=pre_stop(**hook))
        await asyncio.sleep(1)
        assert await deleted_after_s(cluster, "p") == pytest.approx(lasts_s, abs=0.2)


async def test_a_hook_that_is_not_run_is_told() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("p", image=IDLE, container=pre_stop(httpGet={"port": 80}))
        await asyncio.sleep(1)
        await deleted_after_s(cluster, "p")
        message = cluster.event("p", "FailedPreStopHook")["message"]
        assert message == "PreStopHook of main: httpGet is not run by an emulated kubelet"
        assert cluster.event("p", "Killing")["message"] == "Stopping container main"


async def test_a_second_deletion_shortens_the_grace_period() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("p", image=IDLE, container=pre_stop(sleep={"seconds": 25}))
        await asyncio.sleep(1)
        cluster.delete_pod("p")
        await asyncio.sleep(5)
        assert await deleted_after_s(cluster, "p", grace_s=2) <= 2.2


async def test_the_last_status_tells_how_the_containers_ended() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("p", image=IDLE)
        cluster.create_pod("cut", image=IDLE, container={"command": ["sleep", "1h"]})
        await asyncio.sleep(1)
        for name, phase, code in (("p", "Succeeded", 0), ("cut", "Failed", 143)):
            cluster.delete_pod(name)
            await asyncio.sleep(0.5)
            assert cluster.status(name)["phase"] == "Running"
            assert "running" in cluster.container(name)["state"]
            await asyncio.sleep(1)
            assert cluster.pod(name) is None
            status = cluster.last_status(name)
            assert status["phase"] == phase
            assert status["containerStatuses"][0]["state"]["terminated"]["exitCode"] == code


async def test_a_container_is_not_started_again_while_its_pod_ends() -> None:
    async with running() as (cluster, _):
        hooked = {"command": ["sleep", "3"], **pre_stop(sleep={"seconds": 10})}
        cluster.create_pod("p", image=IDLE, container=hooked)
        await asyncio.sleep(1)
        assert await deleted_after_s(cluster, "p") == pytest.approx(2.0, abs=0.2)
        assert cluster.last_status("p")["containerStatuses"][0]["restartCount"] == 0
        assert cluster.last_status("p")["phase"] == "Succeeded"


async def test_pods_deleted_while_their_node_was_down_are_removed_when_it_is_back() -> None:
    async with running() as (cluster, world):
        cluster.create_pod("p", image=IDLE)
        cluster.create_pod("stays", image=IDLE)
        await asyncio.sleep(1)
        await world.kill_node("n1")
        cluster.delete_pod("p")
        await asyncio.sleep(100)
        assert cluster.pod("p") is not None
        await world.restore_node("n1")
        await asyncio.sleep(0.1)
        assert cluster.pod("p") is None
        assert cluster.is_ready("stays")


async def test_a_pod_with_a_finalizer_stays_as_it_ended_and_nobody_starts_it_again() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("p", image=IDLE)
        cluster.add_finalizer("p", "batch.kubernetes.io/job-tracking")
        await asyncio.sleep(1)
        cluster.delete_pod("p")
        await asyncio.sleep(60)
        assert cluster.status("p")["phase"] == "Succeeded"
        assert cluster.container("p")["restartCount"] == 0
