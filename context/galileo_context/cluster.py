"""The cluster as seen through events: what a decider knows when it decides.

A service hands every event that concerns the cluster to `note`; its decision then asks the queries, which answer from
indexes. Events may be late, doubled or out of order. Nothing here has a clock: times are those that senders wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from galileo_schemas.event import Event
from galileo_schemas.events import (
    ClusterInventory,
    LatencyUpdate,
    NodeUpdate,
    PodState,
    TelemetryWindow,
    TraceWindow,
)

from galileo_context.clients import worker_of, zone_in_name
from galileo_context.functions import Functions, FunctionTemplate
from galileo_context.latencies import Latencies, parse_graph
from galileo_context.nodes import Node, Nodes
from galileo_context.pod import Pod
from galileo_context.pods import Pods
from galileo_context.requests import Requests
from galileo_context.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A running gateway; `address` is `ip:port`."""

    name: str
    node: str
    zone: str
    address: str


class Cluster:
    """Everything known. `retention_s`: how long gone pods are found, and how long windows are kept.

    `latencies`, `usage` and `requests` are read directly.
    """

    def __init__(self, *, retention_s: float = 60.0) -> None:
        self._nodes = Nodes(retention_s=retention_s, zone_changed=self._rezone)
        self._pods = Pods(retention_s=retention_s, zone_of_node=self._nodes.zone_of)
        self._functions = Functions()
        self._latest = float("-inf")
        self._inventory_heard = False
        self._awaited: set[str] = set()
        self.latencies = Latencies(zone_of=self._nodes.zone_of)
        self.usage = Usage(keep_s=retention_s)
        self.requests = Requests(keep_s=retention_s)

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts` (unix seconds); one that does not concern the cluster changes nothing.

        Raises `ValueError` when a quantity or a latency in it cannot be read.
        """
        match event:
            case PodState():
                self._awaited.discard(event.pod_uid)
                pod = self._pods.note(event, ts)
                if pod is not None:
                    self._functions.learn(pod, event)
            case NodeUpdate():
                self._awaited.discard(event.name)
                self._nodes.note(event, ts)
            case ClusterInventory():
                self._pods.keep_only(frozenset(event.pods), event.as_of)
                self._nodes.keep_only(frozenset(event.nodes), event.as_of)
                self._await_missing(event)
            case LatencyUpdate():
                self._take_latencies(event)
            case TelemetryWindow():
                self.usage.note(event)
            case TraceWindow():
                self.requests.note(event)
            case _:
                return
        self._latest = max(self._latest, ts)
        self._pods.forget_before(self._latest)
        self._nodes.forget_before(self._latest)

    @property
    def complete(self) -> bool:
        """Whether all is known that an inventory named: who has just begun to listen may hear it before the rest."""
        return self._inventory_heard and not self._awaited

    def _await_missing(self, inventory: ClusterInventory) -> None:
        if self.complete:
            return  # what is new since then is told by events
        missing_pods = {uid for uid in inventory.pods if not self._pods.heard_of(uid)}
        self._awaited = missing_pods | {name for name in inventory.nodes if self._nodes.get(name) is None}
        self._inventory_heard = True

    def nodes(self) -> Collection[Node]:
        """All nodes."""
        return self._nodes.all()

    def node(self, name: str) -> Node | None:
        """The node of that name, None when it is not there."""
        return self._nodes.get(name)

    def zones(self) -> list[str]:
        """The zones that have nodes, in the order of their names."""
        return self._nodes.zones()

    def nodes_in(self, zone: str) -> list[Node]:
        """The nodes of a zone."""
        return self._nodes.in_zone(zone)

    def pod_named(self, name: str, namespace: str | None = None) -> Pod | None:
        """The newest pod of that name, present or lately gone."""
        return self._pods.named(name, namespace)

    def pod_at(self, address: str) -> Pod | None:
        """The newest pod, present or lately gone, at `ip:port` or `ip`."""
        return self._pods.at(address)

    def pod_with_container(self, container_id: str) -> Pod | None:
        """The newest pod, present or lately gone, with that container; ids of any length, with or without scheme."""
        return self._pods.with_container(container_id)

    def is_present(self, pod: Pod) -> bool:
        """Whether a pod has not gone."""
        return self._pods.is_present(pod)

    def pods_on(self, node: str) -> list[Pod]:
        """The pods bound to a node, whatever their state."""
        return self._pods.on_node(node)

    def unbound_pods(self) -> list[Pod]:
        """The pods that have no node yet."""
        return self._pods.on_node("")

    def running(self, fn: str, zone: str | None = None) -> list[Pod]:
        """A function's pods that serve requests, in a zone or everywhere; none that are stranded."""
        return [pod for pod in self._of_function(fn, zone) if pod.running and not self.is_stranded(pod)]

    def pending(self, fn: str, zone: str | None = None) -> list[Pod]:
        """A function's pods that do not serve yet, in a zone or everywhere; unbound ones count where they will be.

        None that are stranded: whether they will ever serve, nobody knows.
        """
        return [pod for pod in self._of_function(fn, zone) if pod.pending and not self.is_stranded(pod)]

    def stranded(self, fn: str) -> list[Pod]:
        """A function's pods on nodes that do not answer."""
        return [pod for pod in self._pods.of_function(fn) if self.is_stranded(pod)]

    def is_stranded(self, pod: Pod) -> bool:
        """Whether a pod's node is known not to be ready: whatever the pod's last status says, it is out of reach."""
        node = self._nodes.get(pod.node)
        return node is not None and not node.ready

    def zone_of(self, pod: Pod) -> str | None:
        """The zone of a pod's node; while there is none, the zone that the pod asks for."""
        return self._pods.zone_of(pod)

    def zone_of_node(self, node: str) -> str | None:
        """A node's zone; of a node that is lately gone, the one it had."""
        return self._nodes.zone_of(node)

    def gateways(self, zone: str | None = None) -> list[Gateway]:
        """The gateways that run, in a zone or everywhere, in the order of their names; none that are stranded."""
        pods = self._pods.gateways() if zone is None else self._pods.gateways_in(zone)
        found = [
            Gateway(name=pod.name, node=pod.node, zone=pod_zone, address=pod.address)
            for pod in pods
            if pod.running and not self.is_stranded(pod) and (pod_zone := self._pods.zone_of(pod)) is not None
        ]
        return sorted(found, key=lambda gateway: (gateway.zone, gateway.name))

    def has_gateway(self, zone: str) -> bool:
        """Whether a zone has a gateway that is ready or may become so again; none that are stranded."""
        return any(not self.is_stranded(pod) for pod in self._pods.gateways_in(zone))

    def gateway_addresses(self) -> set[str]:
        """`ip:port` of all gateways that have one, ready or not: what an address is does not depend on it."""
        return {pod.address for pod in self._pods.gateways() if pod.ip}

    @property
    def functions(self) -> Mapping[str, FunctionTemplate]:
        """What the pods of each function look like, of functions without pods too."""
        return self._functions.all()

    def zone_of_client(self, client: str) -> str | None:
        """The zone of a client: of its worker's node, else the one that the worker's name names, else None."""
        worker = worker_of(client)
        pod = self._pods.named(worker)
        zone = self._pods.zone_of(pod) if pod is not None else None
        return zone or zone_in_name(worker, self._nodes.zones())

    def zone_latency_ms(self, origin: str, destination: str) -> float | None:
        """Round-trip milliseconds between two zones: the least between their gateways, else the zones' own pair."""
        if origin == destination:
            return 0.0
        known = [
            ms
            for a in self.gateways(origin)
            for b in self.gateways(destination)
            if (ms := self.latencies.between(a.node, b.node)) is not None
        ]
        return min(known) if known else self.latencies.between(origin, destination)

    def pod_cpu_millicores(self, pod: Pod, now: float, lookback_s: float) -> float | None:
        """Mean CPU of a pod's containers together over the lookback, in thousandths of a core; None without data."""
        used = [self.usage.container_cpu_millicores(container, now, lookback_s) for container in pod.containers]
        known = [millicores for millicores in used if millicores is not None]
        return sum(known) if known else None

    def _of_function(self, fn: str, zone: str | None) -> list[Pod]:
        return self._pods.of_function(fn) if zone is None else self._pods.of_function_in(fn, zone)

    def _take_latencies(self, event: LatencyUpdate) -> None:
        for origin, row in parse_graph(event.latencies, source="latency_update").items():
            for destination, ms in row.items():
                self.latencies.update(origin, destination, ms)

    def _rezone(self, node: str) -> None:
        self._pods.rezone(node)
