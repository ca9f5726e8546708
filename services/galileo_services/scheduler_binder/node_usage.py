"""How much of each node is spoken for: what pods on it request, plus what was bound to it and is not confirmed yet.

Pod events come in, a node's total comes out. Each pod holds one claim, so an event that is said twice counts once, and
every event costs the same however large the cluster is. A binding that was decided here counts from `assume` on: the
next pod of the same batch must not be given the same room while the API's answer is on its way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from galileo_schemas.events import ClusterInventory, NodeUpdate, PodDelete, PodState
from galileo_schemas.quantities import cpu_millicores, memory_bytes, parse_quantity

ENDED_PHASES = frozenset({"Succeeded", "Failed"})
KUBELET_MAX_PODS = 110
"""A kubelet's default; counts for a node that does not say how many pods it takes."""


@dataclass(frozen=True, slots=True)
class Resources:
    """Thousandths of a core, bytes, number of pods."""

    cpu_millicores: int = 0
    memory_bytes: int = 0
    pods: int = 0

    def plus(self, other: Resources) -> Resources:
        return Resources(
            self.cpu_millicores + other.cpu_millicores,
            self.memory_bytes + other.memory_bytes,
            self.pods + other.pods,
        )

    def minus(self, other: Resources) -> Resources:
        return Resources(
            self.cpu_millicores - other.cpu_millicores,
            self.memory_bytes - other.memory_bytes,
            self.pods - other.pods,
        )


def pod_requests(pod: PodState) -> Resources:
    """The sum over a pod's containers; a request that is not given is its limit, as the Kubernetes API sets it.

    Raises `ValueError` that names the container and what a quantity looks like.
    """
    cpu = memory = 0
    for name, container in pod.containers.items():
        wanted = {**container.resource_limits, **container.resource_requests}
        try:
            cpu += _millicores(wanted.get("cpu", "0"))
            memory += _bytes(wanted.get("memory", "0"))
        except ValueError as error:
            raise ValueError(f"pod {pod.namespace}/{pod.name}, container {name}: {error}") from None
    return Resources(cpu, memory, 1)


def allocatable_of(node: NodeUpdate) -> Resources:
    """What a node has for pods; CPU and memory that it does not name are 0.

    Raises `ValueError` that names the node and what a quantity looks like.
    """
    try:
        return Resources(
            _millicores(node.allocatable.get("cpu", "0")),
            _bytes(node.allocatable.get("memory", "0")),
            int(parse_quantity(node.allocatable.get("pods", KUBELET_MAX_PODS))),
        )
    except ValueError as error:
        raise ValueError(f"node {node.name}, allocatable: {error}") from None


def has_ended(pod: PodState) -> bool:
    """Whether a pod holds nothing any more: deleted, succeeded or failed. One that shuts down still holds its room."""
    return isinstance(pod, PodDelete) or pod.status in ENDED_PHASES


@dataclass(frozen=True, slots=True)
class _Claim:
    node: str
    requests: Resources
    created: float
    assumed: bool = False

    def frees_room_against(self, before: _Claim) -> bool:
        return (
            self.node != before.node
            or self.requests.cpu_millicores < before.requests.cpu_millicores
            or self.requests.memory_bytes < before.requests.memory_bytes
        )


_NOTHING = Resources()


class NodeUsage:
    """Requests per node, from pod events and from our own unconfirmed bindings."""

    def __init__(self) -> None:
        self._claims: dict[str, _Claim] = {}
        self._totals: dict[str, Resources] = {}

    def requested(self, node: str) -> Resources:
        """What pods on a node request in sum; zero for a node without pods."""
        return self._totals.get(node, _NOTHING)

    @property
    def totals(self) -> Mapping[str, Resources]:
        """All nodes on which something is requested."""
        return self._totals

    def note_pod(self, pod: PodState) -> bool:
        """Takes a pod as it is now; says whether room became free.

        An event without a node leaves an assumed binding alone: it was sent before the binding reached the API.
        Raises `ValueError`, and changes nothing, when a request cannot be read.
        """
        if has_ended(pod):
            return self._release(pod.pod_uid)
        if not pod.node_name:
            return False
        claim = _Claim(pod.node_name, pod_requests(pod), pod.created)
        before = self._claims.get(pod.pod_uid)
        self._hold(pod.pod_uid, claim)
        return before is not None and claim.frees_room_against(before)

    def assume(self, pod: PodState, node: str) -> None:
        """Counts a pod on a node to which it is being bound. Raises `ValueError` when a request cannot be read."""
        self._hold(pod.pod_uid, _Claim(node, pod_requests(pod), pod.created, assumed=True))

    def forget(self, pod_uid: str) -> bool:
        """Takes an assumption back, since the binding failed; a confirmed pod stays. Says whether room became free."""
        claim = self._claims.get(pod_uid)
        return claim is not None and claim.assumed and self._release(pod_uid)

    def forget_absent(self, inventory: ClusterInventory) -> bool:
        """Drops pods that the inventory does not know, whose deletion was missed. Says whether room became free.

        Pods created after the inventory was taken stay.
        """
        alive = set(inventory.pods)
        taken_at = math.floor(inventory.as_of)  # Kubernetes writes creation times in whole seconds
        gone = [uid for uid, claim in self._claims.items() if uid not in alive and claim.created < taken_at]
        for uid in gone:
            self._release(uid)
        return bool(gone)

    def _hold(self, pod_uid: str, claim: _Claim) -> None:
        self._release(pod_uid)
        self._claims[pod_uid] = claim
        self._totals[claim.node] = self.requested(claim.node).plus(claim.requests)

    def _release(self, pod_uid: str) -> bool:
        claim = self._claims.pop(pod_uid, None)
        if claim is None:
            return False
        left = self._totals[claim.node].minus(claim.requests)
        if left.pods:
            self._totals[claim.node] = left
        else:
            del self._totals[claim.node]
        return True


# A cluster's pods use few different quantities, and each decision looks at all nodes: read each quantity once.
@lru_cache(maxsize=4096)
def _millicores(quantity: str) -> int:
    # Rounded before it is rounded up, or else 0.035 cores would be 36 millicores.
    return _not_negative(math.ceil(round(cpu_millicores(quantity), 6)), quantity)


@lru_cache(maxsize=4096)
def _bytes(quantity: str) -> int:
    return _not_negative(memory_bytes(quantity), quantity)


def _not_negative(value: int, quantity: str) -> int:
    if value < 0:
        raise ValueError(f"expected a quantity of 0 or more, got {quantity!r}")
    return value
