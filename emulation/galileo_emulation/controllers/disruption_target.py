"""How a pod says that it is deleted because of its node, and not because anybody wanted it gone."""

from __future__ import annotations

from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp


def disruption_target(pod: JsonObject, reason: str, message: str, now: float) -> JsonObject:
    """The patch of a pod's status that adds the condition DisruptionTarget, for this very pod."""
    metadata = pod["metadata"]
    found = {
        "type": "DisruptionTarget",
        "status": "True",
        "lastTransitionTime": timestamp(now),
        "reason": reason,
        "message": message,
    }
    return {
        "metadata": {name: metadata[name] for name in ("name", "namespace", "uid")},
        "status": {"conditions": [found]},
    }
