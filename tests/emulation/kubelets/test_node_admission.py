"""A pod that is bound to a node without room is rejected by its kubelet."""

import asyncio
from dataclasses import replace

import pytest

from tests.emulation.kubelets.cluster import NODES_OF_TWO_ZONES
from tests.emulation.kubelets.virtual import IDLE, QUICK, running

pytestmark = pytest.mark.looptime


def asking(**requests: str) -> dict[str, object]:
    return {"resources": {"requests": requests}}


async def test_a_pod_without_room_fails_with_the_reason() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("first", image=IDLE, container=asking(cpu="800m"))
        cluster.create_pod("second", image=IDLE, container=asking(cpu="300m"))
        cluster.create_pod("third", image=IDLE, container=asking(memory="2Gi"))
        await asyncio.sleep(0.1)
        assert cluster.status("first")["phase"] == "Running"
        status = cluster.status("second")
        assert (status["phase"], status["reason"]) == ("Failed", "OutOfcpu")
        message = "Node didn't have enough resource: cpu, requested: 300, used: 800, capacity: 1000"
        assert status["message"] == f"Pod was rejected: {message}"
        assert cluster.event("second", "OutOfcpu")["message"] == message
        assert cluster.status("third")["reason"] == "OutOfmemory"


async def test_room_is_free_again_when_a_pod_ended_or_went() -> None:
    async with running() as (cluster, _):
        job = {"command": ["sleep", "1"], **asking(cpu="1")}
        cluster.create_pod("job", image=IDLE, container=job, restartPolicy="Never")
        await asyncio.sleep(1.1)
        cluster.create_pod("next", image=IDLE, container=asking(cpu="1"))
        await asyncio.sleep(0.1)
        assert cluster.status("next")["phase"] == "Running"
        cluster.delete_pod("next", grace_s=0)
        await asyncio.sleep(0.1)
        cluster.create_pod("last", image=IDLE, container=asking(cpu="1"))
        await asyncio.sleep(0.1)
        assert cluster.status("last")["phase"] == "Running"


async def test_a_node_takes_no_more_pods_than_it_may() -> None:
    small = replace(NODES_OF_TWO_ZONES[0], max_pods=1)
    async with running(replace(QUICK, nodes=(small, NODES_OF_TWO_ZONES[1]))) as (cluster, _):
        cluster.create_pod("first", image=IDLE)
        cluster.create_pod("second", image=IDLE)
        await asyncio.sleep(0.1)
        assert cluster.status("second")["reason"] == "OutOfpods"
