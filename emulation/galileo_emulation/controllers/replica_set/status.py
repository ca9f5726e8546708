"""What a replica set's status says of its pods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from galileo_emulation.controllers.conditions import with_condition, without
from galileo_emulation.controllers.label_selector import Labels
from galileo_emulation.controllers.pod_facts import is_available, is_ready
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp

_LEFT_OUT_WHEN_ZERO = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")


@dataclass(frozen=True, slots=True)
class Failure:
    """That pods could not be created (or deleted), and why."""

    reason: str
    message: str


def replica_set_status(
    replica_set: JsonObject,
    active: Sequence[JsonObject],
    *,
    terminating: int,
    failure: Failure | None,
    now: float,
) -> JsonObject:
    """The new status, given the set's active pods and the number of those that are being deleted."""
    spec = replica_set["spec"]
    template_labels: Labels = spec["template"].get("metadata", {}).get("labels") or {}
    min_ready_s = spec.get("minReadySeconds", 0)
    counts = {
        "replicas": len(active),
        "fullyLabeledReplicas": sum(_has_labels(pod, template_labels) for pod in active),
        "readyReplicas": sum(is_ready(pod) for pod in active),
        "availableReplicas": sum(is_available(pod, min_ready_s=min_ready_s, now=now) for pod in active),
        "terminatingReplicas": terminating,
        "observedGeneration": replica_set["metadata"].get("generation", 0),
    }
    status: JsonObject = {**replica_set.get("status", {}), **counts}
    for name in _LEFT_OUT_WHEN_ZERO:
        if not counts[name]:
            del status[name]
    conditions = _conditions(status.pop("conditions", []), failure, now)
    return {**status, "conditions": conditions} if conditions else status


def _has_labels(pod: JsonObject, wanted: Labels) -> bool:
    labels: Labels = pod["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in wanted.items())


def _conditions(present: list[JsonObject], failure: Failure | None, now: float) -> list[JsonObject]:
    if failure is None:
        return without(present, "ReplicaFailure")
    new = {
        "type": "ReplicaFailure",
        "status": "True",
        "lastTransitionTime": timestamp(now),
        "reason": failure.reason,
        "message": failure.message,
    }
    return with_condition(present, new)
