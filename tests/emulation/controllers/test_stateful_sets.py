"""Stateful sets make pods with lasting names in order, and unmake and replace them from the last to the first."""

import pytest
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import PODS, STATEFUL_SETS

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, template, workload

pytestmark = pytest.mark.looptime

NEW = "registry.example/app:2"


def status(cluster: EmulatedCluster) -> JsonObject:
    found: JsonObject = cluster.get(STATEFUL_SETS, "db")["status"]
    return found


def new_ones(cluster: EmulatedCluster) -> list[str]:
    return [pod["metadata"]["name"] for pod in cluster.pods(app="db") if pod["spec"]["containers"][0]["image"] == NEW]


async def test_each_pod_is_made_when_the_one_before_is_ready() -> None:
    async with emulated_cluster(nodes=1, start_s=10.0) as cluster:
        await cluster.create(STATEFUL_SETS, workload("db", replicas=3, serviceName="db"))
        seen = []
        for _ in range(3):
            await cluster.run(5)
            seen.append(cluster.names(PODS))
            await cluster.run(5.5)
        assert seen == [["db-0"], ["db-0", "db-1"], ["db-0", "db-1", "db-2"]]
        pod = cluster.get(PODS, "db-1")
        assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("db-1", "db")
        assert pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "1"
        assert pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == "db-1"
        assert pod["metadata"]["labels"]["controller-revision-hash"] == status(cluster)["currentRevision"]
        assert (status(cluster)["readyReplicas"], status(cluster)["currentReplicas"]) == (3, 3)


async def test_in_parallel_all_are_made_at_once() -> None:
    async with emulated_cluster(nodes=1, start_s=10.0) as cluster:
        await cluster.create(STATEFUL_SETS, workload("db", replicas=3, podManagementPolicy="Parallel"))
        await cluster.run(1)
        assert cluster.names(PODS) == ["db-0", "db-1", "db-2"]
        await cluster.run(20)
        await cluster.change(STATEFUL_SETS, "db", spec={"replicas": 1})
        await cluster.run(0.5)
        assert cluster.names(PODS) == ["db-0"]


async def test_the_last_pods_go_first_one_after_the_other() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(STATEFUL_SETS, workload("db", replicas=3))
        await cluster.run(5)
        await cluster.change(PODS, "db-2", metadata={"finalizers": ["example.galileo/hold"]})
        await cluster.change(STATEFUL_SETS, "db", spec={"replicas": 1})
        await cluster.run(5)
        assert "deletionTimestamp" in cluster.get(PODS, "db-2")["metadata"]
        assert "deletionTimestamp" not in cluster.get(PODS, "db-1")["metadata"]
        await cluster.change(PODS, "db-2", metadata={"$deleteFromPrimitiveList/finalizers": ["example.galileo/hold"]})
        await cluster.run(5)
        assert cluster.names(PODS) == ["db-0"]


async def test_a_lost_pod_comes_back_under_its_name() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(STATEFUL_SETS, workload("db", replicas=2))
        await cluster.run(5)
        uid = cluster.get(PODS, "db-0")["metadata"]["uid"]
        await cluster.delete(PODS, "db-0")
        await cluster.run(5)
        assert cluster.names(PODS) == ["db-0", "db-1"]
        assert cluster.get(PODS, "db-0")["metadata"]["uid"] != uid


async def test_an_update_replaces_from_the_last_down_to_the_partition() -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    async with emulated_cluster(nodes=1, start_s=1.0) as cluster:
        await cluster.create(STATEFUL_SETS, workload("db", replicas=3, updateStrategy=strategy))
        await cluster.run(10)
        first = cluster.get(PODS, "db-0")["metadata"]["uid"]
        await cluster.change(STATEFUL_SETS, "db", spec={"template": template("db", NEW)})
        await cluster.run(0.5)
        assert cluster.names(PODS) == ["db-0", "db-1", "db-2"]
        assert new_ones(cluster) == ["db-2"]
        await cluster.run(10)
        assert new_ones(cluster) == ["db-1", "db-2"]
        assert cluster.get(PODS, "db-0")["metadata"]["uid"] == first
        assert status(cluster)["updatedReplicas"] == 2
        assert status(cluster)["currentRevision"] != status(cluster)["updateRevision"]
        await cluster.delete(PODS, "db-0")
        await cluster.run(5)
        assert new_ones(cluster) == ["db-1", "db-2"], "below the partition a pod comes back as it was"
        await cluster.change(STATEFUL_SETS, "db", spec={"updateStrategy": {"rollingUpdate": {"partition": 0}}})
        await cluster.run(10)
        assert new_ones(cluster) == ["db-0", "db-1", "db-2"]
        assert status(cluster)["currentRevision"] == status(cluster)["updateRevision"]


async def test_a_pod_that_ended_is_made_anew() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(STATEFUL_SETS, workload("db", replicas=1))
        await cluster.run(2)
        uid = cluster.get(PODS, "db-0")["metadata"]["uid"]
        await cluster.change_status(PODS, "db-0", {"phase": "Failed"})
        await cluster.run(2)
        assert cluster.get(PODS, "db-0")["metadata"]["uid"] != uid
        assert "RecreatingFailedPod" in cluster.reasons("db")


async def test_ordinals_may_start_elsewhere() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(STATEFUL_SETS, workload("db", replicas=2, ordinals={"start": 5}))
        await cluster.run(5)
        assert cluster.names(PODS) == ["db-5", "db-6"]
