"""What a deployment's status says: numbers, whether enough is available, and whether the rollout gets on.

The condition Progressing follows the rollout: a new set was made or found, it is getting on, it is complete, or it has
not got on for the progress deadline. After completion it stays as it is until the next rollout.
"""

from __future__ import annotations

from collections.abc import Iterable

from galileo_emulation.controllers.conditions import condition, with_condition, without
from galileo_emulation.controllers.deployment.replica_sets import ReplicaSets, counted, total
from galileo_emulation.controllers.deployment.rollout_limits import rollout_limits
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp, unix_seconds

COMPLETE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
# The API's default for a deadline, and the number that stands for none.
_NO_DEADLINE_S = 2**31 - 1


def deadline_s(deployment: JsonObject) -> float | None:
    """The seconds within which a rollout has to get on; None when it may take for ever."""
    given: float | None = deployment["spec"].get("progressDeadlineSeconds")
    return None if given is None or given == _NO_DEADLINE_S else given


def new_condition(type_: str, status: str, reason: str, message: str, now: float) -> JsonObject:
    """A condition as deployments have them."""
    moment = timestamp(now)
    return {
        "type": type_,
        "status": status,
        "lastUpdateTime": moment,
        "lastTransitionTime": moment,
        "reason": reason,
        "message": message,
    }


def counts_and_availability(deployment: JsonObject, sets: ReplicaSets, now: float) -> JsonObject:
    """The status without what the rollout's progress adds."""
    present = deployment.get("status", {})
    available = counted(sets.all, "availableReplicas")
    numbers = {
        "observedGeneration": deployment["metadata"].get("generation", 0),
        "replicas": counted(sets.all, "replicas"),
        "updatedReplicas": counted([sets.new] if sets.new else [], "replicas"),
        "readyReplicas": counted(sets.all, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, total(sets.all) - available),
        "collisionCount": present.get("collisionCount", 0),
    }
    status: JsonObject = {name: number for name, number in numbers.items() if number}
    terminating = _terminating(sets.all)
    if terminating is not None:
        status["terminatingReplicas"] = terminating
    conditions = with_condition(present.get("conditions", []), _availability(deployment, available, now))
    return {**status, "conditions": conditions}


def rollout_status(deployment: JsonObject, sets: ReplicaSets, now: float) -> JsonObject:
    """The whole status while a rollout is followed."""
    status = counts_and_availability(deployment, sets, now)
    conditions: list[JsonObject] = status["conditions"]
    limit_s = deadline_s(deployment)
    if limit_s is None:
        conditions = without(conditions, "Progressing")
    elif not _was_complete(deployment, status):
        conditions = _with_progress(deployment, sets, status, limit_s, now)
    failures = [failure for found in _failing_first(sets) if (failure := condition(found, "ReplicaFailure"))]
    conditions = (
        with_condition(conditions, {**failures[0], "lastUpdateTime": failures[0]["lastTransitionTime"]})
        if failures
        else without(conditions, "ReplicaFailure")
    )
    return {**status, "conditions": conditions}


def is_complete(deployment: JsonObject, status: JsonObject) -> bool:
    """Whether, by a status, all pods are of the newest template, none is left over, and all are available."""
    replicas = deployment["spec"].get("replicas", 1)
    same = all(status.get(name, 0) == replicas for name in ("updatedReplicas", "replicas", "availableReplicas"))
    observed: bool = status.get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
    return same and observed


def progress_check_s(deployment: JsonObject, status: JsonObject, now: float) -> float | None:
    """In how many seconds the progress deadline has to be looked at; None when nothing is waited for."""
    limit_s = deadline_s(deployment)
    progressing = condition({"status": status}, "Progressing")
    if limit_s is None or progressing is None:
        return None
    if is_complete(deployment, status) or progressing["reason"] == TIMED_OUT:
        return None
    # A second more, since times are kept in whole seconds.
    return max(1.0, unix_seconds(progressing["lastUpdateTime"]) + limit_s - now + 1.0)


def pause_condition(deployment: JsonObject, now: float) -> JsonObject | None:
    """The condition that says that a deployment was paused or resumed, if it was just now."""
    progressing = condition(deployment, "Progressing")
    if deadline_s(deployment) is None or (progressing is not None and progressing["reason"] == TIMED_OUT):
        return None
    paused = deployment["spec"].get("paused", False)
    told = progressing is not None and progressing["reason"] == PAUSED
    if paused and not told:
        return new_condition("Progressing", "Unknown", PAUSED, "Deployment is paused", now)
    if not paused and told:
        return new_condition("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now)
    return None


def _terminating(sets: Iterable[JsonObject]) -> int | None:
    """The pods that are being deleted; None when a set does not say."""
    number = 0
    for found in sets:
        status = found.get("status", {})
        if "terminatingReplicas" in status:
            number += status["terminatingReplicas"]
        elif status.get("observedGeneration"):
            return None
    return number


def _availability(deployment: JsonObject, available: int, now: float) -> JsonObject:
    if available >= rollout_limits(deployment).least_available:
        words = "Deployment has minimum availability."
        return new_condition("Available", "True", "MinimumReplicasAvailable", words, now)
    words = "Deployment does not have minimum availability."
    return new_condition("Available", "False", "MinimumReplicasUnavailable", words, now)


def _was_complete(deployment: JsonObject, status: JsonObject) -> bool:
    progressing = condition(deployment, "Progressing")
    same = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    return same and progressing is not None and progressing["reason"] == COMPLETE


def _with_progress(
    deployment: JsonObject, sets: ReplicaSets, status: JsonObject, limit_s: float, now: float
) -> list[JsonObject]:
    conditions: list[JsonObject] = status["conditions"]
    named = f'ReplicaSet "{sets.new["metadata"]["name"]}"' if sets.new else f'Deployment "{_name(deployment)}"'
    present = condition(deployment, "Progressing")
    if is_complete(deployment, status):
        words = f"{named} has successfully progressed."
        return with_condition(conditions, new_condition("Progressing", "True", COMPLETE, words, now))
    if _gets_on(deployment.get("status", {}), status):
        new = new_condition("Progressing", "True", "ReplicaSetUpdated", f"{named} is progressing.", now)
        if present is not None and present["status"] == "True":
            new["lastTransitionTime"] = present["lastTransitionTime"]
        return [*without(conditions, "Progressing"), new]
    if present is not None and _is_late(present, limit_s, now):
        words = f"{named} has timed out progressing."
        return with_condition(conditions, new_condition("Progressing", "False", TIMED_OUT, words, now))
    return conditions


def _gets_on(before: JsonObject, after: JsonObject) -> bool:
    """Whether there are more new, ready or available pods than before, or fewer old ones."""

    def old(status: JsonObject) -> int:
        number: int = status.get("replicas", 0) - status.get("updatedReplicas", 0)
        return number

    more = any(
        after.get(name, 0) > before.get(name, 0) for name in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    return more or old(after) < old(before)


def _is_late(progressing: JsonObject, limit_s: float, now: float) -> bool:
    if progressing["reason"] == COMPLETE:
        return False
    if progressing["reason"] == TIMED_OUT:
        return bool(progressing["status"] == "False")
    return unix_seconds(progressing["lastUpdateTime"]) + limit_s < now


def _failing_first(sets: ReplicaSets) -> list[JsonObject]:
    return [*([sets.new] if sets.new else []), *sets.old]


def _name(body: JsonObject) -> str:
    name: str = body["metadata"]["name"]
    return name
