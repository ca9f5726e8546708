"""A running pod's resources change in place."""

import asyncio
from dataclasses import replace

import pytest
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.specification import FunctionSpec

from tests.emulation.kubelets.cluster import Cluster
from tests.emulation.kubelets.virtual import IDLE, QUICK, running

pytestmark = pytest.mark.looptime
MIB = 1024**2
APP = FunctionSpec(name="app", image="app:1", memory_bytes=100 * MIB, start_s=0.0)
SPEC = replace(QUICK, functions=(APP,))


def sized(cpu: str, memory: str = "200Mi", *, policy: list[JsonObject] | None = None) -> JsonObject:
    quantities = {"cpu": cpu, "memory": memory}
    container: JsonObject = {"resources": {"requests": quantities, "limits": quantities}}
    container["ports"] = [{"containerPort": 8090}]
    return container | ({"resizePolicy": policy} if policy else {})


def resize(cluster: Cluster, name: str, **quantities: str) -> None:
    cluster.set_resources(name, {"requests": quantities, "limits": quantities})


async def test_a_resize_that_fits_is_allocated_applied_and_told() -> None:
    async with running(SPEC) as (cluster, _):
        cluster.create_pod("p", image="app:1", container=sized("200m"))
        await asyncio.sleep(1)
        resize(cluster, "p", cpu="500m", memory="300Mi")
        await asyncio.sleep(0.1)
        container = cluster.container("p")
        assert container["resources"]["limits"] == {"cpu": "500m", "memory": "300Mi"}
        assert container["allocatedResources"] == {"cpu": "500m", "memory": "300Mi"}
        assert container["restartCount"] == 0
        assert cluster.status("p")["observedGeneration"] == 2
        assert cluster.condition("p", "PodResizeInProgress") is None
        assert cluster.condition("p", "PodResizePending") is None
        assert cluster.events("p")[-2:] == ["ResizeStarted", "ResizeCompleted"]
        assert any("PodResizeInProgress" in kinds for kinds in cluster.conditions_over_time("p"))


async def test_a_resize_beyond_the_node_is_infeasible_and_one_without_room_deferred_until_there_is() -> None:
    async with running(SPEC) as (cluster, _):
        cluster.create_pod("p", image="app:1", container=sized("200m"))
        cluster.create_pod("other", image=IDLE, container=sized("600m"))
        await asyncio.sleep(1)
        resize(cluster, "p", cpu="2")
        await asyncio.sleep(0.1)
        assert cluster.condition("p", "PodResizePending") == {
            "type": "PodResizePending",
            "status": "True",
            "observedGeneration": 2,
            "reason": "Infeasible",
            "message": "Node didn't have enough capacity: cpu, requested: 2000, capacity: 1000",
        }
        resize(cluster, "p", cpu="500m")
        await asyncio.sleep(0.1)
        pending = cluster.condition("p", "PodResizePending")
        assert pending is not None
        assert (pending["reason"], pending["observedGeneration"]) == ("Deferred", 3)
        assert cluster.container("p")["allocatedResources"]["cpu"] == "200m"
        cluster.delete_pod("other")
        await asyncio.sleep(2)
        assert cluster.condition("p", "PodResizePending") is None
        assert cluster.container("p")["resources"]["limits"]["cpu"] == "500m"
        assert "ResizeDeferred" in cluster.events("p")
        assert "ResizeInfeasible" in cluster.events("p")


async def test_what_a_resize_gave_back_is_room_for_another() -> None:
    async with running(SPEC) as (cluster, _):
        cluster.create_pod("a", image=IDLE, container=sized("600m"))
        cluster.create_pod("b", image=IDLE, container=sized("300m"))
        await asyncio.sleep(1)
        resize(cluster, "b", cpu="700m")
        await asyncio.sleep(0.1)
        assert cluster.condition("b", "PodResizePending") is not None
        resize(cluster, "a", cpu="100m")
        await asyncio.sleep(0.1)
        assert cluster.container("b")["allocatedResources"]["cpu"] == "700m"


async def test_a_memory_limit_below_the_use_is_refused_with_the_reason_until_it_is_taken_back() -> None:
    async with running(SPEC) as (cluster, _):
        cluster.create_pod("p", image="app:1", container=sized("200m"))
        await asyncio.sleep(1)
        resize(cluster, "p", memory="50Mi")
        await asyncio.sleep(3)
        condition = cluster.condition("p", "PodResizeInProgress")
        assert condition == {
            "type": "PodResizeInProgress",
            "status": "True",
            "observedGeneration": 2,
            "reason": "Error",
            "message": 'cannot decrease memory limits: attempting to set container "main" memory limit (52428800) '
            "below current usage (104857600)",
        }
        container = cluster.container("p")
        assert container["resources"]["limits"]["memory"] == "200Mi"
        assert container["allocatedResources"]["memory"] == "50Mi"
        assert cluster.event("p", "ResizeError")["count"] == 1
        resize(cluster, "p", memory="150Mi")
        await asyncio.sleep(0.1)
        assert cluster.condition("p", "PodResizeInProgress") is None
        assert cluster.container("p")["resources"]["limits"]["memory"] == "150Mi"
        assert cluster.container("p")["restartCount"] == 0


async def test_a_container_whose_policy_says_so_is_started_again_for_it() -> None:
    policy = [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]
    async with running(SPEC) as (cluster, _):
        cluster.create_pod("p", image="app:1", container=sized("200m", policy=policy))
        await asyncio.sleep(1)
        resize(cluster, "p", cpu="300m")
        await asyncio.sleep(0.1)
        assert cluster.container("p")["restartCount"] == 0
        resize(cluster, "p", memory="300Mi")
        await asyncio.sleep(2)
        container = cluster.container("p")
        assert container["restartCount"] == 1
        assert container["resources"]["limits"]["memory"] == "300Mi"
        assert cluster.condition("p", "PodResizeInProgress") is None
        assert cluster.event("p", "Killing")["message"] == "Container main resize requires restart"


async def test_what_was_allocated_holds_after_the_node_failed() -> None:
    async with running(SPEC) as (cluster, world):
        cluster.create_pod("p", image="app:1", container=sized("200m"))
        await asyncio.sleep(1)
        resize(cluster, "p", cpu="2")
        await asyncio.sleep(0.1)
        await world.kill_node("n1")
        await world.restore_node("n1")
        await asyncio.sleep(0.1)
        assert cluster.status("p")["phase"] == "Running"
        assert cluster.container("p")["allocatedResources"]["cpu"] == "200m"
        assert cluster.condition("p", "PodResizePending") is not None
