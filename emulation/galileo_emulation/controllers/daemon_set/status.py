"""What a daemon set's status says of its nodes."""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.daemon_set.daemons import OnNodes, is_of
from galileo_emulation.controllers.daemon_set.placement import suitability
from galileo_emulation.controllers.pod_facts import is_available, is_ready
from galileo_emulation.kubernetes.apiobjects import JsonObject

_ALWAYS = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")


def daemon_set_status(
    daemon_set: JsonObject, nodes: Sequence[JsonObject], pods: OnNodes, *, revision: str, now: float
) -> JsonObject:
    """The new status; of several pods on a node the eldest counts."""
    counts = dict.fromkeys((*_ALWAYS, "updatedNumberScheduled", "numberAvailable", "numberUnavailable"), 0)
    min_ready_s = daemon_set["spec"].get("minReadySeconds", 0)
    for node in nodes:
        found = pods.get(node["metadata"]["name"], ())
        if not suitability(daemon_set, node).gets:
            counts["numberMisscheduled"] += bool(found)
            continue
        counts["desiredNumberScheduled"] += 1
        if found:
            eldest = found[0]
            counts["currentNumberScheduled"] += 1
            counts["numberReady"] += is_ready(eldest)
            counts["numberAvailable"] += is_available(eldest, min_ready_s=min_ready_s, now=now)
            counts["updatedNumberScheduled"] += any(is_of(pod, revision) for pod in found)
    counts["numberUnavailable"] = counts["desiredNumberScheduled"] - counts["numberAvailable"]
    status: JsonObject = {name: number for name, number in counts.items() if number or name in _ALWAYS}
    status["observedGeneration"] = daemon_set["metadata"].get("generation", 0)
    for name in ("collisionCount", "conditions"):
        if name in daemon_set.get("status", {}):
            status[name] = daemon_set["status"][name]
    return status
