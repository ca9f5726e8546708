"""Kubelets renew their leases, and stop when their node fails."""

import asyncio
from dataclasses import replace

import pytest
from galileo_emulation.kubernetes.apiobjects import JsonObject

from tests.emulation.kubelets.cluster import Cluster
from tests.emulation.kubelets.virtual import QUICK, running

pytestmark = pytest.mark.looptime


def lease(cluster: Cluster, node: str = "n1") -> JsonObject:
    spec: JsonObject = cluster.lease(node)["spec"]
    return spec


async def test_a_lease_is_held_by_its_node_and_renewed_four_times_in_its_duration() -> None:
    async with running() as (cluster, _):
        first = lease(cluster)
        assert (first["holderIdentity"], first["leaseDurationSeconds"]) == ("n1", 4)
        assert first["renewTime"].startswith("2023-11-14T22:13:20.")
        assert len(first["renewTime"]) == len("2023-11-14T22:13:20.000000Z")
        owner = cluster.lease("n1")["metadata"]["ownerReferences"][0]
        assert (owner["kind"], owner["uid"]) == ("Node", cluster.node("n1")["metadata"]["uid"])
        await asyncio.sleep(10.5)
        assert lease(cluster)["renewTime"].startswith("2023-11-14T22:13:30.")
        assert lease(cluster, "n2")["renewTime"].startswith("2023-11-14T22:13:30.")


async def test_the_duration_is_as_the_specification_says() -> None:
    async with running(replace(QUICK, lease_duration_s=40)) as (cluster, _):
        await asyncio.sleep(9)
        assert lease(cluster)["renewTime"].startswith("2023-11-14T22:13:20.")
        await asyncio.sleep(2)
        assert lease(cluster)["renewTime"].startswith("2023-11-14T22:13:30.")
        assert lease(cluster)["leaseDurationSeconds"] == 40


async def test_a_node_that_failed_lets_its_lease_run_out_until_it_is_back() -> None:
    async with running() as (cluster, world):
        await asyncio.sleep(5.5)
        await world.kill_node("n1")
        await asyncio.sleep(60)
        assert lease(cluster)["renewTime"].startswith("2023-11-14T22:13:25.")
        ready = next(c for c in cluster.node("n1")["status"]["conditions"] if c["type"] == "Ready")
        assert ready["status"] == "True"  # who finds out is not the kubelet
        assert lease(cluster, "n2")["renewTime"].startswith("2023-11-14T22:14:25.")
        await world.restore_node("n1")
        assert lease(cluster)["renewTime"].startswith("2023-11-14T22:14:25.")
