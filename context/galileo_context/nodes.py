"""The nodes and their zones, as node updates tell them; gone ones keep their zone for a while, for late traces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from galileo_schemas.events import NodeUpdate
from galileo_schemas.labels import DEFAULT_ZONE, ZONE
from galileo_schemas.quantities import cpu_millicores, memory_bytes, parse_quantity

from galileo_context.index import Index

DEFAULT_POD_LIMIT = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node. What it can hold is None where its sender did not say."""

    name: str
    zone: str
    address: str
    labels: Mapping[str, str]
    cpu_millicores: float | None
    memory_bytes: int | None
    pod_limit: int
    ready: bool
    unschedulable: bool
    taints: Sequence[Mapping[str, Any]]


def read_node(event: NodeUpdate) -> Node:
    """Raises `ValueError` that names the node and the quantity that cannot be read."""
    cpu, memory = event.allocatable.get("cpu"), event.allocatable.get("memory")
    try:
        return Node(
            name=event.name,
            zone=event.labels.get(ZONE) or event.zone or DEFAULT_ZONE,
            address=event.address,
            labels=event.labels,
            cpu_millicores=None if cpu is None else cpu_millicores(cpu),
            memory_bytes=None if memory is None else memory_bytes(memory),
            pod_limit=int(parse_quantity(event.allocatable.get("pods", DEFAULT_POD_LIMIT))),
            ready=event.ready,
            unschedulable=event.unschedulable,
            taints=event.taints,
        )
    except ValueError as error:
        raise ValueError(f"node {event.name}: allocatable: {error}") from None


class Nodes:
    """The nodes by name and by zone. `zone_changed` is called with a node's name after its zone became another."""

    def __init__(self, *, retention_s: float, zone_changed: Callable[[str], None]) -> None:
        self._retention_s = retention_s
        self._zone_changed = zone_changed
        self._nodes: dict[str, Node] = {}
        self._noted_at: dict[str, float] = {}
        self._gone: dict[str, tuple[str, float]] = {}
        self._by_zone: Index[str] = Index()

    def note(self, event: NodeUpdate, ts: float) -> None:
        """Takes a node as it is now, or its end. An event older than what is known changes nothing."""
        if ts < self._noted_at.get(event.name, ts):
            return
        if not event.present:
            self._remove(event.name, ts)
            return
        node = read_node(event)
        self._noted_at[node.name] = ts
        before = self._nodes.get(node.name)
        if node == before:
            return
        self._nodes[node.name] = node
        self._gone.pop(node.name, None)
        if before is None or before.zone != node.zone:
            if before is not None:
                self._by_zone.discard(before.zone, node.name)
            self._by_zone.add(node.zone, node.name)
            self._zone_changed(node.name)

    def keep_only(self, names: Collection[str], as_of: float) -> None:
        """Drops the nodes that are not among `names` and were last heard of before `as_of`."""
        for name in [name for name in self._nodes if name not in names and self._noted_at[name] < as_of]:
            self._remove(name, as_of)

    def forget_before(self, ts: float) -> None:
        """Forgets the zones of nodes that have been gone since before `ts - retention_s`."""
        for name, (_zone, gone_at) in list(self._gone.items()):
            if gone_at < ts - self._retention_s:
                del self._gone[name]
                self._noted_at.pop(name, None)

    def all(self) -> Collection[Node]:
        """All nodes that are there."""
        return self._nodes.values()

    def get(self, name: str) -> Node | None:
        """The node of that name."""
        return self._nodes.get(name)

    def zones(self) -> list[str]:
        """The zones that have nodes, in the order of their names."""
        return sorted(self._by_zone.keys())

    def in_zone(self, zone: str) -> list[Node]:
        """The nodes of a zone."""
        return [self._nodes[name] for name in self._by_zone.get(zone)]

    def zone_of(self, name: str) -> str | None:
        """A node's zone; of a node that is gone, the one it had."""
        node = self._nodes.get(name)
        if node is not None:
            return node.zone
        gone = self._gone.get(name)
        return None if gone is None else gone[0]

    def _remove(self, name: str, ts: float) -> None:
        node = self._nodes.pop(name, None)
        if node is not None:
            self._by_zone.discard(node.zone, name)
            self._gone[name] = (node.zone, ts)
            self._noted_at[name] = ts
