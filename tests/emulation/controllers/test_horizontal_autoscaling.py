"""Autoscalers scale their targets by what pods use, and tell what they do as Kubernetes' controller does."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.apiobjects import JsonObject
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
        assert scene.status["currentMetrics"] == [
            {"type": "Resource", "resource": {"name": "cpu", "current": current}}
        ]
        assert scene.reason("AbleToScale") == ("True", "SucceededRescale")
        assert scene.reason("ScalingActive") == ("True", "ValidMetricFound")
        assert scene.reason("ScalingLimited") == ("False", "DesiredWithinRange")
        assert scene.messages("SuccessfulRescale") == [
            "New size: 4; reason: cpu resource utilization (percentage of request) above target"
        ]
        await cluster.run(60)
        assert scene.replicas() == 4
        assert scene.reason("AbleToScale") == ("True", "ReadyForNewScale")
        load.total_millicores = 50.0
        await cluster.run(60)
        assert scene.reason("AbleToScale") == ("True", "ScaleDownStabilized")
        assert scene.replicas() == 4
        await cluster.run(300)
        assert scene.replicas() == 1
        assert "New size: 1; reason: All metrics below target" in scene.messages("SuccessfulRescale")
