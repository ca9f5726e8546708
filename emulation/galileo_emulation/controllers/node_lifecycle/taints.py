"""The taints that follow from a node's conditions and from a cordon, and how a node's taints are brought in step.

NoSchedule taints keep new pods away. NoExecute taints also drive away the pods that are there and do not tolerate
them (taint_eviction).
"""

from __future__ import annotations

from collections.abc import Iterable

from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.apiobjects import JsonObject

PREFIX = "node.kubernetes.io/"
NOT_READY = f"{PREFIX}not-ready"
UNREACHABLE = f"{PREFIX}unreachable"
UNSCHEDULABLE = f"{PREFIX}unschedulable"
OUT_OF_SERVICE = f"{PREFIX}out-of-service"
_BY_CONDITION = {
    ("Ready", "False"): NOT_READY,
    ("Ready", "Unknown"): UNREACHABLE,
    ("MemoryPressure", "True"): f"{PREFIX}memory-pressure",
    ("DiskPressure", "True"): f"{PREFIX}disk-pressure",
    ("PIDPressure", "True"): f"{PREFIX}pid-pressure",
    ("NetworkUnavailable", "True"): f"{PREFIX}network-unavailable",
}
_OURS = {
    *((key, "NoSchedule") for key in (*_BY_CONDITION.values(), UNSCHEDULABLE)),
    (NOT_READY, "NoExecute"),
    (UNREACHABLE, "NoExecute"),
}

Pair = tuple[str, str]


def taints_of(node: JsonObject) -> list[JsonObject]:
    """A node's taints."""
    found: list[JsonObject] = node.get("spec", {}).get("taints", [])
    return found


def keeping_away(node: JsonObject) -> list[Pair]:
    """The (key, effect) of the NoSchedule taints that a node should have."""
    states = [(found["type"], found["status"]) for found in node.get("status", {}).get("conditions", ())]
    keys = [_BY_CONDITION[state] for state in states if state in _BY_CONDITION]
    if node.get("spec", {}).get("unschedulable"):
        keys.append(UNSCHEDULABLE)
    return [(key, "NoSchedule") for key in keys]


def driving_away(node: JsonObject) -> list[Pair]:
    """The (key, effect) of the NoExecute taint that a node should have, if any."""
    ready = condition(node, "Ready")
    status = ready["status"] if ready is not None else "True"
    key = _BY_CONDITION.get(("Ready", status))
    return [(key, "NoExecute")] if key is not None else []


def in_step(present: Iterable[JsonObject], wanted: Iterable[Pair], moment: str) -> list[JsonObject]:
    """The taints with those of this controller as wanted, and all others as they are. `moment` dates new ones."""
    wanted = list(wanted)
    kept = [taint for taint in present if _pair(taint) not in _OURS or _pair(taint) in wanted]
    had = {_pair(taint) for taint in kept}
    new = [{"key": key, "effect": effect, "timeAdded": moment} for key, effect in wanted if (key, effect) not in had]
    return [*kept, *new]


def has(node: JsonObject, key: str, effect: str | None = None) -> bool:
    """Whether a node has a taint of that key (and effect)."""
    return any(taint.get("key") == key and effect in (None, taint.get("effect")) for taint in taints_of(node))


def _pair(taint: JsonObject) -> Pair:
    return (taint.get("key", ""), taint.get("effect", ""))
