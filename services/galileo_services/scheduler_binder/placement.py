"""Placement: which node takes a pending pod.

Nodes that pass every filter are compared. A pod without a delay bound and without a zone is nobody's neighbour: it goes
to the cloud while there is room, so that the few nodes at the edge stay free for pods that need them. Then the node
that will be fullest wins (best fit), which keeps large gaps for large pods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from galileo_schemas.events import NodeUpdate, PodState
from galileo_schemas.labels import CLOUD_ROLE, ZONE

from galileo_services.scheduler_binder.delay_bounds import LatencyLookup
from galileo_services.scheduler_binder.filters import PlacementState, first_reason, placement_state
from galileo_services.scheduler_binder.node_usage import NodeUsage, allocatable_of


@dataclass(frozen=True, slots=True)
class Placement:
    """The pod goes to this node."""

    node: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """No node takes the pod; one line that reads like the Kubernetes scheduler's."""

    message: str


def place(
    pod: PodState, nodes: Iterable[NodeUpdate], usage: NodeUsage, latencies: LatencyLookup
) -> Placement | Refusal:
    """Chooses among the nodes that are present; `latencies` gives round-trip milliseconds. Raises nothing for bad pods.

    Does not count the pod as placed: call `usage.assume` before the next pod is placed.
    """
    present = [node for node in nodes if node.present]
    head = f"0/{len(present)} nodes are available"
    if not present:
        return Refusal(f"{head}: no node is known.")
    try:
        state = placement_state(pod, present, usage, latencies)
    except ValueError as error:
        return Refusal(f"{head}: {error}.")
    reasons: Counter[str] = Counter()
    fitting = []
    for node in present:
        reason = first_reason(pod, node, state)
        if reason is None:
            fitting.append(node)
        else:
            reasons[reason] += 1
    if not fitting:
        return Refusal(f"{head}: {_counted(reasons)}.")
    return Placement(_best(_preferred(pod, fitting, state), state).name)


def _counted(reasons: Counter[str]) -> str:
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {reason}" for reason, count in ordered)


def _preferred(pod: PodState, fitting: list[NodeUpdate], state: PlacementState) -> list[NodeUpdate]:
    if state.bounds or state.required_zone is not None or ZONE in pod.node_selector:
        return fitting
    return [node for node in fitting if node.labels.get(CLOUD_ROLE) == "cloud"] or fitting


def _best(nodes: list[NodeUpdate], state: PlacementState) -> NodeUpdate:
    return min(nodes, key=lambda node: (-dominant_share(node, state), node.name))


def dominant_share(node: NodeUpdate, state: PlacementState) -> float:
    """The larger of the shares of CPU and memory that are requested on a node once the pod is there, 1 is full.

    Dominant resource as in Ghodsi et al., "Dominant Resource Fairness", NSDI 2011.
    """
    allocatable = allocatable_of(node)
    requested = state.usage.requested(node.name).plus(state.requests)
    return max(
        requested.cpu_millicores / allocatable.cpu_millicores if allocatable.cpu_millicores else 0.0,
        requested.memory_bytes / allocatable.memory_bytes if allocatable.memory_bytes else 0.0,
    )
