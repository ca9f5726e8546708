"""Pods whose job is gone: nobody will count their end, so nothing may hold them."""

from __future__ import annotations

from galileo_emulation.controllers.children import by_uid
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.informer import key_of
from galileo_emulation.controllers.job.pods import is_tracked, untracked
from galileo_emulation.controllers.job.verdict import is_over
from galileo_emulation.controllers.ownership import by_controller, controller_of
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import JOBS, PODS
from galileo_emulation.kubernetes.storage.history import Change


class JobOrphans(Controller):
    """Takes the finalizer of jobs off pods without a job that goes on. Its keys are pods."""

    name = "job-orphans"
    component = "job-controller"

    def watch(self) -> None:
        """Jobs that go or are over, and pods that carry the finalizer."""
        informers = self.cluster.informers
        self._jobs = informers.of(JOBS)
        self._jobs.index("uid", by_uid)
        self._jobs.on_change(self._job_changed)
        self._pods = informers.of(PODS)
        self._pods.index("controller", by_controller)
        self._pods.on_change(self._pod_changed)

    def _job_changed(self, change: Change) -> None:
        if change.after is None or is_over(change.after.body):
            for pod in self._pods.by("controller", change.last.body["metadata"]["uid"]):
                if is_tracked(pod):
                    self.queue.add(key_of(pod))

    def _pod_changed(self, change: Change) -> None:
        if change.after is not None and is_tracked(change.after.body) and self._is_orphan(change.after.body):
            self.queue.add(change.key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Let one pod go."""
        pod = self.api.get(PODS, name, namespace)
        if pod is not None and is_tracked(pod) and self._is_orphan(pod):
            await self.api.patch(PODS, untracked(pod))
        return None

    def _is_orphan(self, pod: JsonObject) -> bool:
        reference = controller_of(pod)
        jobs = self._jobs.by("uid", reference["uid"]) if reference is not None else []
        return not any(not is_over(job) for job in jobs)
