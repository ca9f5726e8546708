"""Whether a job is over, and why: it has succeeded, has failed too often, or has taken too long.

The end is told in two steps, as conditions: first that it is decided (SuccessCriteriaMet, FailureTarget), upon which
what still runs is ended, and when nothing is left, that it has come (Complete, Failed).
"""

from __future__ import annotations

from dataclasses import dataclass

from galileo_emulation.controllers.conditions import condition, has_status
from galileo_emulation.controllers.job.tally import Tally
from galileo_emulation.controllers.pod_facts import phase, restarts
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp, unix_seconds

COMPLETE, FAILED = "Complete", "Failed"
SUCCESS_DECIDED, FAILURE_DECIDED, SUSPENDED = "SuccessCriteriaMet", "FailureTarget", "Suspended"
_FINAL = {SUCCESS_DECIDED: COMPLETE, FAILURE_DECIDED: FAILED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The condition that a job gets."""

    type: str
    reason: str
    message: str

    def as_condition(self, now: float) -> JsonObject:
        """The condition, as of now."""
        moment = timestamp(now)
        return {
            "type": self.type,
            "status": "True",
            "lastProbeTime": moment,
            "lastTransitionTime": moment,
            "reason": self.reason,
            "message": self.message,
        }

    @property
    def final(self) -> Verdict:
        """What a decided end is called when it has come."""
        return Verdict(_FINAL[self.type], self.reason, self.message)


def is_over(job: JsonObject) -> bool:
    """Whether a job is complete or has failed."""
    return has_status(job, COMPLETE) or has_status(job, FAILED)


def over_since(job: JsonObject) -> float | None:
    """Since when (Unix seconds) a job is over; None while it is not."""
    for type_ in (COMPLETE, FAILED):
        found = condition(job, type_)
        if found is not None and found["status"] == "True":
            return unix_seconds(found["lastTransitionTime"])
    return None


def decided(job: JsonObject) -> Verdict | None:
    """The end that was decided before, if any."""
    for type_ in (FAILURE_DECIDED, SUCCESS_DECIDED):
        found = condition(job, type_)
        if found is not None and found["status"] == "True":
            return Verdict(type_, found["reason"], found["message"])
    return None


def verdict(job: JsonObject, found: Tally, now: float) -> Verdict | None:
    """Decide anew; None while the job goes on."""
    spec = job["spec"]
    if found.failed > spec.get("backoffLimit", 6) or _restarted_too_often(spec, found):
        words = "Job has reached the specified backoff limit"
        return Verdict(FAILURE_DECIDED, "BackoffLimitExceeded", words)
    left_s = deadline_left_s(job, now)
    if left_s is not None and left_s <= 0:
        words = "Job was active longer than specified deadline"
        return Verdict(FAILURE_DECIDED, "DeadlineExceeded", words)
    completions = spec.get("completions")
    enough = found.succeeded >= completions if completions is not None else found.succeeded and not found.active
    if enough and not spec.get("suspend"):
        words = "Reached expected number of succeeded pods"
        return Verdict(SUCCESS_DECIDED, "CompletionsReached", words)
    return None


def deadline_left_s(job: JsonObject, now: float) -> float | None:
    """In how many seconds a job has taken too long; None when it may take for ever, or does not run."""
    limit_s, started = job["spec"].get("activeDeadlineSeconds"), job.get("status", {}).get("startTime")
    if limit_s is None or started is None or job["spec"].get("suspend"):
        return None
    return unix_seconds(started) + float(limit_s) - now


def _restarted_too_often(spec: JsonObject, found: Tally) -> bool:
    """Whether containers that are restarted in place have failed as often as pods may."""
    if spec["template"].get("spec", {}).get("restartPolicy") != "OnFailure":
        return False
    limit = spec.get("backoffLimit", 6)
    total = sum(restarts(pod) for pod in found.active if phase(pod) in ("Running", "Pending"))
    return total > 0 if limit == 0 else total >= limit
