"""The pods that wait for a node: who is tried next, and when again after a refusal.

Pod events fill and empty it. A refused pod waits 1 s, then 2 s, … at most 10 s, unless room becomes free or the pod
itself changes. A pod whose binding is under way stays in the queue but is not tried, until an event shows its node or
the binding failed: its own late `pod/pending` must not bring it back.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from galileo_schemas.events import ClusterInventory, NodeUpdate, PodShutdown, PodState

from galileo_services.scheduler_binder.node_usage import has_ended

DEFAULT_SCHEDULER = "default-scheduler"


@dataclass(slots=True)
class _Waiting:
    pod: PodState
    arrival: int
    not_before: float
    refusals: int = 0
    message: str = ""
    binding: bool = False

    @property
    def order(self) -> tuple[float, int]:
        return (self.pod.created, self.arrival)


class PendingQueue:
    """Pending pods of the given scheduler names. All times are on one clock of the caller's choice, in seconds."""

    def __init__(
        self, scheduler_names: Collection[str], *, first_backoff_s: float = 1.0, longest_backoff_s: float = 10.0
    ) -> None:
        self._scheduler_names = frozenset(scheduler_names)
        self._first_backoff_s = first_backoff_s
        self._longest_backoff_s = longest_backoff_s
        self._waiting: dict[str, _Waiting] = {}
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, pod_uid: str) -> bool:
        return pod_uid in self._waiting

    def note(self, pod: PodState, now: float) -> None:
        """Takes a pod as it is now: one that needs a node is queued, any other leaves the queue."""
        if not self._needs_node(pod):
            self._waiting.pop(pod.pod_uid, None)
            return
        known = self._waiting.get(pod.pod_uid)
        if known is None:
            self._arrivals += 1
            self._waiting[pod.pod_uid] = _Waiting(pod, self._arrivals, not_before=now)
            return
        if _asks_for_something_else(known.pod, pod):
            known.not_before = now
        known.pod = pod

    def due(self, now: float) -> list[PodState]:
        """The pods to be tried now, oldest first."""
        ready = [entry for entry in self._waiting.values() if not entry.binding and entry.not_before <= now]
        return [entry.pod for entry in sorted(ready, key=lambda entry: entry.order)]

    @property
    def next_due(self) -> float | None:
        """When the next pod is to be tried, possibly in the past; None when no pod waits to be tried."""
        return min((entry.not_before for entry in self._waiting.values() if not entry.binding), default=None)

    def refused(self, pod_uid: str, now: float, message: str = "") -> bool:
        """No node took the pod, or its binding failed: it is tried again after its backoff.

        Says whether the message is another one than last time, so that the same news need not be told twice.
        """
        entry = self._waiting.get(pod_uid)
        if entry is None:
            return False
        doublings = min(entry.refusals, 30)  # enough for any backoff, and no overflow after days of refusals
        entry.not_before = now + min(self._first_backoff_s * 2**doublings, self._longest_backoff_s)
        entry.refusals += 1
        entry.binding = False
        is_news = entry.refusals == 1 or entry.message != message
        entry.message = message
        return is_news

    def binding(self, pod_uid: str) -> None:
        """The pod is being bound: it is not tried until it is refused, and leaves once an event shows its node."""
        entry = self._waiting.get(pod_uid)
        if entry is not None:
            entry.binding = True

    def retry_all(self, now: float) -> None:
        """Room became free, or a latency changed: every waiting pod is due. Backoffs go on where they were."""
        for entry in self._waiting.values():
            entry.not_before = min(entry.not_before, now)

    def forget_absent(self, inventory: ClusterInventory) -> None:
        """Drops pods that the inventory does not know, whose deletion was missed; younger ones stay."""
        alive = set(inventory.pods)
        self._waiting = {
            uid: entry
            for uid, entry in self._waiting.items()
            if uid in alive or entry.pod.created >= math.floor(inventory.as_of)
        }

    def _needs_node(self, pod: PodState) -> bool:
        # The API fills in the default; a sender that leaves the name out means the same.
        scheduler = pod.scheduler_name or DEFAULT_SCHEDULER
        return (
            scheduler in self._scheduler_names
            and not pod.node_name
            and pod.status in ("", "Pending")
            and not pod.deletion_timestamp
            and not isinstance(pod, PodShutdown)
            and not has_ended(pod)
        )


def may_take_more(before: NodeUpdate | None, after: NodeUpdate) -> bool:
    """Whether a node's change may let a waiting pod in: it is new, or differs in anything that a filter asks about."""
    if not after.present:
        return False
    return before is None or _placement_facts(before) != _placement_facts(after)


def _placement_facts(node: NodeUpdate) -> tuple[object, ...]:
    return (node.present, node.zone, node.labels, node.allocatable, node.ready, node.unschedulable, node.taints)


def _asks_for_something_else(before: PodState, after: PodState) -> bool:
    return _wishes(before) != _wishes(after)


def _wishes(pod: PodState) -> tuple[object, ...]:
    return (pod.labels, pod.node_selector, pod.node_selector_terms, pod.tolerations, pod.containers)
