"""Daemon sets have a pod on every node that they fit, and replace them a few nodes at a time."""

from itertools import pairwise

import pytest
from galileo_emulation.controllers.daemon_set.placement import suitability
from galileo_emulation.controllers.node_affinity import named_node
from galileo_emulation.controllers.pod_facts import is_ready
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, node, template, workload

pytestmark = pytest.mark.looptime

NEW = "registry.example/app:2"


def pinned(pod: JsonObject) -> str:
    return named_node(pod["spec"])


def status(cluster: EmulatedCluster) -> JsonObject:
    found: JsonObject = cluster.get(DAEMON_SETS, "agent")["status"]
    return found


def where(cluster: EmulatedCluster) -> list[str]:
    return sorted(pinned(pod) for pod in cluster.pods(app="agent"))


async def test_every_node_has_one_and_new_nodes_get_one() -> None:
    async with emulated_cluster(nodes=3, place=pinned) as cluster:
        await cluster.create(DAEMON_SETS, workload("agent"))
        await cluster.run(1)
        assert where(cluster) == ["node-0", "node-1", "node-2"]
        assert {pod["spec"]["nodeName"] for pod in cluster.pods(app="agent")} == {"node-0", "node-1", "node-2"}
        await cluster.create(NODES, node("late"))
        await cluster.run(1)
        assert where(cluster) == ["late", "node-0", "node-1", "node-2"]
        assert (status(cluster)["desiredNumberScheduled"], status(cluster)["numberReady"]) == (4, 3)


async def test_nodes_are_chosen_by_selector_and_affinity() -> None:
    wants = {"key": "tier", "operator": "In", "values": ["edge", "cloudlet"]}
    affinity = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [wants]}]}
    }
    async with emulated_cluster() as cluster:
        for name, tier in (("a", "edge"), ("b", "cloud"), ("c", "cloudlet")):
            await cluster.create(NODES, node(name, tier=tier, arm="true" if name != "c" else "false"))
        spec = template("agent", affinity={"nodeAffinity": affinity}, nodeSelector={"arm": "true"})
        await cluster.create(DAEMON_SETS, workload("agent", template=spec))
        await cluster.run(1)
        assert where(cluster) == ["a"]
        await cluster.change(NODES, "c", metadata={"labels": {"arm": "true"}})
        await cluster.change(NODES, "a", metadata={"labels": {"arm": "false"}})
        await cluster.run(1)
        assert where(cluster) == ["c"]


async def test_a_taint_keeps_it_away_and_only_no_execute_drives_it_off() -> None:
    daemon_set = {**workload("agent"), "metadata": {"name": "agent", "namespace": "default", "uid": "1"}}
    machine = node("a")

    def with_taint(key: str, effect: str) -> tuple[bool, bool]:
        machine["spec"] = {"taints": [{"key": key, "effect": effect}]}
        found = suitability(daemon_set, machine)
        return found.gets, found.keeps

    assert with_taint("mine", "PreferNoSchedule") == (True, True)
    assert with_taint("mine", "NoSchedule") == (False, True)
    assert with_taint("mine", "NoExecute") == (False, False)
    assert with_taint("node.kubernetes.io/unreachable", "NoExecute") == (True, True)
    assert with_taint("node.kubernetes.io/unschedulable", "NoSchedule") == (True, True)


async def test_a_rolling_update_goes_node_by_node() -> None:
    async with emulated_cluster(nodes=4, place=pinned, start_s=1.0) as cluster:
        await cluster.create(DAEMON_SETS, workload("agent"))
        await cluster.run(3)
        await cluster.change(DAEMON_SETS, "agent", spec={"template": template("agent", NEW)})
        fewest = 4
        for _ in range(80):
            await cluster.run(0.1)
            fewest = min(fewest, sum(map(is_ready, cluster.pods(app="agent"))))
        assert fewest == 3
        assert (status(cluster)["updatedNumberScheduled"], status(cluster)["numberReady"]) == (4, 4)
        assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods(app="agent")} == {NEW}
        assert [found["revision"] for found in cluster.all(CONTROLLER_REVISIONS)] in ([1, 2], [2, 1])


async def test_with_a_surge_the_new_pod_is_ready_before_the_old_one_goes() -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    async with emulated_cluster(nodes=3, place=pinned, start_s=1.0) as cluster:
        await cluster.create(DAEMON_SETS, workload("agent", updateStrategy=strategy))
        await cluster.run(3)
        await cluster.change(DAEMON_SETS, "agent", spec={"template": template("agent", NEW)})
        fewest, most = 3, 3
        for _ in range(100):
            await cluster.run(0.1)
            pods = cluster.pods(app="agent")
            fewest, most = min(fewest, sum(map(is_ready, pods))), max(most, len(pods))
        assert (fewest, most) == (3, 4)
        assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods(app="agent")} == {NEW}


async def test_on_delete_waits_for_somebody_to_delete_the_old_pods() -> None:
    async with emulated_cluster(nodes=2, place=pinned) as cluster:
        await cluster.create(DAEMON_SETS, workload("agent", updateStrategy={"type": "OnDelete"}))
        await cluster.run(1)
        await cluster.change(DAEMON_SETS, "agent", spec={"template": template("agent", NEW)})
        await cluster.run(5)
        assert "updatedNumberScheduled" not in status(cluster)
        await cluster.delete(PODS, cluster.names(PODS)[0])
        await cluster.run(1)
        assert status(cluster)["updatedNumberScheduled"] == 1


async def test_a_failed_pod_is_replaced_with_growing_waits() -> None:
    async with emulated_cluster(nodes=1, place=pinned) as cluster:
        await cluster.create(DAEMON_SETS, workload("agent"))
        replaced_at = []
        for _ in range(4):
            await cluster.run(0.2)
            (name,) = cluster.names(PODS)
            await cluster.change_status(PODS, name, {"phase": "Failed"})
            while name in cluster.names(PODS):
                await cluster.run(0.05)
            replaced_at.append(cluster.now)
        assert [round(later - earlier) for earlier, later in pairwise(replaced_at)] == [1, 2, 4]
        assert "FailedDaemonPod" in cluster.reasons("agent")
