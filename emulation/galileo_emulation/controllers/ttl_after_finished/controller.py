"""The controller that deletes jobs a given time after they are over, with their pods."""

from __future__ import annotations

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.job.verdict import over_since
from galileo_emulation.controllers.pod_facts import is_leaving
from galileo_emulation.kubernetes.kinds import JOBS
from galileo_emulation.kubernetes.storage.history import Change


class TtlAfterFinishedController(Controller):
    """Deletes jobs whose ttlSecondsAfterFinished is over."""

    name = "ttl-after-finished"

    def watch(self) -> None:
        """Jobs that have such a time."""
        self.cluster.informers.of(JOBS).on_change(self._job_changed)

    def _job_changed(self, change: Change) -> None:
        if change.after is not None and "ttlSecondsAfterFinished" in change.after.body["spec"]:
            self.queue.add(change.key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Delete one job when its time has come."""
        job = self.api.get(JOBS, name, namespace)
        since = over_since(job) if job is not None else None
        if job is None or since is None or is_leaving(job) or "ttlSecondsAfterFinished" not in job["spec"]:
            return None
        left_s = since + float(job["spec"]["ttlSecondsAfterFinished"]) - self.cluster.now()
        if left_s > 0:
            return left_s
        await self.api.delete(JOBS, job, propagation="Foreground", unchanged=True)
        return None
