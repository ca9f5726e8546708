"""A deployment under load and its autoscaler, in a small cluster in virtual time."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import (
    AUTOSCALERS,
    DEPLOYMENTS,
    EVENTS,
    PODS,
)
from galileo_emulation.kubernetes.node_access import LogRequest, Usage

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, workload

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
