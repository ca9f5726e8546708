"""Memory: containers above their limit are killed, nodes that lack it evict."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.specification import FunctionSpec

from tests.emulation.kubelets.cluster import Cluster
from tests.emulation.kubelets.virtual import IDLE, QUICK, running

pytestmark = pytest.mark.looptime
MIB = 1024**2
BIG = FunctionSpec(name="big", image="big:1", memory_bytes=400 * MIB, start_s=0.0)
HUGE = FunctionSpec(name="huge", image="huge:1", memory_bytes=600 * MIB, start_s=0.0)
SPEC = replace(QUICK, functions=(BIG, HUGE))


def node_condition(cluster: Cluster, kind: str) -> JsonObject:
    conditions: list[JsonObject] = cluster.node("n1")["status"]["conditions"]
    return next(condition for condition in conditions if condition["type"] == kind)


def create(cluster: Cluster, name: str, image: str, *, requests: str = "0", **spec: Any) -> None:
    container = {"resources": {"requests": {"memory": requests}}, "ports": [{"containerPort": 8090}]}
    cluster.create_pod(name, image=image, container=container, **spec)


async def test_a_container_that_is_larger_than_its_limit_is_killed_and_started_again() -> None:
    async with running(SPEC) as (cluster, _):
        limited = {"resources": {"limits": {"memory": "300Mi"}}, "ports": [{"containerPort": 8090}]}
        cluster.create_pod("p", image="big:1", container=limited)
        await asyncio.sleep(1)
        container = cluster.container("p")
        ended = container["lastState"]["terminated"]
        assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)
        assert container["state"]["waiting"]["reason"] == "CrashLoopBackOff"


async def test_a_node_that_lacks_memory_says_so_and_evicts_in_order_until_it_has_enough() -> None:
    async with running(SPEC) as (cluster, _):
        create(cluster, "big", "big:1", requests="400Mi")
        create(cluster, "idle", IDLE)
        await asyncio.sleep(2)
        assert node_condition(cluster, "MemoryPressure")["status"] == "False"
        create(cluster, "huge", "huge:1", requests="100Mi")
        await asyncio.sleep(3)
        status = cluster.status("huge")
        assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
        assert status["message"].startswith(
            "The node was low on resource: memory. Threshold quantity: 100Mi, available"
        )
        assert "Container main was using 614400Ki, request is 100Mi" in status["message"]
        disrupted = cluster.condition("huge", "DisruptionTarget")
        assert disrupted is not None
        assert (disrupted["status"], disrupted["reason"]) == ("True", "TerminationByKubelet")
        assert cluster.container("huge")["state"]["terminated"]["exitCode"] == 137
        assert cluster.event("huge", "Evicted")["message"] == status["message"]
        assert cluster.event("n1", "EvictionThresholdMet")["type"] == "Warning"
        pressure = node_condition(cluster, "MemoryPressure")
        assert (pressure["status"], pressure["reason"]) == ("True", "KubeletHasInsufficientMemory")
        assert cluster.status("big")["phase"] == "Running"
        assert cluster.status("idle")["phase"] == "Running"


async def test_under_pressure_best_effort_pods_are_turned_away_until_it_is_over() -> None:
    async with running(SPEC) as (cluster, _):
        create(cluster, "big", "big:1", requests="400Mi")
        create(cluster, "huge", "huge:1", requests="100Mi")
        await asyncio.sleep(3)
        cluster.create_pod("best-effort", image=IDLE)
        create(cluster, "burstable", IDLE, requests="10Mi")
        await asyncio.sleep(0.1)
        status = cluster.status("best-effort")
        assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
        assert status["message"] == "Pod was rejected: The node had condition: [MemoryPressure]. "
        assert cluster.status("burstable")["phase"] == "Running"
        await asyncio.sleep(SPEC.pressure_transition_s + 1)
        assert node_condition(cluster, "MemoryPressure")["status"] == "False"
        cluster.create_pod("later", image=IDLE)
        await asyncio.sleep(0.1)
        assert cluster.status("later")["phase"] == "Running"
