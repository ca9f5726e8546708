"""The daemon set controller: one pod on every suitable node, of the newest template as far as the update has come.

daemon set, nodes, pods -> what is missing or too much -> what the update allows -> pods -> status
"""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.children import Children
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.controller_revisions import REVISION_LABEL, Revisions
from galileo_emulation.controllers.daemon_set.daemons import OnNodes, Work, by_target, update_work, wanted_work
from galileo_emulation.controllers.daemon_set.placement import daemon_pod
from galileo_emulation.controllers.daemon_set.status import daemon_set_status
from galileo_emulation.controllers.failure_backoff import FailureBackoff
from galileo_emulation.controllers.pod_facts import is_leaving, next_available_s, node_of, phase
from galileo_emulation.controllers.pod_making import SlowStartError, is_for_a_terminating_namespace, slow_start
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import DAEMON_SETS, NODES, PODS
from galileo_emulation.kubernetes.storage.history import Change


class DaemonSetController(Controller):
    """Runs daemons."""

    name = "daemon-set"
    component = "daemonset-controller"

    def watch(self) -> None:
        """Daemon sets, their pods and revisions, and what makes nodes suitable."""
        informers = self.cluster.informers
        self._sets = informers.of(DAEMON_SETS)
        self._sets.on_change(lambda change: self.queue.add(change.key))
        self._pods = Children(informers, self.api, owner=DAEMON_SETS, child=PODS, queue=self.queue)
        self._revisions = Revisions(informers, self.api, owner=DAEMON_SETS, queue=self.queue, hash_label=REVISION_LABEL)
        self._nodes = informers.of(NODES)
        self._nodes.on_change(self._node_changed)
        self._backoff = FailureBackoff(first_s=1.0, longest_s=900.0)

    def _node_changed(self, change: Change) -> None:
        before = change.before.body if change.before is not None else None
        after = change.after.body if change.after is not None else None
        if before is None or after is None or _traits(before) != _traits(after):
            for key in self._sets.all_keys():
                self.queue.add(key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring one daemon set's pods to its nodes."""
        daemon_set = self.api.get(DAEMON_SETS, name, namespace)
        if daemon_set is None or is_leaving(daemon_set):
            return None
        current, revisions = await self._revisions.present(daemon_set)
        suffix = current["metadata"]["labels"][REVISION_LABEL]
        nodes, pods = self._nodes.all(), by_target(await self._claimed(daemon_set))
        now = self.cluster.now()
        work = wanted_work(daemon_set, nodes, pods, revision=suffix, now=now)
        if not work.create_on and not work.delete:
            work = update_work(daemon_set, nodes, pods, revision=suffix, now=now)
        wait_s = self._hold_back(daemon_set, work)
        failure = await self._do(daemon_set, work, suffix)
        pods = by_target(self._pods.of(daemon_set))
        await self._write_status(daemon_set, daemon_set_status(daemon_set, nodes, pods, revision=suffix, now=now))
        await self._clean_up(daemon_set, revisions, current, pods)
        if failure is not None:
            raise failure
        every = [pod for found in pods.values() for pod in found]
        ready_s = next_available_s(every, min_ready_s=daemon_set["spec"].get("minReadySeconds", 0), now=now)
        return min((wait for wait in (wait_s, ready_s) if wait is not None), default=None)

    async def _claimed(self, daemon_set: JsonObject) -> list[JsonObject]:
        return await self._pods.claimed(daemon_set, daemon_set["spec"]["selector"])

    def _hold_back(self, daemon_set: JsonObject, work: Work) -> float | None:
        """Leave failed pods where the last one on the node failed just before; return when the first may go."""
        waits, now = [], self.cluster.now()
        for pod in [pod for pod in work.ended if phase(pod) == "Failed"]:
            key = f"{daemon_set['metadata']['uid']}/{node_of(pod)}"
            left_s = self._backoff.left_s(key, now)
            if left_s > 0:
                waits.append(left_s)
                work.ended.remove(pod)
                work.delete.remove(pod)
            else:
                self._backoff.note(key, now)
        return min(waits, default=None)

    async def _do(self, daemon_set: JsonObject, work: Work, revision: str) -> ApiError | None:
        """Create and delete pods; return the last refusal."""
        for pod in work.ended:
            ended = phase(pod)
            self.events.record(
                DAEMON_SETS,
                daemon_set,
                reason=f"{ended}DaemonPod",
                message=f"Found {ended.lower()} daemon pod {_named(pod)} on node {pod['spec'].get('nodeName', '')}, "
                "will try to delete it",
                type="Warning" if ended == "Failed" else "Normal",
            )
        failure = await self._delete(daemon_set, work.delete)
        return await self._create(daemon_set, work.create_on, revision) or failure

    async def _create(self, daemon_set: JsonObject, nodes: Sequence[str], revision: str) -> ApiError | None:
        async def make(index: int) -> None:
            pod = await self.api.create(PODS, daemon_pod(daemon_set, nodes[index], revision))
            message = f"Created pod: {pod['metadata']['name']}"
            self.events.record(DAEMON_SETS, daemon_set, reason="SuccessfulCreate", message=message)

        try:
            await slow_start(len(nodes), make)
        except SlowStartError as error:
            if is_for_a_terminating_namespace(error.cause):
                return None
            message = f"Error creating: {error.cause.message}"
            self.events.record(DAEMON_SETS, daemon_set, reason="FailedCreate", message=message, type="Warning")
            return error.cause
        return None

    async def _delete(self, daemon_set: JsonObject, pods: Sequence[JsonObject]) -> ApiError | None:
        failure = None
        for pod in pods:
            try:
                await self.api.delete(PODS, pod)
            except ApiError as error:
                if not is_gone(error):
                    failure = error
            else:
                message = f"Deleted pod: {pod['metadata']['name']}"
                self.events.record(DAEMON_SETS, daemon_set, reason="SuccessfulDelete", message=message)
        return failure

    async def _write_status(self, daemon_set: JsonObject, status: JsonObject) -> None:
        if status != daemon_set.get("status"):
            await self.api.update(DAEMON_SETS, {**daemon_set, "status": status}, part="status")

    async def _clean_up(
        self, daemon_set: JsonObject, revisions: Sequence[JsonObject], current: JsonObject, pods: OnNodes
    ) -> None:
        live = {(pod["metadata"].get("labels") or {}).get(REVISION_LABEL) for found in pods.values() for pod in found}
        in_use = {
            found["metadata"]["name"]
            for found in revisions
            if found is current or found["metadata"]["labels"][REVISION_LABEL] in live
        }
        await self._revisions.clean_up(revisions, in_use, daemon_set["spec"].get("revisionHistoryLimit", 10))


def _traits(node: JsonObject) -> tuple[object, object]:
    """What of a node decides whether daemons run on it."""
    return node["metadata"].get("labels"), node.get("spec")


def _named(pod: JsonObject) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
