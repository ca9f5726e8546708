"""The status of an autoscaler: counts, what was measured, and conditions that keep the time of their last change."""

from __future__ import annotations

from collections.abc import Iterable

from galileo_emulation.controllers.horizontal_autoscaling.decision import Verdict
from galileo_emulation.kubernetes.apiobjects import JsonObject


def with_verdicts(conditions: Iterable[JsonObject], verdicts: Iterable[Verdict], moment: str) -> list[JsonObject]:
    """The conditions as the verdicts say them, in their places; `moment` is the time of those that change."""
    result = {found["type"]: found for found in conditions}
    for verdict in verdicts:
        status = "True" if verdict.holds else "False"
        before = result.get(verdict.type)
        since = before["lastTransitionTime"] if before and before["status"] == status else moment
        result[verdict.type] = {
            "type": verdict.type,
            "status": status,
            "lastTransitionTime": since,
            "reason": verdict.reason,
            "message": verdict.message,
        }
    return list(result.values())


def after(
    status: JsonObject,
    *,
    current: int,
    desired: int,
    metrics: list[JsonObject] | None,
    conditions: list[JsonObject],
    scaled_at: str,
) -> JsonObject:
    """The status after a look at the target. `scaled_at` is empty where it was not scaled."""
    last_scale_time = scaled_at or status.get("lastScaleTime")
    return {
        **({"lastScaleTime": last_scale_time} if last_scale_time else {}),
        **({"currentReplicas": current} if current else {}),
        "desiredReplicas": desired,
        "currentMetrics": metrics,
        "conditions": conditions,
    }
