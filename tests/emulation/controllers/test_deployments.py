"""Deployments replace their pods within limits, can be paused, rolled back and scaled, and say how they get on."""

import pytest
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.controllers.deployment.revisions import REVISION
from galileo_emulation.controllers.pod_facts import is_active, is_ready
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, PODS, REPLICA_SETS

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, template, workload

pytestmark = pytest.mark.looptime

OLD, NEW = "registry.example/app:1", "registry.example/app:2"


async def set_image(cluster: EmulatedCluster, image: str) -> None:
    await cluster.change(DEPLOYMENTS, "web", spec={"template": template("web", image)})


def status(cluster: EmulatedCluster) -> JsonObject:
    found: JsonObject = cluster.get(DEPLOYMENTS, "web")["status"]
    return found


def progressing(cluster: EmulatedCluster) -> tuple[str, str]:
    found = condition(cluster.get(DEPLOYMENTS, "web"), "Progressing")
    assert found is not None
    return found["status"], found["reason"]


def images(cluster: EmulatedCluster) -> list[str]:
    return sorted(pod["spec"]["containers"][0]["image"] for pod in cluster.pods(app="web") if is_active(pod))


def sizes(cluster: EmulatedCluster) -> dict[str, int]:
    """Revision to size of the replica sets."""
    return {
        found["metadata"]["annotations"][REVISION]: found["spec"]["replicas"] for found in cluster.all(REPLICA_SETS)
    }


async def test_pods_are_made_through_a_replica_set_named_after_the_template() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2))
        await cluster.run(1)
        (replica_set,) = cluster.all(REPLICA_SETS)
        suffix = replica_set["metadata"]["labels"]["pod-template-hash"]
        assert replica_set["metadata"]["name"] == f"web-{suffix}"
        assert all(pod["metadata"]["labels"]["pod-template-hash"] == suffix for pod in cluster.pods(app="web"))
        assert (status(cluster)["availableReplicas"], progressing(cluster)) == (2, ("True", "NewReplicaSetAvailable"))
        assert cluster.reasons("web") == ["ScalingReplicaSet"]


async def test_a_rolling_update_never_leaves_its_limits() -> None:
    limits = {"maxSurge": "20%", "maxUnavailable": "30%"}
    async with emulated_cluster(nodes=3, start_s=1.0) as cluster:
        await cluster.create(
            DEPLOYMENTS, workload("web", replicas=10, strategy={"type": "RollingUpdate", "rollingUpdate": limits})
        )
        await cluster.run(3)
        await set_image(cluster, NEW)
        fewest, most = 10, 10
        while progressing(cluster)[1] != "NewReplicaSetAvailable" or images(cluster) != [NEW] * 10:
            await cluster.run(0.05)
            active = [pod for pod in cluster.pods(app="web") if is_active(pod)]
            fewest, most = min(fewest, sum(map(is_ready, active))), max(most, len(active))
        assert (fewest, most) == (7, 12)
        assert sizes(cluster) == {"1": 0, "2": 10}


async def test_a_rollout_that_does_not_get_ready_keeps_the_old_pods() -> None:
    async with emulated_cluster(nodes=1, place=lambda pod: None if NEW in str(pod) else "node-0") as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=4, progressDeadlineSeconds=60))
        await cluster.run(2)
        await set_image(cluster, NEW)
        await cluster.run(30)
        # A quarter may be missing and a quarter too much: one of four goes, two come.
        assert images(cluster) == [OLD, OLD, OLD, NEW, NEW]
        assert progressing(cluster) == ("True", "ReplicaSetUpdated")
        await cluster.run(40)
        assert progressing(cluster) == ("False", "ProgressDeadlineExceeded")


async def test_a_scale_during_a_stuck_rollout_is_shared_in_proportion() -> None:
    limits = {"maxSurge": 3, "maxUnavailable": 2}
    async with emulated_cluster(nodes=1, place=lambda pod: None if NEW in str(pod) else "node-0") as cluster:
        await cluster.create(
            DEPLOYMENTS, workload("web", replicas=10, strategy={"type": "RollingUpdate", "rollingUpdate": limits})
        )
        await cluster.run(2)
        await set_image(cluster, NEW)
        await cluster.run(2)
        assert sizes(cluster) == {"1": 8, "2": 5}
        await cluster.change(DEPLOYMENTS, "web", spec={"replicas": 15})
        await cluster.run(2)
        # The example in the documentation of deployments: 5 more, 3 of them for the set that has 8 of 13.
        assert sizes(cluster) == {"1": 11, "2": 7}


async def test_recreate_ends_all_old_pods_before_the_first_new_one() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2, strategy={"type": "Recreate"}))
        await cluster.run(1)
        name = cluster.names(PODS)[0]
        await cluster.change(PODS, name, metadata={"finalizers": ["example.galileo/hold"]})
        await cluster.change(DEPLOYMENTS, "web", spec={"template": template("web", NEW)})
        await cluster.run(5)
        assert images(cluster) == []
        assert [pod["metadata"]["name"] for pod in cluster.pods(app="web")] == [name]
        await cluster.change(PODS, name, metadata={"$deleteFromPrimitiveList/finalizers": ["example.galileo/hold"]})
        await cluster.run(2)
        assert images(cluster) == [NEW, NEW]


async def test_a_paused_deployment_scales_but_does_not_roll() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2))
        await cluster.run(1)
        await cluster.change(DEPLOYMENTS, "web", spec={"paused": True, "template": template("web", NEW)})
        await cluster.change(DEPLOYMENTS, "web", spec={"replicas": 3})
        await cluster.run(1)
        assert images(cluster) == [OLD] * 3
        assert progressing(cluster) == ("Unknown", "DeploymentPaused")
        await cluster.change(DEPLOYMENTS, "web", spec={"paused": False})
        await cluster.run(3)
        assert images(cluster) == [NEW] * 3
        assert progressing(cluster) == ("True", "NewReplicaSetAvailable")


async def test_going_back_to_an_old_template_uses_its_set_under_a_new_revision() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=1))
        await cluster.run(1)
        first = cluster.names(REPLICA_SETS)
        for image in (NEW, OLD):
            await set_image(cluster, image)
            await cluster.run(2)
        assert sizes(cluster) == {"2": 0, "3": 1}
        again = cluster.get(REPLICA_SETS, first[0])
        assert again["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] == "1"
        assert cluster.get(DEPLOYMENTS, "web")["metadata"]["annotations"][REVISION] == "3"


async def test_old_sets_beyond_the_history_limit_are_deleted() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=1, revisionHistoryLimit=1))
        for number in range(4):
            await cluster.run(2)
            await set_image(cluster, f"registry.example/app:{number + 2}")
        await cluster.run(2)
        assert sizes(cluster) == {"4": 0, "5": 1}


async def test_sets_without_an_owner_that_fit_are_adopted() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2))
        await cluster.run(1)
        names = cluster.names(PODS)
        await cluster.delete(DEPLOYMENTS, "web", propagation="Orphan")
        await cluster.run(1)
        assert cluster.names(PODS) == names
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2))
        await cluster.run(1)
        assert cluster.names(PODS) == names
        assert len(cluster.names(REPLICA_SETS)) == 1


async def test_a_name_that_is_taken_by_another_template_is_not_used() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=1))
        await cluster.run(1)
        (name,) = cluster.names(REPLICA_SETS)
        await cluster.delete(DEPLOYMENTS, "web")
        await cluster.run(1)
        await cluster.create(REPLICA_SETS, {**workload("other", replicas=0), "metadata": {"name": name}})
        await cluster.create(DEPLOYMENTS, workload("web", replicas=1))
        await cluster.run(1)
        assert len(cluster.names(REPLICA_SETS)) == 2
        assert status(cluster)["collisionCount"] == 1
        assert images(cluster) == [OLD]
