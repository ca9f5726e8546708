"""Whether a node lacks memory, and which pod has to go for it: pure functions.

The signal is the kubelet's `memory.available`, the node's memory without what is in use. When it falls below the
threshold, pods are evicted one at a time, in the kubelet's order: first those that use more than they request; among
equals the lower priority; among equals the one that exceeds its request by most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SYSTEM_CRITICAL_PRIORITY = 2_000_000_000
"""Pods of this priority or above (system-cluster-critical, system-node-critical) are not evicted."""

_KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PodMemory:
    """A pod's memory. `containers` holds name, bytes in use and bytes requested of each."""

    uid: str
    priority: int
    containers: tuple[tuple[str, int, int], ...]

    @property
    def used_bytes(self) -> int:
        return sum(used for _, used, _ in self.containers)

    @property
    def requested_bytes(self) -> int:
        return sum(requested for _, _, requested in self.containers)


def threshold_bytes(wanted_bytes: int, *, memory_bytes: int) -> int:
    """The threshold of a node: as wanted, at most a tenth of its memory, so that small nodes are usable at all."""
    return min(wanted_bytes, memory_bytes // 10)


def first_to_evict(pods: Iterable[PodMemory]) -> PodMemory | None:
    """The pod to evict; None if none may be."""
    ranked = sorted((pod for pod in pods if pod.priority < SYSTEM_CRITICAL_PRIORITY), key=_rank)
    return ranked[0] if ranked else None


def _rank(pod: PodMemory) -> tuple[bool, int, int]:
    excess_bytes = pod.used_bytes - pod.requested_bytes
    return (excess_bytes <= 0, pod.priority, -excess_bytes)


def eviction_message(pod: PodMemory, *, threshold: int, available: int) -> str:
    """Why the pod is evicted, in the kubelet's words."""
    text = f"The node was low on resource: memory. Threshold quantity: {_binary(threshold)}, available: "
    text += f"{available // _KIB}Ki. "
    for name, used, requested in pod.containers:
        if used > requested:
            text += f"Container {name} was using {used // _KIB}Ki, request is {_binary(requested)}, "
            text += "has larger consumption of memory. "
    return text


def _binary(size_bytes: int) -> str:
    for suffix, unit in (("Gi", _KIB**3), ("Mi", _KIB**2), ("Ki", _KIB)):
        if size_bytes and size_bytes % unit == 0:
            return f"{size_bytes // unit}{suffix}"
    return str(size_bytes)


@dataclass(slots=True)
class MemoryPressure:
    """Whether a node is said to be under memory pressure. It stays so for `linger_s` after memory was last short."""

    linger_s: float
    holds: bool = False
    _last_short_at: float = 0.0

    def note(self, *, short: bool, now: float) -> bool:
        """Take a measurement into account; the answer is whether the condition changed."""
        if short:
            self._last_short_at = now
        before = self.holds
        self.holds = short or (self.holds and now - self._last_short_at < self.linger_s)
        return self.holds != before
