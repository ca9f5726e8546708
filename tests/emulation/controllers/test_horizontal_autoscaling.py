"""Autoscalers scale their targets by what pods use, and tell what they do as Kubernetes' controller does."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from galileo_emulation.controllers import ControllerSettings
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.custom.follow import follow
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import (
    AUTOSCALERS,
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
    EVENTS,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
)
from galileo_emulation.kubernetes.node_access import LogRequest, Usage

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, workload

pytestmark = pytest.mark.looptime

PERIOD_S = 15.0
# Until a pod has been ready for a whole window, so that its use counts.
WARM_S = 40.0


@dataclass
class Load:
    """Nodes on which all pods of an app share a load, as measured over ten seconds. `silent` pods are not measured."""

    total_millicores: float = 0.0
    memory_bytes: int = 64 << 20
    silent: set[str] = field(default_factory=set)
    cluster: EmulatedCluster | None = None

    async def log(self, request: LogRequest) -> AsyncGenerator[bytes, None]:
        yield b""

    def node_usage(self) -> Mapping[str, Usage]:
        return {}

    def container_usage(self) -> Mapping[tuple[str, str], Mapping[str, Usage]]:
        assert self.cluster is not None
        running = [pod for pod in self.cluster.all(PODS) if pod["status"]["phase"] == "Running"]
        each = Usage(
            cpu_millicores=self.total_millicores / max(1, len(running)),
            memory_bytes=self.memory_bytes,
            measured_at=self.cluster.now,
            window_s=10.0,
        )
        names = [(pod["metadata"]["namespace"], pod["metadata"]["name"]) for pod in running]
        return {name: {"c": each} for name in names if name[1] not in self.silent}


def loaded(name: str = "web", **spec: Any) -> JsonObject:
    """A workload whose pods request 100 millicores each."""
    body = workload(name, **spec)
    body["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100m", "memory": "128Mi"}}
    return body


def autoscaler(kind: str = "Deployment", group: str = "apps/v1", **spec: Any) -> JsonObject:
    """An autoscaler that keeps pods at half of what they requested."""
    target = {"apiVersion": group, "kind": kind, "name": "web"}
    half = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
    metrics = [{"type": "Resource", "resource": half}]
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 10, "metrics": metrics, **spec}
    return {"metadata": {"name": "web"}, "spec": spec}


class Scene:
    """A cluster with a loaded target and its autoscaler."""

    def __init__(self, cluster: EmulatedCluster, load: Load) -> None:
        self.cluster = cluster
        self.load = load
        load.cluster = cluster

    @property
    def status(self) -> JsonObject:
        found: JsonObject = self.cluster.get(AUTOSCALERS, "web")["status"]
        return found

    def replicas(self, kind: Kind = DEPLOYMENTS) -> int:
        found: int = self.cluster.get(kind, "web")["spec"]["replicas"]
        return found

    def reason(self, type_: str) -> tuple[str, str]:
        found = condition(self.cluster.get(AUTOSCALERS, "web"), type_)
        assert found is not None, self.status
        return found["status"], found["reason"]

    def since(self, type_: str) -> str:
        found = condition(self.cluster.get(AUTOSCALERS, "web"), type_)
        assert found is not None, self.status
        return str(found["lastTransitionTime"])

    def messages(self, reason: str) -> list[str]:
        return [event["message"] for event in self.cluster.all(EVENTS) if event["reason"] == reason]


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


@pytest.mark.parametrize(
    ("largest", "size", "reason"), [(5, 2, "SucceededRescale"), (1, 1, "FailedUpdateScale")], ids=["scaled", "refused"]
)
async def test_a_custom_resource_is_scaled_by_the_paths_of_its_definition(largest: int, size: int, reason: str) -> None:
    load = Load(total_millicores=100.0)
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene, catalog = Scene(cluster, load), cluster.store.catalog
        follow(cluster.store)
        await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, lamps_definition(largest))
        await cluster.run(1)
        lamps = catalog.find("example.org", "v1", "lamps")
        assert lamps is not None
        metadata = {"name": "web", "namespace": "default"}
        await cluster.api.create(lamps, {"metadata": metadata, "spec": {"size": 1}})
        status = {"size": 1, "selector": "app=web"}
        await cluster.api.patch(lamps, {"metadata": metadata, "status": status}, part="status")
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler("Lamp", "example.org/v1"))
        await cluster.run(PERIOD_S + 1)
        assert cluster.get(lamps, "web")["spec"]["size"] == size
        assert scene.reason("AbleToScale")[1] == reason
        assert len(scene.messages("FailedRescale" if size == 1 else "SuccessfulRescale")) == 1


def lamps_definition(largest: int) -> JsonObject:
    """Lamps that have a size, and a scale."""
    size = {"type": "object", "properties": {"size": {"type": "integer", "maximum": largest}}}
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    paths = {
        "specReplicasPath": ".spec.size",
        "statusReplicasPath": ".status.size",
        "labelSelectorPath": ".status.selector",
    }
    schema = {"type": "object", "properties": {"spec": size, "status": status}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    version["subresources"] = {"status": {}, "scale": paths}
    names = {"plural": "lamps", "kind": "Lamp"}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [version]}
    return {"metadata": {"name": "lamps.example.org"}, "spec": spec}


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


async def test_a_target_of_no_replicas_is_left_alone() -> None:
    load = Load()
    async with emulated_cluster(measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=0))
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 0
        assert scene.reason("ScalingActive") == ("False", "ScalingDisabled")


async def test_without_measurements_it_says_so_and_changes_nothing() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        scene = Scene(cluster, Load())
        await cluster.create(DEPLOYMENTS, loaded(replicas=2))
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 2
        assert scene.reason("AbleToScale") == ("True", "SucceededGetScale")
        assert scene.reason("ScalingActive") == ("False", "FailedGetResourceMetric")
        why = (
            "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from "
            "resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
        )
        assert scene.messages("FailedGetResourceMetric") == [why]
        assert scene.messages("FailedComputeMetricsReplicas") == [
            f"invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: {why}"
        ]


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        (
            {
                "type": "Pods",
                "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": 1}},
            },
            "FailedGetPodsMetric",
        ),
        (
            {"type": "External", "external": {"metric": {"name": "rps"}, "target": {"type": "Value", "value": 1}}},
            "FailedGetExternalMetric",
        ),
        (
            {
                "type": "Object",
                "object": {
                    "describedObject": {"kind": "Service", "name": "web"},
                    "metric": {"name": "rps"},
                    "target": {"type": "Value", "value": 1},
                },
            },
            "FailedGetObjectMetric",
        ),
    ],
    ids=["pods", "external", "object"],
)
async def test_other_kinds_of_metrics_are_told_to_be_out_of_reach(metric: JsonObject, reason: str) -> None:
    load = Load()
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.create(AUTOSCALERS, autoscaler(metrics=[metric]))
        await cluster.run(PERIOD_S + 1)
        assert scene.reason("ScalingActive") == ("False", reason)
        assert len(scene.messages(reason)) == 1


@pytest.mark.parametrize(
    ("kind", "group", "why"),
    [
        ("Deployment", "apps/v1", 'deployments.apps "web" not found'),
        ("Lamp", "example.org/v1", 'no matches for kind "Lamp" in group "example.org"'),
        ("DaemonSet", "apps/v1", "the server could not find the requested resource"),
    ],
    ids=["no such object", "no such kind", "no scale"],
)
async def test_a_target_that_cannot_be_had_is_told(kind: str, group: str, why: str) -> None:
    load = Load()
    async with emulated_cluster(measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(AUTOSCALERS, autoscaler(kind, group))
        await cluster.run(PERIOD_S + 1)
        assert scene.reason("AbleToScale") == ("False", "FailedGetScale")
        assert scene.messages("FailedGetScale") == [why]


async def test_two_autoscalers_of_the_same_pods_both_stand_still() -> None:
    load = Load(total_millicores=200.0)
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler(maxReplicas=1))
        await cluster.create(AUTOSCALERS, {**autoscaler(maxReplicas=1), "metadata": {"name": "second"}})
        await cluster.run(3 * PERIOD_S)
        assert scene.reason("ScalingActive") == ("False", "AmbiguousSelector")
        assert scene.messages("AmbiguousSelector")[0] == (
            "pods by selector app=web are controlled by multiple HPAs: [default/second default/web]"
        )
        await cluster.delete(AUTOSCALERS, "second")
        await cluster.run(PERIOD_S + 1)
        assert scene.reason("ScalingActive") == ("True", "ValidMetricFound")


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


async def test_a_pod_that_is_not_measured_does_not_lead_to_fewer_replicas_at_once() -> None:
    load = Load(total_millicores=90.0)
    async with emulated_cluster(nodes=1, measures=load, settings=ControllerSettings(autoscaler_down_window_s=0)) as it:
        scene = Scene(it, load)
        await it.create(DEPLOYMENTS, loaded(replicas=3))
        await it.run(WARM_S)
        load.silent = {it.names(PODS)[0]}
        await it.create(AUTOSCALERS, autoscaler())
        await it.run(2 * PERIOD_S)
        assert scene.replicas() == 3, "30 % of two, and the third taken to use all that it requested"
        load.silent = set()
        await it.run(PERIOD_S)
        assert scene.replicas() == 2


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
