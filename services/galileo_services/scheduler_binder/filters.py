"""The questions that a node must pass to take a pod; each gives None, or the reason that keeps the pod off the node.

Reasons are counted over the nodes and read by people who know the Kubernetes scheduler's (`3 Insufficient cpu`), so
they hold nothing that differs from node to node. The order of `FILTERS` is the order of asking: what an operator has
decided comes before what happens to be full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from galileo_schemas.events import NodeUpdate, PodState
from galileo_schemas.labels import MANAGED_BY, MANAGER, ROLE_PREFIX, TYPE_FUNCTION, ZONE, type_of

from galileo_services.scheduler_binder.delay_bounds import (
    DelayBound,
    LatencyLookup,
    RoundTrips,
    delay_bounds,
    zone_of_node,
)
from galileo_services.scheduler_binder.node_affinity import Term, demanded_nodes, demands
from galileo_services.scheduler_binder.node_usage import NodeUsage, Resources, allocatable_of, pod_requests

WORKER_ROLE = ROLE_PREFIX + "worker"
_REPELLING_EFFECTS = frozenset({"NoSchedule", "NoExecute"})
_UNSCHEDULABLE_TAINT = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


@dataclass(frozen=True, slots=True)
class PlacementState:
    """What the filters ask about, worked out once for a pod instead of once for each node."""

    requests: Resources
    bounds: tuple[DelayBound, ...]
    demanded: tuple[Term, ...]
    required_zone: str | None
    workers_only: bool
    usage: NodeUsage
    round_trips: RoundTrips


Filter = Callable[[PodState, NodeUpdate, PlacementState], str | None]


def placement_state(
    pod: PodState, nodes: Iterable[NodeUpdate], usage: NodeUsage, latencies: LatencyLookup
) -> PlacementState:
    """Raises `ValueError` when the pod itself asks for something that cannot be read."""
    nodes = list(nodes)
    _expect_counted_resources(pod)
    return PlacementState(
        requests=pod_requests(pod),
        bounds=delay_bounds(pod.labels),
        demanded=demanded_nodes(pod.node_selector_terms),
        required_zone=required_zone(pod),
        workers_only=type_of(pod.labels) == TYPE_FUNCTION and any(map(is_worker, nodes)),
        usage=usage,
        round_trips=RoundTrips(nodes, latencies),
    )


def _expect_counted_resources(pod: PodState) -> None:
    """Devices (`nvidia.com/gpu`) are not counted, and an uncounted one would be given away twice."""
    for name, container in pod.containers.items():
        for resource in (*container.resource_requests, *container.resource_limits):
            if "/" in resource:
                raise ValueError(
                    f"pod {pod.namespace}/{pod.name}, container {name} requests {resource}, but only cpu, memory and "
                    f"the number of pods are counted here; use another scheduler for it"
                )


def required_zone(pod: PodState) -> str | None:
    """The zone in which the pod must run by its label; None when it is free or its node selector speaks of the zone.

    Only for pods that we created: elsewhere the label says where a pod happens to be, not where it should go.
    """
    if pod.labels.get(MANAGED_BY) != MANAGER or ZONE in pod.node_selector:
        return None
    return pod.labels.get(ZONE) or None


def is_worker(node: NodeUpdate) -> bool:
    """Whether a node carries the worker role; Kubernetes leaves the value of a role label open."""
    return node.labels.get(WORKER_ROLE, "false") != "false"


def schedulable(pod: PodState, node: NodeUpdate, _state: PlacementState) -> str | None:
    """Cordoned nodes take only pods that tolerate it."""
    if not node.unschedulable or _tolerated(_UNSCHEDULABLE_TAINT, pod.tolerations):
        return None
    return "node(s) were unschedulable"


def ready(_pod: PodState, node: NodeUpdate, _state: PlacementState) -> str | None:
    """A node whose kubelet does not answer starts nothing."""
    return None if node.ready else "node(s) were not ready"


def taints_tolerated(pod: PodState, node: NodeUpdate, _state: PlacementState) -> str | None:
    """Every taint that repels pods must meet a toleration."""
    for taint in node.taints:
        if taint.get("effect") in _REPELLING_EFFECTS and not _tolerated(taint, pod.tolerations):
            return f"node(s) had untolerated taint {{{taint.get('key', '')}: {taint.get('value') or ''}}}"
    return None


def role_fits(_pod: PodState, node: NodeUpdate, state: PlacementState) -> str | None:
    """Functions run on workers, in a cluster that tells its workers."""
    return "node(s) were no workers" if state.workers_only and not is_worker(node) else None


def demanded(pod: PodState, node: NodeUpdate, state: PlacementState) -> str | None:
    """Node selector and required node affinity, both, as the kubelet will ask for them again."""
    selected = all(node.labels.get(key) == value for key, value in pod.node_selector.items())
    return None if selected and demands(state.demanded, node) else "node(s) didn't match Pod's node affinity/selector"


def zone_fits(_pod: PodState, node: NodeUpdate, state: PlacementState) -> str | None:
    """The zone that the pod's own label asks for."""
    if state.required_zone is None or zone_of_node(node) == state.required_zone:
        return None
    return f"node(s) were outside {state.required_zone}"


def near_enough(_pod: PodState, node: NodeUpdate, state: PlacementState) -> str | None:
    """Every delay bound holds. What is not known does not hold."""
    for bound in state.bounds:
        rtt_ms = state.round_trips.to_node_ms(bound.origin, node)
        if rtt_ms is None and not state.round_trips.knows(bound.origin):
            return f"without a latency from {bound.origin}, which is neither a node nor a zone"
        if rtt_ms is None:
            return f"without a known latency from {bound.origin}"
        if rtt_ms > bound.limit_ms:
            return f"too far from {bound.origin} (> {bound.limit_ms:g} ms)"
    return None


def room_left(_pod: PodState, node: NodeUpdate, state: PlacementState) -> str | None:
    """CPU, memory and number of pods. Who requests nothing of a resource fits even where it is overbooked."""
    try:
        allocatable = allocatable_of(node)
    except ValueError:
        return "node(s) had unreadable allocatable resources"
    free = allocatable.minus(state.usage.requested(node.name))
    if 0 < state.requests.cpu_millicores > free.cpu_millicores:
        return "Insufficient cpu"
    if 0 < state.requests.memory_bytes > free.memory_bytes:
        return "Insufficient memory"
    return "Too many pods" if free.pods < 1 else None


FILTERS: tuple[Filter, ...] = (
    schedulable,
    ready,
    taints_tolerated,
    role_fits,
    demanded,
    zone_fits,
    near_enough,
    room_left,
)


def first_reason(pod: PodState, node: NodeUpdate, state: PlacementState) -> str | None:
    """Why a node cannot take a pod, None when it can."""
    for ask in FILTERS:
        reason = ask(pod, node, state)
        if reason is not None:
            return reason
    return None


def _tolerated(taint: Mapping[str, Any], tolerations: Iterable[Mapping[str, Any]]) -> bool:
    return any(_tolerates(toleration, taint) for toleration in tolerations)


def _tolerates(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    """As the Kubernetes API defines it: no effect means all effects, no key with Exists means all keys."""
    if toleration.get("effect") and toleration["effect"] != taint.get("effect"):
        return False
    exists = toleration.get("operator") == "Exists"
    if toleration.get("key"):
        if toleration["key"] != taint.get("key"):
            return False
    elif not exists:
        return False
    return exists or (toleration.get("value") or "") == (taint.get("value") or "")
