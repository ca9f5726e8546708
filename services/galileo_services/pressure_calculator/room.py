"""Which zones have room for one pod more, node by node: what the nodes can hold, less what is there or on its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from galileo_context.cluster import Cluster
from galileo_context.nodes import Node
from galileo_schemas.labels import ROLE_PREFIX
from galileo_schemas.quantities import cpu_millicores, memory_bytes

from galileo_services.pressure_calculator.open_decisions import OpenDecisions

_WORKER = ROLE_PREFIX + "worker"
_KEEPS_OFF = ("NoSchedule", "NoExecute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a pod asks for."""

    cpu_millicores: float
    memory_bytes: int


def need_of(resource_requests: Mapping[str, str]) -> Need:
    """Raises `ValueError` when a quantity cannot be read; what is not asked for is 0, as in Kubernetes."""
    return Need(
        cpu_millicores=cpu_millicores(resource_requests.get("cpu", 0)),
        memory_bytes=memory_bytes(resource_requests.get("memory", 0)),
    )


@dataclass(slots=True, kw_only=True)
class _Free:
    cpu_millicores: float
    memory_bytes: int
    pods: int

    def fits(self, need: Need) -> bool:
        return self.pods >= 1 and self.cpu_millicores >= need.cpu_millicores and self.memory_bytes >= need.memory_bytes

    def take(self, need: Need) -> None:
        self.cpu_millicores -= need.cpu_millicores
        self.memory_bytes -= need.memory_bytes
        self.pods -= 1


class Room:
    """The free room of each zone; `take` uses it up, so that one run does not promise it twice.

    Pods that were asked for but have no node yet take the fullest node that fits, as a best-fit scheduler would.
    """

    def __init__(self, cluster: Cluster, open_decisions: OpenDecisions) -> None:
        self._free = {
            zone: [_free_of(cluster, node) for node in cluster.nodes_in(zone) if takes_functions(node)]
            for zone in cluster.zones()
        }
        for pod in cluster.unbound_pods():
            zone = cluster.zone_of(pod)
            if pod.pending and zone is not None:
                need = Need(cpu_millicores=pod.cpu_request_millicores, memory_bytes=pod.memory_request_bytes)
                self.take(zone, need)
        for decision in open_decisions.creations():
            need = Need(cpu_millicores=decision.cpu_request_millicores, memory_bytes=decision.memory_request_bytes)
            self.take(decision.zone, need)

    def fits(self, zone: str, need: Need) -> bool:
        """Whether a node of the zone has room."""
        return any(free.fits(need) for free in self._free.get(zone, ()))

    def take(self, zone: str, need: Need) -> bool:
        """Uses up room on the fullest node of the zone that has it; False when none has."""
        fitting = [free for free in self._free.get(zone, ()) if free.fits(need)]
        if not fitting:
            return False
        min(fitting, key=lambda free: (free.cpu_millicores, free.memory_bytes)).take(need)
        return True


def takes_functions(node: Node) -> bool:
    """Whether function pods may go there: ready, schedulable, no taint that keeps pods off.

    A node whose labels give it roles, the worker's not among them, is not for functions.
    """
    roles = [label for label in node.labels if label.startswith(ROLE_PREFIX)]
    tainted = any(taint.get("effect") in _KEEPS_OFF for taint in node.taints)
    return node.ready and not node.unschedulable and not tainted and (not roles or _WORKER in roles)


def _free_of(cluster: Cluster, node: Node) -> _Free:
    # Pods that are being deleted hold their resources until they are gone; ended ones hold none.
    needs = [
        Need(cpu_millicores=pod.cpu_request_millicores, memory_bytes=pod.memory_request_bytes)
        for pod in cluster.pods_on(node.name)
        if not pod.ended
    ]
    if node.cpu_millicores is None or node.memory_bytes is None:
        return _Free(cpu_millicores=0.0, memory_bytes=0, pods=0)
    free = _Free(cpu_millicores=node.cpu_millicores, memory_bytes=node.memory_bytes, pods=node.pod_limit)
    _take_all(free, needs)
    return free


def _take_all(free: _Free, needs: Iterable[Need]) -> None:
    for need in needs:
        free.take(need)
