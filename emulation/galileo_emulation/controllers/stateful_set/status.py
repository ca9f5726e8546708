"""What a stateful set's status says of its pods and of the update under way."""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.controller_revisions import REVISION_LABEL
from galileo_emulation.controllers.pod_facts import is_available, is_leaving, is_ready, phase
from galileo_emulation.kubernetes.apiobjects import JsonObject

_ALWAYS = ("replicas", "availableReplicas", "collisionCount")


def stateful_set_status(
    stateful_set: JsonObject, pods: Sequence[JsonObject], *, current: str, update: str, now: float
) -> JsonObject:
    """The new status; `current` and `update` are the names of the former and the newest template's revision.

    When all pods are of the newest and ready, it becomes the current one.
    """
    spec = stateful_set["spec"]
    min_ready_s = spec.get("minReadySeconds", 0)
    ready = [pod for pod in pods if phase(pod) == "Running" and is_ready(pod)]
    staying = [pod for pod in pods if not is_leaving(pod)]
    counts = {
        "observedGeneration": stateful_set["metadata"].get("generation", 0),
        "replicas": len(pods),
        "readyReplicas": len(ready),
        "availableReplicas": sum(is_available(pod, min_ready_s=min_ready_s, now=now) for pod in ready),
        "currentReplicas": _of_revision(staying, current),
        "updatedReplicas": _of_revision(staying, update),
        "collisionCount": stateful_set.get("status", {}).get("collisionCount", 0),
    }
    rolling = spec.get("updateStrategy", {}).get("type", "RollingUpdate") == "RollingUpdate"
    done = counts["updatedReplicas"] == counts["replicas"] == counts["readyReplicas"] == spec.get("replicas", 1)
    if rolling and done:
        current, counts["currentReplicas"] = update, counts["updatedReplicas"]
    status: JsonObject = {name: number for name, number in counts.items() if number or name in _ALWAYS}
    return {**status, "currentRevision": current, "updateRevision": update}


def _of_revision(pods: Sequence[JsonObject], revision: str) -> int:
    return sum((pod["metadata"].get("labels") or {}).get(REVISION_LABEL) == revision for pod in pods)
