"""The stateful set controller: pods with lasting names, in order.

    stateful set, revisions, pods -> next steps -> pods made or deleted -> status

Volumes of claim templates are named in the pods, but claims are not made: the emulated cluster has no volumes.
"""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.children import Children
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.controller_revisions import REVISION_LABEL, Revisions, template_in
from galileo_emulation.controllers.pod_facts import is_leaving, next_available_s, phase
from galileo_emulation.controllers.pod_making import is_for_a_terminating_namespace
from galileo_emulation.controllers.stateful_set.identity import identity_labels, numbered_pod, ordinal_of
from galileo_emulation.controllers.stateful_set.next_steps import Steps, next_steps, revision_for
from galileo_emulation.controllers.stateful_set.status import stateful_set_status
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import PODS, STATEFUL_SETS

_HASH_LABEL = "controller.kubernetes.io/hash"


class StatefulSetController(Controller):
    """Runs stateful sets."""

    name = "stateful-set"
    component = "statefulset-controller"

    def watch(self) -> None:
        """Stateful sets, their pods and their revisions."""
        informers = self.cluster.informers
        informers.of(STATEFUL_SETS).on_change(lambda change: self.queue.add(change.key))
        self._pods = Children(informers, self.api, owner=STATEFUL_SETS, child=PODS, queue=self.queue)
        self._revisions = Revisions(informers, self.api, owner=STATEFUL_SETS, queue=self.queue, hash_label=_HASH_LABEL)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Take one stateful set a step further; its own changes call for the next one."""
        stateful_set = self.api.get(STATEFUL_SETS, name, namespace)
        if stateful_set is None or is_leaving(stateful_set):
            return None
        update, revisions = await self._revisions.present(stateful_set)
        current = self._current(stateful_set, update, revisions)
        pods = await self._identified(stateful_set)
        now, newest = self.cluster.now(), update["metadata"]["name"]
        steps = next_steps(stateful_set, pods, update_revision=newest, now=now)
        await self._take(stateful_set, steps, current=current, update=update)
        pods = self._own(stateful_set, self._pods.of(stateful_set))
        status = stateful_set_status(stateful_set, pods, current=current["metadata"]["name"], update=newest, now=now)
        if status != stateful_set.get("status"):
            await self.api.update(STATEFUL_SETS, {**stateful_set, "status": status}, part="status")
        live = {(pod["metadata"].get("labels") or {}).get(REVISION_LABEL, "") for pod in pods}
        in_use = {newest, current["metadata"]["name"], status["currentRevision"], *live}
        limit = stateful_set["spec"].get("revisionHistoryLimit", 10)
        await self._revisions.clean_up(revisions, in_use, limit)
        return next_available_s(pods, min_ready_s=stateful_set["spec"].get("minReadySeconds", 0), now=now)

    def _current(self, stateful_set: JsonObject, update: JsonObject, revisions: Sequence[JsonObject]) -> JsonObject:
        """The revision that pods had before the update that is under way; the newest when there is none."""
        name = stateful_set.get("status", {}).get("currentRevision")
        return next((found for found in revisions if found["metadata"]["name"] == name), update)

    def _own(self, stateful_set: JsonObject, pods: Sequence[JsonObject]) -> list[JsonObject]:
        return [pod for pod in pods if ordinal_of(stateful_set, pod) is not None]

    async def _identified(self, stateful_set: JsonObject) -> list[JsonObject]:
        """The set's pods, with the labels that their names give them."""
        pods = self._own(stateful_set, await self._pods.claimed(stateful_set, stateful_set["spec"]["selector"]))
        changed = False
        for pod in pods:
            name, ordinal = pod["metadata"]["name"], ordinal_of(stateful_set, pod)
            wanted = identity_labels(name, ordinal if ordinal is not None else 0)
            if not wanted.items() <= (pod["metadata"].get("labels") or {}).items() and not is_leaving(pod):
                metadata = {key: pod["metadata"][key] for key in ("name", "namespace", "uid")}
                await self.api.patch(PODS, {"metadata": {**metadata, "labels": wanted}})
                changed = True
        return self._own(stateful_set, self._pods.of(stateful_set)) if changed else pods

    async def _take(self, stateful_set: JsonObject, steps: Steps, *, current: JsonObject, update: JsonObject) -> None:
        for pod in steps.ended:
            words = (
                f"StatefulSet {_named(stateful_set)} is recreating {phase(pod).lower()} Pod {pod['metadata']['name']}"
            )
            reason = "RecreatingFailedPod" if phase(pod) == "Failed" else "RecreatingTerminatedPod"
            self.events.record(STATEFUL_SETS, stateful_set, reason=reason, message=words, type="Warning")
        for pod in steps.delete:
            await self._delete(stateful_set, pod)
        by_name = {found["metadata"]["name"]: found for found in (current, update)}
        for ordinal in steps.create:
            revision = revision_for(
                stateful_set, ordinal, current=current["metadata"]["name"], update=update["metadata"]["name"]
            )
            await self._create(stateful_set, ordinal, by_name[revision])

    async def _create(self, stateful_set: JsonObject, ordinal: int, revision: JsonObject) -> None:
        name = revision["metadata"]["name"]
        pod = numbered_pod(stateful_set, ordinal, template=template_in(revision), revision=name)
        words = f"create Pod {pod['metadata']['name']} in StatefulSet {stateful_set['metadata']['name']}"
        try:
            await self.api.create(PODS, pod)
        except ApiError as error:
            if is_for_a_terminating_namespace(error):
                return
            message = f"{words} failed error: {error.message}"
            self.events.record(STATEFUL_SETS, stateful_set, reason="FailedCreate", message=message, type="Warning")
            raise
        self.events.record(STATEFUL_SETS, stateful_set, reason="SuccessfulCreate", message=f"{words} successful")

    async def _delete(self, stateful_set: JsonObject, pod: JsonObject) -> None:
        words = f"delete Pod {pod['metadata']['name']} in StatefulSet {stateful_set['metadata']['name']}"
        try:
            await self.api.delete(PODS, pod)
        except ApiError as error:
            if is_gone(error):
                return
            message = f"{words} failed error: {error.message}"
            self.events.record(STATEFUL_SETS, stateful_set, reason="FailedDelete", message=message, type="Warning")
            raise
        self.events.record(STATEFUL_SETS, stateful_set, reason="SuccessfulDelete", message=f"{words} successful")


def _named(body: JsonObject) -> str:
    return f"{body['metadata']['namespace']}/{body['metadata']['name']}"
