"""Autoscalers scale their targets by what pods use, and tell what they do as Kubernetes' controller does."""

import pytest
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import (
    AUTOSCALERS,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
)

from tests.emulation.controllers.autoscaling_scene import PERIOD_S, WARM_S, Load, Scene, autoscaler, loaded
from tests.emulation.controllers.emulated_cluster import emulated_cluster

pytestmark = pytest.mark.looptime


async def test_a_deployment_follows_its_load_up_and_after_a_while_down() -> None:
    load = Load()
    async with emulated_cluster(nodes=2, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=2))
        await cluster.run(WARM_S)
        load.total_millicores = 200.0
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(PERIOD_S - 1)
        assert "conditions" not in scene.status, "the first look comes after a period"
        await cluster.run(2)
        assert scene.replicas() == 4, "200 millicores at 50 each"
        assert scene.status["currentReplicas"] == 2
        assert scene.status["desiredReplicas"] == 4
        assert scene.status["lastScaleTime"]
        current = {"averageUtilization": 100, "averageValue": "100m"}
        assert scene.status["currentMetrics"] == [{"type": "Resource", "resource": {"name": "cpu", "current": current}}]
        assert scene.reason("AbleToScale") == ("True", "SucceededRescale")
        assert scene.reason("ScalingActive") == ("True", "ValidMetricFound")
        assert scene.reason("ScalingLimited") == ("False", "DesiredWithinRange")
        assert scene.messages("SuccessfulRescale") == [
            "New size: 4; reason: cpu resource utilization (percentage of request) above target"
        ]
        since = scene.since("AbleToScale")
        await cluster.run(60)
        assert scene.since("AbleToScale") == since, "a condition that holds on keeps the time of its last change"
        assert scene.replicas() == 4
        assert scene.reason("AbleToScale") == ("True", "ReadyForNewScale")
        load.total_millicores = 40.0
        await cluster.run(60)
        assert scene.reason("AbleToScale") == ("True", "ScaleDownStabilized")
        assert scene.replicas() == 4
        await cluster.run(300)
        assert scene.replicas() == 1
        assert "New size: 1; reason: All metrics below target" in scene.messages("SuccessfulRescale")


@pytest.mark.parametrize(
    ("kind", "reference"),
    [(DEPLOYMENTS, "Deployment"), (REPLICA_SETS, "ReplicaSet"), (STATEFUL_SETS, "StatefulSet")],
    ids=["deployment", "replica set", "stateful set"],
)
async def test_whatever_has_a_scale_is_scaled(kind: Kind, reference: str) -> None:
    load = Load(total_millicores=100.0)
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(kind, loaded(replicas=1))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler(reference))
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas(kind) == 2


async def test_the_amount_that_a_container_uses_can_be_the_target() -> None:
    load = Load(memory_bytes=96 << 20)
    amount = {"name": "memory", "container": "c", "target": {"type": "AverageValue", "averageValue": "64Mi"}}
    metrics = [{"type": "ContainerResource", "containerResource": amount}]
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=2))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler(metrics=metrics))
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 3
        current = {"name": "memory", "container": "c", "current": {"averageValue": str(96 << 20)}}
        assert scene.status["currentMetrics"] == [{"type": "ContainerResource", "containerResource": current}]
        assert scene.messages("SuccessfulRescale") == ["New size: 3; reason: memory resource above target"]


async def test_bounds_hold_without_any_measurement() -> None:
    async with emulated_cluster() as cluster:
        scene = Scene(cluster, Load())
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.create(AUTOSCALERS, autoscaler(minReplicas=3))
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 3
        assert scene.messages("SuccessfulRescale") == [
            "New size: 3; reason: Current number of replicas below Spec.MinReplicas"
        ]
        await cluster.change(DEPLOYMENTS, "web", spec={"replicas": 20})
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 10


async def test_a_behavior_lets_pods_come_one_by_one() -> None:
    load = Load(total_millicores=1000.0)
    behavior = {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 50}]}}
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler(behavior=behavior))
        await cluster.run(1)
        sizes = []
        for _ in range(9):
            await cluster.run(PERIOD_S)
            sizes.append(scene.replicas())
        assert sizes == [2, 2, 2, 2, 3, 3, 3, 3, 4], "a look in four falls out of the period of the last change"
        assert scene.reason("ScalingLimited") == ("True", "ScaleUpLimit")


async def test_a_scaled_target_tells_that_it_was_scaled_through_its_scale() -> None:
    load = Load(total_millicores=100.0)
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 2
        stored = cluster.store.get(DEPLOYMENTS, "default", "web")
        assert stored is not None
        assert "scale" in [entry.subresource for entry in stored.managed]


async def test_an_autoscaler_that_is_deleted_and_made_again_begins_anew() -> None:
    load = Load(total_millicores=400.0)
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=4))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 8
        await cluster.delete(AUTOSCALERS, "web")
        await cluster.run(10 * PERIOD_S)
        assert scene.replicas() == 8
        await cluster.change(DEPLOYMENTS, "web", spec={"replicas": 2})
        load.total_millicores = 0.0
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(10 * PERIOD_S)
        assert scene.replicas() == 2, "only what was found at the start holds it"
        await cluster.run(300)
        assert scene.replicas() == 1
