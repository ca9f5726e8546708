"""A cron job's jobs: what they look like, which are under way, and which of those that are over go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from galileo_emulation.controllers.conditions import has_status
from galileo_emulation.controllers.job.verdict import COMPLETE, FAILED, is_over
from galileo_emulation.controllers.ownership import controller_reference
from galileo_emulation.kubernetes.apiobjects import JsonObject, copied
from galileo_emulation.kubernetes.kinds import CRON_JOBS, JOBS

SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def scheduled_job(cron_job: JsonObject, moment: datetime, zone: tzinfo) -> JsonObject:
    """The job of a moment; its name says which, so that no moment gets two."""
    template = copied(cron_job["spec"]["jobTemplate"])
    metadata = template.get("metadata", {})
    minutes = int(moment.timestamp()) // 60
    own: JsonObject = {
        "name": f"{cron_job['metadata']['name']}-{minutes}",
        "namespace": cron_job["metadata"]["namespace"],
        "annotations": {**metadata.get("annotations", {}), SCHEDULED_AT: _local(moment, zone)},
        "ownerReferences": [controller_reference(CRON_JOBS, cron_job)],
    }
    if metadata.get("labels"):
        own["labels"] = metadata["labels"]
    return {"metadata": own, "spec": template["spec"]}


def reference(job: JsonObject) -> JsonObject:
    """What a cron job's status says of a job that is under way."""
    metadata = job["metadata"]
    return {
        "kind": JOBS.kind,
        "apiVersion": JOBS.api_version,
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "resourceVersion": metadata["resourceVersion"],
    }


def followed(cron_job: JsonObject, jobs: Sequence[JsonObject]) -> tuple[JsonObject, list[JsonObject], list[JsonObject]]:
    """The status with its list of jobs under way as it is now; the jobs that ended since; what is lost of the list."""
    status = dict(cron_job.get("status", {}))
    by_uid = {job["metadata"]["uid"]: job for job in jobs}
    under_way, ended, lost = [], [], []
    for known in status.pop("active", ()):
        job = by_uid.get(known["uid"])
        if job is None:
            lost.append(known)
        elif is_over(job):
            ended.append(job)
        else:
            under_way.append(known)
    times = [job["status"]["completionTime"] for job in jobs if has_status(job, COMPLETE)]
    if times and max(times) > status.get("lastSuccessfulTime", ""):
        status["lastSuccessfulTime"] = max(times)
    if under_way:
        status["active"] = under_way
    return status, ended, lost


def superfluous(cron_job: JsonObject, jobs: Sequence[JsonObject]) -> list[JsonObject]:
    """The jobs that are over and more than the limits keep, the eldest first."""
    spec = cron_job["spec"]
    found = []
    for outcome, limit in (
        (COMPLETE, spec.get("successfulJobsHistoryLimit", 3)),
        (FAILED, spec.get("failedJobsHistoryLimit", 1)),
    ):
        over = sorted((job for job in jobs if has_status(job, outcome)), key=_begun)
        found += over[: max(0, len(over) - limit)]
    return found


def _begun(job: JsonObject) -> tuple[str, str]:
    status, metadata = job.get("status", {}), job["metadata"]
    return (status.get("startTime", metadata["creationTimestamp"]), metadata["name"])


def _local(moment: datetime, zone: tzinfo) -> str:
    text = moment.astimezone(zone).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z") if zone is UTC else text
