"""Controllers and the emulated kubelets together: nodes register, are lost, lose their pods, and come back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from galileo_emulation.controllers import Controllers, ControllerSettings
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.controllers.node_lifecycle.taints import NOT_READY, UNREACHABLE
from galileo_emulation.kubernetes import LocalApi
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, NODES, PODS
from galileo_emulation.kubernetes.operations.binding import bind
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.deletion import Deletion, delete
from galileo_emulation.world import World

from tests.emulation.controllers.emulated_cluster import START, template, workload
from tests.emulation.kubelets.cluster import Cluster
from tests.emulation.kubelets.virtual import IDLE, QUICK

pytestmark = pytest.mark.looptime

SETTINGS = ControllerSettings(node_grace_s=5.0, node_eviction_rate=1.0)
TOLERANT = [
    {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 20}
    for key in (NOT_READY, UNREACHABLE)
]


@asynccontextmanager
async def everything() -> AsyncIterator[tuple[Cluster, World]]:
    """A world of two nodes whose store has controllers, in virtual time."""
    loop = asyncio.get_running_loop()
    cluster = Cluster(now=lambda: START + loop.time())
    cluster.api = LocalApi(cluster.store, keeps_taints=True)
    async with cluster.world(QUICK) as world, Controllers(cluster.store, SETTINGS) as controllers:
        yield cluster, world
        assert controllers.faults == []


@contextmanager
def scheduling(cluster: Cluster, choose: Callable[[], str]) -> Iterator[None]:
    """Bind every new pod at once to the node that `choose` says."""
    loop = asyncio.get_running_loop()

    def bind_all() -> None:
        for stored in cluster.store.objects(PODS, "default").values():
            if "nodeName" not in stored.body["spec"] and "deletionTimestamp" not in stored.body["metadata"]:
                bind(cluster.store, "default", stored.body["metadata"]["name"], {"target": {"name": choose()}})

    def soon() -> None:
        loop.call_soon(bind_all)

    with cluster.store.listening(PODS, soon):
        yield


def deploy(cluster: Cluster, replicas: int) -> None:
    body = workload("web", replicas=replicas, template=template("web", IDLE, tolerations=TOLERANT))
    create(cluster.store, DEPLOYMENTS, "default", body)


def node(cluster: Cluster, name: str) -> JsonObject:
    found = cluster.store.get(NODES, "", name)
    assert found is not None
    return found.body


def available(cluster: Cluster) -> int:
    found = cluster.store.get(DEPLOYMENTS, "default", "web")
    assert found is not None
    count: int = found.body["status"].get("availableReplicas", 0)
    return count


def on_nodes(cluster: Cluster) -> list[tuple[str, bool]]:
    """The node of each pod, and whether the pod is being deleted."""
    bodies = [stored.body for stored in cluster.store.objects(PODS, "default").values()]
    return sorted((body["spec"]["nodeName"], "deletionTimestamp" in body["metadata"]) for body in bodies)


async def test_pods_of_a_deployment_run_and_end() -> None:
    async with everything() as (cluster, _):
        with scheduling(cluster, lambda: "n1"):
            deploy(cluster, 2)
            await asyncio.sleep(10)
            assert available(cluster) == 2
            assert "taints" not in node(cluster, "n1")["spec"]
            found = cluster.store.get(DEPLOYMENTS, "default", "web")
            assert found is not None
            delete(cluster.store, DEPLOYMENTS, found, Deletion(propagation="Foreground"))
            await asyncio.sleep(60)
            assert on_nodes(cluster) == []
            assert cluster.store.count(DEPLOYMENTS) == 0


async def test_a_node_that_dies_loses_its_pods_to_another_and_finds_them_gone_when_it_returns() -> None:
    async with everything() as (cluster, world):
        alive = ["n2", "n1"]
        with scheduling(cluster, lambda: alive[-1]):
            deploy(cluster, 2)
            await asyncio.sleep(10)
            await world.kill_node(alive.pop())
            await asyncio.sleep(8)
            lost = condition(node(cluster, "n1"), "Ready")
            assert lost is not None
            assert (lost["status"], lost["reason"]) == ("Unknown", "NodeStatusUnknown")
            assert available(cluster) == 0
            await asyncio.sleep(30)
            assert on_nodes(cluster) == [("n1", True), ("n1", True), ("n2", False), ("n2", False)]
            assert available(cluster) == 2
            await world.restore_node("n1")
            await asyncio.sleep(60)
            assert on_nodes(cluster) == [("n2", False), ("n2", False)]
            assert "taints" not in node(cluster, "n1")["spec"]
            assert available(cluster) == 2


async def test_a_node_that_returns_in_time_goes_on_with_its_pods() -> None:
    async with everything() as (cluster, world):
        with scheduling(cluster, lambda: "n1"):
            deploy(cluster, 2)
            await asyncio.sleep(10)
            await world.kill_node("n1")
            await asyncio.sleep(15)
            assert available(cluster) == 0
            await world.restore_node("n1")
            await asyncio.sleep(30)
            assert on_nodes(cluster) == [("n1", False), ("n1", False)]
            assert available(cluster) == 2
