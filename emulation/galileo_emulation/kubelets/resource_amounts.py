"""CPU and memory that pods and containers request, as numbers: sums, and what a pod as a whole takes of its node."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.types.quantities import value


@dataclass(frozen=True, slots=True)
class Amount:
    """CPU in thousandths of a core, memory in bytes."""

    cpu_millicores: float = 0.0
    memory_bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.cpu_millicores + other.cpu_millicores, self.memory_bytes + other.memory_bytes)

    def or_more(self, other: Amount) -> Amount:
        """The larger of each."""
        return Amount(max(self.cpu_millicores, other.cpu_millicores), max(self.memory_bytes, other.memory_bytes))


NOTHING = Amount()


def total(amounts: Iterable[Amount]) -> Amount:
    """All of them together."""
    return sum(amounts, NOTHING)


def requested(resources: JsonObject) -> Amount:
    """What a container's `resources` request. Raises QuantityError."""
    requests: JsonObject = resources.get("requests") or {}
    return Amount(float(value(requests.get("cpu", 0)) * 1000), int(value(requests.get("memory", 0))))


def cpu_limit_millicores(resources: JsonObject) -> float | None:
    """The CPU limit; None where there is none (a limit of 0 means none). Raises QuantityError."""
    limit = (resources.get("limits") or {}).get("cpu")
    return None if limit is None else float(value(limit) * 1000) or None


def memory_limit_bytes(resources: JsonObject) -> int | None:
    """The memory limit; None where there is none. Raises QuantityError."""
    limit = (resources.get("limits") or {}).get("memory")
    return None if limit is None else int(value(limit)) or None


def pod_amount(containers: Iterable[Amount], init_containers: Iterable[tuple[Amount, bool]]) -> Amount:
    """What a pod takes of its node, by the rule of the Kubernetes scheduler.

    Init containers come with whether they are sidecars (they go on beside the containers). Others run alone, one after
    the other, beside the sidecars that were started before them: the largest of all these moments counts.
    """
    sidecars, most = NOTHING, NOTHING
    for amount, is_sidecar in init_containers:
        if is_sidecar:
            sidecars = sidecars + amount
            most = most.or_more(sidecars)
        else:
            most = most.or_more(sidecars + amount)
    return most.or_more(sidecars + total(containers))
