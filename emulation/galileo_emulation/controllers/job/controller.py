"""The job controller: pods until enough have succeeded or too many have failed.

    job and its pods -> tally -> verdict -> pods made or ended -> status, finalizers off

Pod failure policies, success policies and limits for each index are not built; a job that asks for one is told so in
an event and left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.children import Children
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.failure_backoff import FailureBackoff
from galileo_emulation.controllers.job.pods import is_tracked, job_pod, untracked
from galileo_emulation.controllers.job.status import job_status, started
from galileo_emulation.controllers.job.tally import Tally, is_indexed, tally
from galileo_emulation.controllers.job.verdict import (
    FAILURE_DECIDED,
    SUSPENDED,
    Verdict,
    deadline_left_s,
    decided,
    is_over,
    verdict,
)
from galileo_emulation.controllers.job.workforce import Workforce, workforce
from galileo_emulation.controllers.pod_facts import is_leaving
from galileo_emulation.controllers.pod_making import SlowStartError, is_for_a_terminating_namespace, slow_start
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import JOBS, PODS

# A job creates at most so many pods before it looks again.
MOST_AT_ONCE = 500
OURS = "kubernetes.io/job-controller"
NOT_BUILT = ("podFailurePolicy", "successPolicy", "backoffLimitPerIndex")


class JobController(Controller):
    """Runs jobs."""

    name = "job"

    def watch(self) -> None:
        """Jobs and their pods."""
        informers = self.cluster.informers
        informers.of(JOBS).on_change(lambda change: self.queue.add(change.key))
        self._pods = Children(informers, self.api, owner=JOBS, child=PODS, queue=self.queue)
        self._backoff = FailureBackoff(first_s=10.0, longest_s=600.0)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Take one job a step further; its own changes call for the next one."""
        job = self.api.get(JOBS, name, namespace)
        if job is None or is_over(job) or job["spec"].get("managedBy", OURS) != OURS:
            return None
        missing = [field for field in NOT_BUILT if field in job["spec"]]
        if missing:
            message = f"spec.{missing[0]} is not built in this emulated cluster: the job is left alone"
            self.events.record(JOBS, job, reason="NotBuilt", message=message, type="Warning")
            return None
        job = await self._begun(job)
        now, end = self.cluster.now(), decided(job)
        pods = await self._pods.claimed(job, job["spec"]["selector"])
        found = tally(job, pods, ending=end is not None)
        self._learn_from_failures(job, found, now)
        new = None if end is not None else verdict(job, found, now)
        waits = [deadline_left_s(job, now)]
        if end is not None:
            await self._end(found.active)
            new = self._final(job, end, found)
        elif new is None and not is_leaving(job):
            waits.append(await self._employ(job, found))
        await self._write_status(job, job_status(job, found, new, now))
        await self._untrack(pods, {*found.noted_succeeded, *found.noted_failed}, indexed=is_indexed(job))
        return min((wait for wait in waits if wait is not None and wait > 0), default=None)

    async def _begun(self, job: JsonObject) -> JsonObject:
        """The job with its start time, or its suspension, in the status."""
        status = started(job, self.cluster.now())
        if status == job.get("status"):
            return job
        before = condition(job, SUSPENDED)
        job = await self.api.update(JOBS, {**job, "status": status}, part="status")
        after = condition(job, SUSPENDED)
        if after is not None and (before is None or before["status"] != after["status"]):
            reason = "Suspended" if after["status"] == "True" else "Resumed"
            self.events.record(JOBS, job, reason=reason, message=after["message"])
        return job

    def _learn_from_failures(self, job: JsonObject, found: Tally, now: float) -> None:
        uid = job["metadata"]["uid"]
        if found.new_successes:
            self._backoff.forget(uid)
        if found.new_failures:
            self._backoff.note(uid, now)

    def _final(self, job: JsonObject, end: Verdict, found: Tally) -> Verdict | None:
        """The end, when nothing runs any more and every end is counted."""
        if found.active or found.terminating or found.noted_succeeded or found.noted_failed:
            return None
        self._backoff.forget(job["metadata"]["uid"])
        failed = end.type == FAILURE_DECIDED
        message = end.message if failed else "Job completed"
        reason = end.reason if failed else "Completed"
        self.events.record(JOBS, job, reason=reason, message=message, type="Warning" if failed else "Normal")
        return end.final

    async def _end(self, active: Sequence[JsonObject]) -> None:
        for pod in active:
            await self._delete(pod)

    async def _employ(self, job: JsonObject, found: Tally) -> float | None:
        """Make or end pods; return when to try again what failed before."""
        force = workforce(job, found, now=self.cluster.now())
        for pod in force.delete:
            # Its end is nobody's failure, and is not counted.
            await self.api.patch(PODS, untracked(pod))
            await self._delete(pod)
            message = f"Deleted pod: {pod['metadata']['name']}"
            self.events.record(JOBS, job, reason="SuccessfulDelete", message=message)
        if not force.create:
            return None
        left_s = self._backoff.left_s(job["metadata"]["uid"], self.cluster.now())
        if left_s > 0:
            return left_s
        await self._create(job, force)
        return None

    async def _create(self, job: JsonObject, force: Workforce) -> None:
        async def make(number: int) -> None:
            pod = await self.api.create(PODS, job_pod(job, force.create[number]))
            message = f"Created pod: {pod['metadata']['name']}"
            self.events.record(JOBS, job, reason="SuccessfulCreate", message=message)

        try:
            await slow_start(min(len(force.create), MOST_AT_ONCE), make)
        except SlowStartError as error:
            if not is_for_a_terminating_namespace(error.cause):
                message = f"Error creating: {error.cause.message}"
                self.events.record(JOBS, job, reason="FailedCreate", message=message, type="Warning")
                raise error.cause from None

    async def _delete(self, pod: JsonObject) -> None:
        try:
            await self.api.delete(PODS, pod)
        except ApiError as error:
            if not is_gone(error):
                raise

    async def _write_status(self, job: JsonObject, status: JsonObject) -> None:
        if status != job.get("status"):
            await self.api.update(JOBS, {**job, "status": status}, part="status")

    async def _untrack(self, pods: Sequence[JsonObject], noted: set[str], *, indexed: bool) -> None:
        """Take the finalizer off the pods whose end is noted, and off those of an index that was done before."""
        for pod in pods:
            repeated = indexed and pod.get("status", {}).get("phase") == "Succeeded"
            if is_tracked(pod) and (pod["metadata"]["uid"] in noted or repeated):
                try:
                    await self.api.patch(PODS, untracked(pod))
                except ApiError as error:
                    if not is_gone(error):
                        raise
