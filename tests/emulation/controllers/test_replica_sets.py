"""Replica sets keep their number of pods, by creating, deleting, adopting and letting go."""

import pytest
from galileo_emulation.controllers import ControllerSettings
from galileo_emulation.controllers.ownership import controller_of
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.kinds import PODS, REPLICA_SETS

from tests.emulation.controllers.emulated_cluster import (
    EmulatedCluster,
    emulated_cluster,
    pod,
    ready,
    template,
    workload,
)

pytestmark = pytest.mark.looptime


def owner_of(body: JsonObject) -> str | None:
    reference = controller_of(body)
    return reference["name"] if reference else None


def status(cluster: EmulatedCluster, name: str = "web") -> JsonObject:
    found: JsonObject = cluster.get(REPLICA_SETS, name)["status"]
    return found


async def test_missing_pods_are_created_and_superfluous_ones_deleted() -> None:
    async with emulated_cluster(nodes=2) as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=3))
        await cluster.run(1)
        assert [owner_of(found) for found in cluster.pods(app="web")] == ["web"] * 3
        assert (status(cluster)["replicas"], status(cluster)["readyReplicas"]) == (3, 3)
        await cluster.change(REPLICA_SETS, "web", spec={"replicas": 1})
        await cluster.run(1)
        assert len(cluster.pods(app="web")) == 1
        assert status(cluster)["replicas"] == 1
        assert cluster.reasons("web").count("SuccessfulCreate") == 3
        assert cluster.reasons("web").count("SuccessfulDelete") == 2


async def test_a_deleted_or_ended_pod_is_replaced() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=2))
        await cluster.run(1)
        first, second = cluster.names(PODS)
        await cluster.delete(PODS, first)
        await cluster.change_status(PODS, second, {"phase": "Failed"})
        await cluster.run(1)
        active = [found for found in cluster.pods(app="web") if found["status"]["phase"] == "Pending"]
        assert len(active) == 2
        assert {first, second}.isdisjoint(found["metadata"]["name"] for found in active)


async def test_orphans_that_fit_are_adopted_and_pods_that_no_longer_fit_are_let_go() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(PODS, pod("stray", app="web"))
        await cluster.create(REPLICA_SETS, workload("web", replicas=2))
        await cluster.run(1)
        assert owner_of(cluster.get(PODS, "stray")) == "web"
        assert len(cluster.pods(app="web")) == 2
        await cluster.change(PODS, "stray", metadata={"labels": {"app": "x"}})
        await cluster.run(1)
        assert owner_of(cluster.get(PODS, "stray")) is None
        assert len(cluster.pods(app="web")) == 2


async def test_pods_of_others_are_left_to_them() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=1))
        await cluster.run(1)
        (own,) = cluster.names(PODS)
        other = workload("other", replicas=1, selector={"matchLabels": {"app": "web"}}, template=template("web"))
        await cluster.create(REPLICA_SETS, other)
        await cluster.run(1)
        assert owner_of(cluster.get(PODS, own)) == "web"
        assert len(cluster.pods(app="web")) == 2


async def test_a_pod_counts_as_available_after_min_ready_seconds() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=1, minReadySeconds=30))
        await cluster.run(1)
        await cluster.change_status(PODS, cluster.names(PODS)[0], {"conditions": [ready(cluster.now)]})
        await cluster.run(29)
        assert status(cluster).get("readyReplicas") == 1
        assert "availableReplicas" not in status(cluster)
        await cluster.run(2)
        assert status(cluster)["availableReplicas"] == 1


async def test_a_pod_that_is_being_deleted_is_counted_as_terminating_and_replaced() -> None:
    async with emulated_cluster(nodes=1, start_s=0.1) as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=1, template=template("web")))
        await cluster.run(1)
        (name,) = cluster.names(PODS)
        await cluster.change(PODS, name, metadata={"finalizers": ["example.galileo/hold"]})
        await cluster.delete(PODS, name)
        await cluster.run(1)
        assert (status(cluster)["replicas"], status(cluster)["terminatingReplicas"]) == (1, 1)


async def test_refused_pods_are_told_and_tried_again() -> None:
    tries: list[str] = []

    def refuse_at_first(plural: str, body: JsonObject) -> None:
        if plural != "pods":
            return
        tries.append(plural)
        if len(tries) < 6:
            raise ApiError(403, "Forbidden", "the quota is used up")

    async with emulated_cluster(admit=refuse_at_first) as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=3))
        await cluster.run(0.01)
        (failure,) = status(cluster)["conditions"]
        assert (failure["type"], failure["status"], failure["reason"]) == ("ReplicaFailure", "True", "FailedCreate")
        assert "FailedCreate" in cluster.reasons("web")
        await cluster.run(10)
        assert "conditions" not in status(cluster)
        assert len(cluster.pods(app="web")) == 3
        assert len(tries) == 5 + 3


async def test_without_events_none_are_written() -> None:
    async with emulated_cluster(settings=ControllerSettings(events=False)) as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=1))
        await cluster.run(1)
        assert len(cluster.pods(app="web")) == 1
        assert cluster.reasons("web") == []


async def test_an_idle_cluster_does_nothing() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=3))
        await cluster.run(1)
        version = cluster.store.version
        await cluster.run(3000)
        assert cluster.store.version == version
