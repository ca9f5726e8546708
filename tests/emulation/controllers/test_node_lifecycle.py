"""A node that does not report is lost, its pods are moved, and all of it ends when it comes back."""

import pytest
from galileo_emulation.controllers import ControllerSettings
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.controllers.node_lifecycle.taints import NOT_READY, OUT_OF_SERVICE, UNREACHABLE
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, LEASES, NODES, PODS

from tests.emulation.controllers.emulated_cluster import (
    EmulatedCluster,
    emulated_cluster,
    node,
    pod,
    template,
    workload,
)

pytestmark = pytest.mark.looptime

SETTINGS = ControllerSettings(node_grace_s=20, node_startup_grace_s=30, node_eviction_rate=1.0)


def taints(cluster: EmulatedCluster, name: str) -> set[tuple[str, str]]:
    return {(taint["key"], taint["effect"]) for taint in cluster.get(NODES, name)["spec"].get("taints", ())}


def ready_of(body: JsonObject) -> str:
    found = condition(body, "Ready")
    assert found is not None
    status: str = found["status"]
    return status


def tolerant(seconds: int) -> JsonObject:
    """A pod spec that tolerates a lost node for some seconds."""
    return {
        "tolerations": [
            {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}
            for key in (NOT_READY, UNREACHABLE)
        ]
    }


async def test_a_new_node_loses_its_taint_when_it_is_ready() -> None:
    async with emulated_cluster(settings=SETTINGS) as cluster:
        new = node("edge")
        new["status"]["conditions"][0]["status"] = "False"
        await cluster.create(NODES, new)
        await cluster.run(1)
        assert (NOT_READY, "NoSchedule") in taints(cluster, "edge")
        await cluster.change_status(NODES, "edge", {"conditions": [{"type": "Ready", "status": "True"}]})
        await cluster.run(1)
        assert taints(cluster, "edge") == set()


async def test_a_node_that_does_not_report_becomes_unknown_and_unreachable() -> None:
    async with emulated_cluster(settings=SETTINGS, nodes=3) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=3))
        await cluster.run(15)
        cluster.alive.discard("node-1")
        await cluster.run(10)
        assert ready_of(cluster.get(NODES, "node-1")) == "True"
        await cluster.run(15)
        lost = condition(cluster.get(NODES, "node-1"), "Ready")
        assert lost is not None
        assert (lost["status"], lost["reason"]) == ("Unknown", "NodeStatusUnknown")
        assert taints(cluster, "node-1") == {(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")}
        assert {ready_of(found) for found in cluster.pods(app="web") if found["spec"]["nodeName"] == "node-1"} == {
            "False"
        }
        assert cluster.get(DEPLOYMENTS, "web")["status"]["availableReplicas"] == 2
        assert "NodeNotReady" in cluster.reasons("node-1")
        assert taints(cluster, "node-0") == taints(cluster, "node-2") == set()


async def test_its_pods_are_replaced_elsewhere_after_their_toleration_and_stay_in_deletion() -> None:
    alive = ["node-0", "node-1"]
    async with emulated_cluster(settings=SETTINGS, nodes=2, place=lambda pod: alive[-1]) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=1, template=template("web", **tolerant(60))))
        await cluster.run(15)
        (name,) = cluster.names(PODS)
        cluster.alive.discard(alive.pop())
        await cluster.run(70)
        assert cluster.names(PODS) == [name]
        await cluster.run(30)
        old = cluster.get(PODS, name)
        assert "deletionTimestamp" in old["metadata"]
        target = condition(old, "DisruptionTarget")
        assert target is not None
        assert target["reason"] == "DeletionByTaintManager"
        (new,) = (found for found in cluster.pods(app="web") if found["metadata"]["name"] != name)
        assert new["spec"]["nodeName"] == "node-0"
        assert cluster.get(DEPLOYMENTS, "web")["status"]["availableReplicas"] == 1
        cluster.alive.add("node-1")
        await cluster.run(15)
        assert taints(cluster, "node-1") == set()


async def test_a_node_that_comes_back_in_time_keeps_its_pods() -> None:
    async with emulated_cluster(settings=SETTINGS, nodes=2, place=lambda pod: "node-1") as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=1, template=template("web", **tolerant(60))))
        await cluster.run(15)
        names = cluster.names(PODS)
        cluster.alive.discard("node-1")
        await cluster.run(50)
        assert taints(cluster, "node-1")
        cluster.alive.add("node-1")
        await cluster.run(100)
        assert cluster.names(PODS) == names
        assert "deletionTimestamp" not in cluster.get(PODS, names[0])["metadata"]
        assert cluster.reasons(names[0])[-1] == "TaintManagerEviction"


async def test_a_lease_that_is_renewed_is_a_report_too() -> None:
    async with emulated_cluster(settings=SETTINGS) as cluster:
        await cluster.create(NODES, node("edge"))
        lease = {"metadata": {"name": "edge", "namespace": "kube-node-lease"}, "spec": {"holderIdentity": "edge"}}
        await cluster.create(LEASES, lease)
        for _ in range(10):
            await cluster.run(10)
            renewed = f"{timestamp(cluster.now)[:-1]}.000000Z"
            current = cluster.get(LEASES, "edge", "kube-node-lease")
            await cluster.api.update(LEASES, {**current, "spec": {**current["spec"], "renewTime": renewed}})
        assert ready_of(cluster.get(NODES, "edge")) == "True"
        await cluster.run(25)
        assert ready_of(cluster.get(NODES, "edge")) == "Unknown"


async def test_a_node_that_never_reported_is_lost_after_the_startup_grace() -> None:
    async with emulated_cluster(settings=SETTINGS) as cluster:
        await cluster.create(NODES, {"metadata": {"name": "edge"}})
        await cluster.run(25)
        assert condition(cluster.get(NODES, "edge"), "Ready") is None
        await cluster.run(10)
        found = condition(cluster.get(NODES, "edge"), "Ready")
        assert found is not None
        assert (found["status"], found["reason"]) == ("Unknown", "NodeStatusNeverUpdated")


async def test_pressure_and_a_cordon_are_taints_and_foreign_taints_stay() -> None:
    foreign = {"key": "example.galileo/mine", "effect": "NoSchedule"}
    async with emulated_cluster(settings=SETTINGS) as cluster:
        await cluster.create(NODES, node("edge"))
        await cluster.run(1)
        await cluster.change(NODES, "edge", spec={"unschedulable": True, "taints": [foreign]})
        await cluster.change_status(NODES, "edge", {"conditions": [{"type": "MemoryPressure", "status": "True"}]})
        await cluster.run(1)
        added = {
            ("node.kubernetes.io/unschedulable", "NoSchedule"),
            ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        }
        assert taints(cluster, "edge") == {("example.galileo/mine", "NoSchedule"), *added}
        await cluster.change(NODES, "edge", spec={"unschedulable": False})
        await cluster.change_status(NODES, "edge", {"conditions": [{"type": "MemoryPressure", "status": "False"}]})
        await cluster.run(1)
        assert taints(cluster, "edge") == {("example.galileo/mine", "NoSchedule")}


async def test_nothing_is_driven_away_while_no_node_at_all_reports() -> None:
    async with emulated_cluster(settings=SETTINGS, nodes=2) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2, template=template("web", **tolerant(1))))
        await cluster.run(15)
        names = cluster.names(PODS)
        cluster.alive.clear()
        await cluster.run(120)
        assert taints(cluster, "node-0") == taints(cluster, "node-1") == {(UNREACHABLE, "NoSchedule")}
        assert cluster.names(PODS) == names
        assert not any("deletionTimestamp" in found["metadata"] for found in cluster.all(PODS))


async def test_nodes_of_a_zone_are_drained_no_faster_than_the_rate() -> None:
    settings = ControllerSettings(node_grace_s=20, node_eviction_rate=0.1)
    async with emulated_cluster(settings=settings, nodes=8) as cluster:
        await cluster.run(15)
        cluster.alive -= {"node-0", "node-1", "node-2"}
        await cluster.run(30)
        counts = []
        for _ in range(4):
            drained = [name for name in cluster.names(NODES) if (UNREACHABLE, "NoExecute") in taints(cluster, name)]
            counts.append(len(drained))
            await cluster.run(10)
        assert counts == [2, 3, 3, 3]


async def test_pods_of_a_node_whose_object_is_gone_are_removed() -> None:
    async with emulated_cluster(settings=SETTINGS, nodes=2, place=lambda pod: "node-1") as cluster:
        await cluster.create(PODS, pod("lone"))
        await cluster.run(1)
        cluster.alive.discard("node-1")
        await cluster.delete(NODES, "node-1")
        await cluster.run(39)
        assert cluster.names(PODS) == ["lone"]
        await cluster.run(2)
        assert cluster.names(PODS) == []


async def test_pods_in_deletion_on_a_node_out_of_service_are_removed() -> None:
    async with emulated_cluster(settings=SETTINGS, nodes=2, place=lambda pod: "node-1") as cluster:
        await cluster.create(PODS, pod("lone"))
        await cluster.run(1)
        cluster.alive.discard("node-1")
        await cluster.run(60)
        await cluster.delete(PODS, "lone")
        await cluster.run(60)
        assert cluster.names(PODS) == ["lone"]
        taint = {"key": OUT_OF_SERVICE, "value": "nodeshutdown", "effect": "NoExecute"}
        present = cluster.get(NODES, "node-1")["spec"]["taints"]
        await cluster.change(NODES, "node-1", spec={"taints": [*present, taint]})
        await cluster.run(1)
        assert cluster.names(PODS) == []
