"""The cron job controller: a job at each moment of a schedule, unless that is too late or one too many.

    cron job, its jobs, the time -> which jobs ended -> is one due? -> job created -> status -> wait for the next moment

Schedules without a time zone are in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from galileo_emulation.controllers.children import Children
from galileo_emulation.controllers.conditions import has_status
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.cron_job.jobs import followed, reference, scheduled_job, superfluous
from galileo_emulation.controllers.cron_job.schedule_times import MANY, last_due, next_after
from galileo_emulation.controllers.job.verdict import COMPLETE
from galileo_emulation.controllers.ownership import controller_of
from galileo_emulation.controllers.pod_facts import is_leaving
from galileo_emulation.controllers.pod_making import is_for_a_terminating_namespace
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp, unix_seconds
from galileo_emulation.kubernetes.checks.cron_schedule import Schedule, ScheduleError, parse_schedule
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import CRON_JOBS, JOBS

# Looked at a little after the moment, so that a coarse clock does not say that it is still to come.
_AFTER_S = 0.1


class CronJobController(Controller):
    """Starts jobs by the clock."""

    name = "cron-job"
    component = "cronjob-controller"

    def watch(self) -> None:
        """Cron jobs, and the jobs that they started."""
        informers = self.cluster.informers
        informers.of(CRON_JOBS).on_change(lambda change: self.queue.add(change.key))
        self._jobs = Children(informers, self.api, owner=CRON_JOBS, child=JOBS, queue=self.queue)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Follow the jobs of one cron job, and start what is due."""
        cron_job = self.api.get(CRON_JOBS, name, namespace)
        if cron_job is None:
            return None
        jobs = self._jobs.of(cron_job)
        status = self._follow(cron_job, jobs)
        for job in superfluous(cron_job, jobs):
            await self._delete(cron_job, job)
        again_s = None
        if not is_leaving(cron_job) and not cron_job["spec"].get("suspend"):
            status, again_s = await self._start_what_is_due(cron_job, status)
        if status != cron_job.get("status"):
            await self.api.update(CRON_JOBS, {**cron_job, "status": status}, part="status")
        return again_s

    def _follow(self, cron_job: JsonObject, jobs: Sequence[JsonObject]) -> JsonObject:
        status, ended, lost = followed(cron_job, jobs)
        for job in ended:
            outcome = "Complete" if has_status(job, COMPLETE) else "Failed"
            message = f"Saw completed job: {job['metadata']['name']}, condition: {outcome}"
            self.events.record(CRON_JOBS, cron_job, reason="SawCompletedJob", message=message)
        for known in lost:
            message = f"Active job went missing: {known['name']}"
            self.events.record(CRON_JOBS, cron_job, reason="MissingJob", message=message)
        return status

    async def _start_what_is_due(self, cron_job: JsonObject, status: JsonObject) -> tuple[JsonObject, float | None]:
        """The status after starting what is due, and in how many seconds something is due again."""
        timing = self._timing(cron_job)
        if timing is None:
            return status, None
        schedule, zone = timing
        now = datetime.fromtimestamp(self.cluster.now(), UTC)
        due, missed = last_due(schedule, self._since(cron_job, now), now, zone)
        if missed > MANY:
            message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
            self._warn(cron_job, "TooManyMissedTimes", message)
        if due is not None:
            status = await self._start(cron_job, status, due, zone)
        # "Every so often" counts from the last time; all else goes by the clock.
        base = now if schedule.every_s is None else due or self._since(cron_job, now)
        coming = next_after(schedule, base, zone)
        return status, (coming - now).total_seconds() + _AFTER_S if coming is not None else None

    def _timing(self, cron_job: JsonObject) -> tuple[Schedule, tzinfo] | None:
        spec = cron_job["spec"]
        try:
            zone: tzinfo = ZoneInfo(spec["timeZone"]) if spec.get("timeZone") else UTC
        except (ZoneInfoNotFoundError, ValueError):
            self._warn(cron_job, "UnknownTimeZone", f"invalid timeZone: {spec['timeZone']}")
            return None
        try:
            return parse_schedule(spec["schedule"]), zone
        except ScheduleError as error:
            self._warn(cron_job, "UnparseableSchedule", f"unparseable schedule: {spec['schedule']}: {error}")
            return None

    def _since(self, cron_job: JsonObject, now: datetime) -> datetime:
        """From when on moments count as missed."""
        text = cron_job.get("status", {}).get("lastScheduleTime") or cron_job["metadata"]["creationTimestamp"]
        since = datetime.fromtimestamp(unix_seconds(text), UTC)
        deadline_s = cron_job["spec"].get("startingDeadlineSeconds")
        return max(since, now - timedelta(seconds=deadline_s)) if deadline_s is not None else since

    async def _start(self, cron_job: JsonObject, status: JsonObject, due: datetime, zone: tzinfo) -> JsonObject:
        policy = cron_job["spec"].get("concurrencyPolicy", "Allow")
        if policy == "Forbid" and status.get("active"):
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self.events.record(CRON_JOBS, cron_job, reason="JobAlreadyActive", message=message)
            return status
        if policy == "Replace":
            status = await self._replace(cron_job, status)
        job = await self._create(cron_job, due, zone)
        if job is None:
            return status
        active = [*status.get("active", ()), reference(job)]
        return {**status, "active": active, "lastScheduleTime": timestamp(due.timestamp())}

    async def _replace(self, cron_job: JsonObject, status: JsonObject) -> JsonObject:
        under_way = {known["uid"] for known in status.get("active", ())}
        for job in self._jobs.of(cron_job):
            if job["metadata"]["uid"] in under_way:
                await self._delete(cron_job, job)
        return {name: value for name, value in status.items() if name != "active"}

    async def _create(self, cron_job: JsonObject, due: datetime, zone: tzinfo) -> JsonObject | None:
        body = scheduled_job(cron_job, due, zone)
        name = body["metadata"]["name"]
        try:
            job = await self.api.create(JOBS, body)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                return self._already_there(cron_job, name)
            if is_for_a_terminating_namespace(error):
                return None
            self._warn(cron_job, "FailedCreate", f"Error creating job: {error.message}")
            raise
        self.events.record(CRON_JOBS, cron_job, reason="SuccessfulCreate", message=f"Created job {name}")
        return job

    def _already_there(self, cron_job: JsonObject, name: str) -> JsonObject | None:
        """The job of this moment that was created before the status could be written; None when it is another's."""
        job = self.api.get(JOBS, name, cron_job["metadata"]["namespace"])
        owner = controller_of(job) if job is not None else None
        return job if owner is not None and owner["uid"] == cron_job["metadata"]["uid"] else None

    async def _delete(self, cron_job: JsonObject, job: JsonObject) -> None:
        if is_leaving(job):
            return
        name = job["metadata"]["name"]
        try:
            await self.api.delete(JOBS, job, propagation="Background")
        except ApiError as error:
            if not is_gone(error):
                raise
        else:
            self.events.record(CRON_JOBS, cron_job, reason="SuccessfulDelete", message=f"Deleted job {name}")

    def _warn(self, cron_job: JsonObject, reason: str, message: str) -> None:
        self.events.record(CRON_JOBS, cron_job, reason=reason, message=message, type="Warning")
