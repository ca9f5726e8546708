"""What a job's status says."""

from __future__ import annotations

from galileo_emulation.controllers.conditions import condition, with_condition
from galileo_emulation.controllers.job.indexes import write_indexes
from galileo_emulation.controllers.job.tally import Tally, is_indexed
from galileo_emulation.controllers.job.verdict import COMPLETE, SUSPENDED, Verdict
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp


def job_status(job: JsonObject, found: Tally, verdict: Verdict | None, now: float) -> JsonObject:
    """The new status. `verdict` is the condition that it gets, if any."""
    present = job.get("status", {})
    uncounted: JsonObject = {}
    if found.noted_succeeded:
        uncounted["succeeded"] = found.noted_succeeded
    if found.noted_failed:
        uncounted["failed"] = found.noted_failed
    counts = {
        "active": len(found.active),
        "succeeded": found.counted_succeeded,
        "failed": found.counted_failed,
    }
    status: JsonObject = {name: number for name, number in counts.items() if number}
    status.update(ready=found.ready, terminating=found.terminating, uncountedTerminatedPods=uncounted)
    if is_indexed(job) and found.done:
        status["completedIndexes"] = write_indexes(found.done)
    for name in ("startTime", "completionTime"):
        if name in present:
            status[name] = present[name]
    conditions = present.get("conditions", [])
    if verdict is not None:
        conditions = with_condition(conditions, verdict.as_condition(now))
        if verdict.type == COMPLETE:
            status["completionTime"] = timestamp(now)
    return {**status, "conditions": conditions} if conditions else status


def started(job: JsonObject, now: float) -> JsonObject:
    """The status of a job as it begins, is suspended or goes on: start time and condition Suspended."""
    present: JsonObject = job.get("status", {})
    suspended, before = job["spec"].get("suspend", False), condition(job, SUSPENDED)
    was_suspended = before is not None and before["status"] == "True"
    status = dict(present)
    if suspended != was_suspended:
        status["conditions"] = with_condition(present.get("conditions", []), _suspended(suspended, now))
    if suspended:
        status.pop("startTime", None)
    elif was_suspended or "startTime" not in present:
        status["startTime"] = timestamp(now)
    return status


def _suspended(suspended: bool, now: float) -> JsonObject:
    moment = timestamp(now)
    return {
        "type": SUSPENDED,
        "status": "True" if suspended else "False",
        "lastProbeTime": moment,
        "lastTransitionTime": moment,
        "reason": "JobSuspended" if suspended else "JobResumed",
        "message": "Job suspended" if suspended else "Job resumed",
    }
