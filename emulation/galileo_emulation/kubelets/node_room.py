"""Whether a node has room for a pod, and what its pods have been given: the kubelet's own account.

A scheduler has its account, too; this one decides when they differ (two schedulers, a pod bound by hand, a resize).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from galileo_emulation.kubelets.resource_amounts import Amount, total


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pod or a resize is not admitted, in the kubelet's words."""

    reason: str
    message: str


def lacks_room(wanted: Amount, *, used: Amount, allocatable: Amount) -> Refusal | None:
    """The first resource of which too little is left; None if there is room. A request of 0 always has room."""
    rows = (
        ("cpu", wanted.cpu_millicores, used.cpu_millicores, allocatable.cpu_millicores),
        ("memory", wanted.memory_bytes, used.memory_bytes, allocatable.memory_bytes),
    )
    for name, requested, in_use, capacity in rows:
        if 0 < requested > capacity - in_use:
            return Refusal(f"OutOf{name}", _message(name, requested=requested, used=in_use, capacity=capacity))
    return None


def never_has_room(wanted: Amount, *, allocatable: Amount) -> Refusal | None:
    """The first resource of which the node has too little even when empty; None if it could be."""
    rows = (
        ("cpu", wanted.cpu_millicores, allocatable.cpu_millicores),
        ("memory", wanted.memory_bytes, allocatable.memory_bytes),
    )
    for name, requested, capacity in rows:
        if requested > capacity:
            message = f"Node didn't have enough capacity: {name}, requested: {requested:.0f}, capacity: {capacity:.0f}"
            return Refusal("Infeasible", message)
    return None


def _message(name: str, *, requested: float, used: float, capacity: float) -> str:
    return (
        f"Node didn't have enough resource: {name}, requested: {requested:.0f}, used: {used:.0f}, "
        f"capacity: {capacity:.0f}"
    )


class NodeRoom:
    """What each pod of a node has been given, by uid. `listen` tells when room appears."""

    def __init__(self, allocatable: Amount, *, max_pods: int) -> None:
        self.allocatable = allocatable
        self._max_pods = max_pods
        self._given: dict[str, Amount] = {}
        self._waiting: dict[str, tuple[tuple[float, ...], Callable[[], None]]] = {}

    def refusal(self, uid: str, wanted: Amount) -> Refusal | None:
        """Why the pod cannot be taken; None if it can."""
        others = len(self._given) - (uid in self._given)
        if others >= self._max_pods:
            message = _message("pods", requested=1, used=others, capacity=self._max_pods)
            return Refusal("OutOfpods", message)
        return lacks_room(wanted, used=self.given_to_others(uid), allocatable=self.allocatable)

    def given_to_others(self, uid: str) -> Amount:
        """What all pods but this one have."""
        return total(amount for other, amount in self._given.items() if other != uid)

    def give(self, uid: str, amount: Amount) -> None:
        """Note what a pod has; those who wait for room are told, should it have been more."""
        before = self._given.get(uid, amount)
        self._given[uid] = amount
        if amount.cpu_millicores < before.cpu_millicores or amount.memory_bytes < before.memory_bytes:
            self._tell()

    def take_back(self, uid: str) -> None:
        """The pod is gone."""
        self._waiting.pop(uid, None)
        if self._given.pop(uid, None) is not None:
            self._tell()

    def wait_for_room(self, uid: str, order: tuple[float, ...], wake: Callable[[], None]) -> None:
        """Call `wake` whenever room appears, those of lower `order` first, until `wait_no_longer`."""
        self._waiting[uid] = (order, wake)

    def wait_no_longer(self, uid: str) -> None:
        self._waiting.pop(uid, None)

    def _tell(self) -> None:
        for _, wake in sorted(self._waiting.values(), key=lambda row: row[0]):
            wake()
