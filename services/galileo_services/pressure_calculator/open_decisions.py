"""Decisions that were said and that the cluster does not show yet: counted as done until it is known otherwise.

A creation closes when its pod is seen, a deletion when its pod goes, either when an actor says that it failed, or when
nobody may act on it any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from galileo_context.cluster import Cluster
from galileo_schemas.events import PodFailed, ScaleSchedule
from galileo_schemas.quantities import cpu_millicores, memory_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDecision:
    """One pod to be created or deleted in `zone`; open until `until` (unix seconds) at most."""

    fn: str
    zone: str
    pod: str
    namespace: str
    delete: bool
    until: float
    cpu_request_millicores: float
    memory_request_bytes: int


class OpenDecisions:
    """The open decisions by the pod that they concern."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], OpenDecision] = {}

    def add(self, decision: ScaleSchedule, *, until: float) -> None:
        """Takes a decision as said."""
        pod = decision.pod_creation_request
        self._open[pod.namespace, pod.pod_name] = OpenDecision(
            fn=decision.fn,
            zone=decision.dest_zone,
            pod=pod.pod_name,
            namespace=pod.namespace,
            delete=decision.delete,
            until=until,
            cpu_request_millicores=cpu_millicores(pod.resource_requests.get("cpu", 0)),
            memory_request_bytes=memory_bytes(pod.resource_requests.get("memory", 0)),
        )

    def fail(self, event: PodFailed) -> None:
        """Takes an actor's word that nothing was done for a pod."""
        self._open.pop((event.namespace, event.pod), None)

    def close(self, cluster: Cluster, now: float) -> None:
        """Closes what the cluster shows by now (unix seconds), and what has expired."""
        self._open = {
            key: decision
            for key, decision in self._open.items()
            if now < decision.until and not _is_seen(decision, cluster)
        }

    def creations(self, fn: str | None = None, zone: str | None = None) -> list[OpenDecision]:
        """The pods that are to be created, of a function, in a zone, or all."""
        return [
            decision
            for decision in self._open.values()
            if not decision.delete and fn in (None, decision.fn) and zone in (None, decision.zone)
        ]

    def deletions(self, fn: str) -> set[tuple[str, str]]:
        """Namespace and name of the function's pods that are to be deleted."""
        return {key for key, decision in self._open.items() if decision.delete and decision.fn == fn}

    def __len__(self) -> int:
        return len(self._open)


def _is_seen(decision: OpenDecision, cluster: Cluster) -> bool:
    pod = cluster.pod_named(decision.pod, decision.namespace)
    if not decision.delete:
        return pod is not None
    return pod is None or pod.deleting or not cluster.is_present(pod)
