"""What a disruption budget's status says: how many of its pods are healthy, must be, and may be evicted.

Pods whose eviction was granted count as gone until they are seen in deletion, or until that has taken too long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from galileo_emulation.controllers.conditions import condition
from galileo_emulation.controllers.int_or_percent import resolved
from galileo_emulation.controllers.pod_facts import is_leaving, is_ready
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp, unix_seconds

# An evicted pod that is not in deletion after so long counts again.
EVICTION_TAKES_S = 120.0


@dataclass(frozen=True, slots=True)
class Demand:
    """How many pods there should be, and how many of them healthy."""

    expected: int
    healthy: int


def demand(budget: JsonObject, pods: Sequence[JsonObject], replicas: int) -> Demand:
    """What a budget demands. `replicas` is how many pods their owners ask for."""
    spec = budget["spec"]
    if "maxUnavailable" in spec:
        unavailable = resolved(spec["maxUnavailable"], replicas, round_up=True)
        return Demand(replicas, max(0, replicas - unavailable))
    least = spec.get("minAvailable", 1)
    if isinstance(least, int):
        return Demand(len(pods), least)
    return Demand(replicas, resolved(least, replicas, round_up=True))


def needs_replicas(budget: JsonObject) -> bool:
    """Whether the owners have to be asked how many pods they want."""
    spec = budget["spec"]
    return "maxUnavailable" in spec or isinstance(spec.get("minAvailable"), str)


def granted(budget: JsonObject, pods: Sequence[JsonObject], now: float) -> tuple[dict[str, str], float | None]:
    """The evictions that are still to be seen (pod name to time), and in how many seconds the next is given up."""
    by_name = {pod["metadata"]["name"]: pod for pod in pods}
    kept, waits = {}, []
    for name, moment in (budget.get("status", {}).get("disruptedPods") or {}).items():
        pod = by_name.get(name)
        left_s = unix_seconds(moment) + EVICTION_TAKES_S - now
        if pod is not None and not is_leaving(pod) and left_s > 0:
            kept[name] = moment
            waits.append(left_s)
    return kept, min(waits, default=None)


def budget_status(
    budget: JsonObject, pods: Sequence[JsonObject], wanted: Demand, evicted: Mapping[str, str], now: float
) -> JsonObject:
    """The new status, given the pods that the budget selects."""
    healthy = sum(is_ready(pod) and not is_leaving(pod) and pod["metadata"]["name"] not in evicted for pod in pods)
    allowed = max(0, healthy - wanted.healthy) if wanted.expected > 0 else 0
    reason = "SufficientPods" if allowed else "InsufficientPods"
    status: JsonObject = {
        "observedGeneration": budget["metadata"].get("generation", 0),
        "expectedPods": wanted.expected,
        "currentHealthy": healthy,
        "desiredHealthy": wanted.healthy,
        "disruptionsAllowed": allowed,
        "conditions": _conditions(budget, allowed=bool(allowed), reason=reason, message="", now=now),
    }
    return {**status, "disruptedPods": dict(evicted)} if evicted else status


def failed_status(budget: JsonObject, message: str, now: float) -> JsonObject:
    """The status when it cannot be told how many pods there should be: nothing may be evicted."""
    status = {**budget.get("status", {}), "disruptionsAllowed": 0}
    status["observedGeneration"] = budget["metadata"].get("generation", 0)
    status["conditions"] = _conditions(budget, allowed=False, reason="SyncFailed", message=message, now=now)
    return status


def _conditions(budget: JsonObject, *, allowed: bool, reason: str, message: str, now: float) -> list[JsonObject]:
    status, before = "True" if allowed else "False", condition(budget, "DisruptionAllowed")
    since = before["lastTransitionTime"] if before and before["status"] == status else timestamp(now)
    new = {
        "type": "DisruptionAllowed",
        "status": status,
        "observedGeneration": budget["metadata"].get("generation", 0),
        "lastTransitionTime": since,
        "reason": reason,
        "message": message,
    }
    others = budget.get("status", {}).get("conditions", ())
    return [*(found for found in others if found["type"] != "DisruptionAllowed"), new]
