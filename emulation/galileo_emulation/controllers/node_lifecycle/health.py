"""When a node counts as lost, and what its conditions and its pods then say.

A node that is well renews its lease, or writes its status. When neither has happened for the grace period, nobody
knows how it is: its conditions become Unknown.
"""

from __future__ import annotations

from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp

REPORTED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")


def is_ready(node: JsonObject) -> bool:
    """Whether a node says that it is ready."""
    found = condition(node, "Ready")
    return found is not None and found.get("status") == "True"


def heartbeat(node: JsonObject) -> str | None:
    """The time of the last report in a node's status; None when there was none."""
    found = condition(node, "Ready")
    return found.get("lastHeartbeatTime") if found is not None else None


def has_changed(before: JsonObject, after: JsonObject) -> bool:
    """Whether more than the time of the last report has changed, as far as taints and grace go."""
    return before["spec"] != after["spec"] or _states(before) != _states(after)


def unknown_conditions(node: JsonObject, now: float) -> list[JsonObject] | None:
    """The conditions of a node that does not report; None when they say so already."""
    present = {found["type"]: found for found in node.get("status", {}).get("conditions", ())}
    changed = dict(present)
    for type_ in REPORTED:
        found = present.get(type_)
        if found is None:
            changed[type_] = {
                "type": type_,
                "status": "Unknown",
                "lastHeartbeatTime": node["metadata"]["creationTimestamp"],
                "lastTransitionTime": timestamp(now),
                "reason": "NodeStatusNeverUpdated",
                "message": "Kubelet never posted node status.",
            }
        elif found["status"] != "Unknown":
            changed[type_] = {
                **found,
                "status": "Unknown",
                "lastTransitionTime": timestamp(now),
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
            }
    return list(changed.values()) if changed != present else None


def _states(node: JsonObject) -> list[tuple[str, str]]:
    return [(found["type"], found["status"]) for found in node.get("status", {}).get("conditions", ())]
