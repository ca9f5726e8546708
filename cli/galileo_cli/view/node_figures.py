"""The zones with their nodes and replicas, as they are now."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from galileo_context.cluster import Cluster
from galileo_context.nodes import Node
from galileo_schemas.labels import ROLE_PREFIX

CPU_WINDOW_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFigure:
    """One node. `name` is without its zone's; `cpu_percent` is of all its cores, None when nobody tells."""

    node: str
    name: str
    ready: bool
    killed: bool
    pods: int
    cpu_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicas:
    """Pods of a function in a zone: those that serve, and those that are to."""

    function: str
    running: int
    pending: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFigure:
    """One zone: workers first among its nodes; functions that have a pod there."""

    name: str
    nodes: tuple[NodeFigure, ...]
    replicas: tuple[Replicas, ...]


def zone_figures(cluster: Cluster, killed: Container[str], now: float) -> list[ZoneFigure]:
    """All zones by name; `killed` are nodes that were made to fail, `now` in unix seconds."""
    return [
        ZoneFigure(
            name=zone,
            nodes=tuple(
                _figure(cluster, node, zone, killed, now) for node in sorted(cluster.nodes_in(zone), key=node_order)
            ),
            replicas=tuple(_replicas(cluster, zone)),
        )
        for zone in cluster.zones()
    ]


def _figure(cluster: Cluster, node: Node, zone: str, killed: Container[str], now: float) -> NodeFigure:
    return NodeFigure(
        node=node.name,
        name=node.name.removesuffix(f"-{zone}") or node.name,
        ready=node.ready,
        killed=node.name in killed,
        pods=sum(not pod.ended for pod in cluster.pods_on(node.name)),
        cpu_percent=cluster.usage.node_cpu_percent(node.name, now, CPU_WINDOW_S),
    )


def _replicas(cluster: Cluster, zone: str) -> list[Replicas]:
    found = []
    for fn in sorted(cluster.functions):
        running, pending = len(cluster.running(fn, zone)), len(cluster.pending(fn, zone))
        if running or pending:
            found.append(Replicas(function=fn, running=running, pending=pending))
    return found


def is_worker(node: Node) -> bool:
    """Whether functions run there, and not a gateway or clients; a node without a role is one."""
    roles = {label.removeprefix(ROLE_PREFIX) for label in node.labels if label.startswith(ROLE_PREFIX)}
    return not roles or "worker" in roles


def node_order(node: Node) -> tuple[bool, list[tuple[int, str]]]:
    """Sorts workers before others, and `edge-10` after `edge-9`."""
    words = re.findall(r"\d+|\D+", node.name)
    return not is_worker(node), [(int(w), "") if w.isdecimal() else (-1, w) for w in words]
