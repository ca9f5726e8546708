"""Placement: which node takes a pending pod.

Nodes that pass every filter are compared. A pod without a delay bound and without a zone is nobody's neighbour: it goes
to the cloud while there is room, so that the few nodes at the edge stay free for pods that need them. Such pods are
spread: the node wins that will be emptiest, the number of pods counting, too, since many of them request nothing. For a
pod that has to be near something the node wins that will be fullest (best fit), which keeps large gaps for large pods.
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
    if _is_free(pod, state):
        return Placement(_emptiest(_in_the_cloud(fitting) or fitting, state).name)
    return Placement(_fullest(fitting, state).name)


def _counted(reasons: Counter[str]) -> str:
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {reason}" for reason, count in ordered)


def _is_free(pod: PodState, state: PlacementState) -> bool:
    """Whether a pod need not be near anything."""
    return not state.bounds and state.required_zone is None and ZONE not in pod.node_selector


def _in_the_cloud(nodes: list[NodeUpdate]) -> list[NodeUpdate]:
    return [node for node in nodes if node.labels.get(CLOUD_ROLE) == "cloud"]


def _fullest(nodes: list[NodeUpdate], state: PlacementState) -> NodeUpdate:
    return min(nodes, key=lambda node: (-dominant_share(node, state), node.name))


def _emptiest(nodes: list[NodeUpdate], state: PlacementState) -> NodeUpdate:
    return min(nodes, key=lambda node: (max(dominant_share(node, state), _share_of_pods(node, state)), node.name))


def _share_of_pods(node: NodeUpdate, state: PlacementState) -> float:
    """How much of the number of pods that a node takes is taken once the pod is there, 1 is full."""
    return (state.usage.requested(node.name).pods + 1) / allocatable_of(node).pods


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
