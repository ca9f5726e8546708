"""A cluster in a few lines, for the tests of whatever decides from it: says the events that a real one would say."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

from galileo_schemas import labels
from galileo_schemas.events import (
    ContainerUsage,
    LatencyUpdate,
    NodeUpdate,
    PodContainer,
    PodDelete,
    PodRunning,
    PodState,
    TelemetryWindow,
    TraceWindow,
    TraceWindowRow,
)

from galileo_context import sketch
from galileo_context.cluster import Cluster
from galileo_context.latencies import Graph
from galileo_context.pod import Pod


class World:
    """Builds `cluster` by events said at `now` (unix seconds), which a test moves on as it likes."""

    def __init__(self, *, now: float = 1000.0, retention_s: float = 60.0) -> None:
        self.now = now
        self.cluster = Cluster(retention_s=retention_s)
        self._pods = 0

    def node(self, name: str, zone: str, *, cpu: str = "4", memory: str = "8Gi", **more: object) -> None:
        """A node that is ready; `more` are fields of `NodeUpdate`."""
        event = NodeUpdate(name=name, zone=zone, allocatable={"cpu": cpu, "memory": memory, "pods": "110"})
        for field, value in more.items():
            setattr(event, field, value)
        self.cluster.note(event, self.now)

    def zone(self, zone: str, *, nodes: int = 1, cpu: str = "4") -> None:
        """Nodes `<zone>-1`, `<zone>-2`, … and on the first a running gateway."""
        for number in range(1, nodes + 1):
            self.node(f"{zone}-{number}", zone, cpu=cpu)
        self.gateway(f"gateway-{zone}", f"{zone}-1")

    def gateway(self, name: str, node: str) -> Pod:
        """A running gateway that asks for nothing."""
        return self.say(self.state(name, node=node, labels={"type": labels.TYPE_GATEWAY}, requests={}))

    def pod(self, name: str, fn: str, node: str, *, cpu: str = "500m", **more: object) -> Pod:
        """A running pod of a function; `more` are fields of the event."""
        state = self.state(name, node=node, labels={labels.FUNCTION: fn, "type": "fn"}, requests={"cpu": cpu})
        for field, value in more.items():
            setattr(state, field, value)
        return self.say(state)

    def waiting_pod(self, name: str, fn: str, zone: str, *, cpu: str = "500m") -> Pod:
        """A pod of a function that has no node yet and asks for a zone."""
        return self.pod(
            name, fn, "", cpu=cpu, status="Pending", ready=False, pod_ip="", node_selector={labels.ZONE: zone}
        )

    def state(self, name: str, *, node: str, labels: Mapping[str, str], requests: Mapping[str, str]) -> PodRunning:
        """What is said of a pod that runs and is ready."""
        self._pods += 1
        container = PodContainer(
            name="fn",
            id=f"containerd://{self._pods:012x}{'0' * 52}",
            image="fn:1",
            port=8080,
            resource_requests=dict(requests),
        )
        return PodRunning(
            pod_uid=f"uid-{name}",
            name=name,
            node_name=node,
            pod_ip=f"10.0.{self._pods // 250}.{self._pods % 250 + 1}",
            containers={"fn": container},
            labels=dict(labels),
            status="Running",
            ready=True,
            created=self.now,
        )

    def say(self, event: PodState) -> Pod:
        """Says an event now; the pod that the cluster knows after it."""
        self.cluster.note(event, self.now)
        pod = self.cluster.pod_named(event.name, event.namespace)
        if pod is None:
            raise LookupError(f"the cluster took no notice of pod {event.name}")
        return pod

    def gone(self, pod: Pod) -> None:
        """The pod is deleted and gone."""
        self.say(PodDelete(pod_uid=pod.uid, name=pod.name, namespace=pod.namespace, labels=dict(pod.labels)))

    def latencies(self, graph: Graph) -> None:
        """Round-trip milliseconds, `{from: {to: ms}}`."""
        self.cluster.note(LatencyUpdate(latencies=graph), self.now)

    def use(self, pod: Pod, millicores: float) -> None:
        """The pod has used that much CPU in the second that ends now."""
        usage = {container: ContainerUsage(cpu_millicores=millicores) for container in pod.containers}
        # Each pod has a window of its own, so that several pods of a node may be told of one after the other.
        start = self.now - 1.0 - pod.order * 1e-6
        self.cluster.note(TelemetryWindow(node=pod.node, start=start, end=self.now, containers=usage), self.now)

    def ask(self, fn: str, pod: Pod | None, client: str, *, count: int, rtt_ms: float = 30.0) -> TraceWindowRow:
        """One row of requests to a pod (None: nobody answered), to be given to `trace`."""
        if pod is None:
            return TraceWindowRow(fn=fn, client=client, count=count, failed=count)
        rtts = {sketch.bucket_of(rtt_ms): count}
        return TraceWindowRow(fn=fn, client=client, pod=pod.address, count=count, rtt_ms=rtts)

    def trace(self, *rows: TraceWindowRow) -> None:
        """The requests of the second that ends now; without rows, a recorder that has seen none."""
        self.cluster.note(TraceWindow(start=self.now - 1.0, end=self.now, rows=list(rows)), self.now)


def numbered_ids(prefix: str = "decision") -> Callable[[], str]:
    """A source of ids that count: `decision-1`, `decision-2`, …"""
    numbers = itertools.count(1)
    return lambda: f"{prefix}-{next(numbers)}"
