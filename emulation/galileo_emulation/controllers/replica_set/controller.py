"""The replica set controller: adopts pods, creates what is missing, deletes what is too much, and says how it stands.

replica set and its pods -> how many, which -> pods created or deleted -> status
"""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.children import Children
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.ownership import by_controller, controller_of
from galileo_emulation.controllers.pod_facts import is_active, is_leaving, is_terminating, next_available_s
from galileo_emulation.controllers.pod_making import (
    SlowStartError,
    is_for_a_terminating_namespace,
    pod_of,
    slow_start,
)
from galileo_emulation.controllers.replica_set.deletion_order import to_delete
from galileo_emulation.controllers.replica_set.status import Failure, replica_set_status
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import PODS, REPLICA_SETS
from galileo_emulation.kubernetes.storage.history import Change

# A set creates or deletes at most so many pods before it looks again.
MOST_AT_ONCE = 500


class ReplicaSetController(Controller):
    """Keeps replica sets at their number of pods."""

    name = "replica-set"
    component = "replicaset-controller"

    def watch(self) -> None:
        """Replica sets, and their pods."""
        informers = self.cluster.informers
        self._sets = informers.of(REPLICA_SETS)
        self._sets.index("controller", by_controller)
        self._sets.on_change(self._set_changed)
        self._pods = Children(informers, self.api, owner=REPLICA_SETS, child=PODS, queue=self.queue)

    def _set_changed(self, change: Change) -> None:
        self.queue.add(change.key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring one replica set to its number of pods."""
        replica_set = self.api.get(REPLICA_SETS, name, namespace)
        if replica_set is None:
            return None
        owned = await self._pods.claimed(replica_set, replica_set["spec"]["selector"])
        active = [pod for pod in owned if is_active(pod)]
        terminating = sum(is_terminating(pod) for pod in owned)
        failure = None if is_leaving(replica_set) else await self._manage(replica_set, active)
        now = self.cluster.now()
        status = replica_set_status(replica_set, active, terminating=terminating, failure=failure, now=now)
        if status != replica_set.get("status"):
            await self.api.update(REPLICA_SETS, {**replica_set, "status": status}, part="status")
        if failure is not None:
            raise ApiError(500, failure.reason, failure.message)
        return next_available_s(active, min_ready_s=replica_set["spec"].get("minReadySeconds", 0), now=now)

    async def _manage(self, replica_set: JsonObject, active: Sequence[JsonObject]) -> Failure | None:
        """Create or delete pods, which calls for another look; return what went wrong."""
        excess = len(active) - replica_set["spec"].get("replicas", 1)
        if excess < 0:
            return await self._create(replica_set, min(-excess, MOST_AT_ONCE))
        if excess > 0:
            count, relatives = min(excess, MOST_AT_ONCE), self._relatives(replica_set)
            return await self._delete(
                replica_set, to_delete(active, count, relatives=relatives, now=self.cluster.now())
            )
        return None

    async def _create(self, replica_set: JsonObject, count: int) -> Failure | None:
        async def make(_: int) -> None:
            pod = await self.api.create(PODS, pod_of(replica_set["spec"]["template"], REPLICA_SETS, replica_set))
            message = f"Created pod: {pod['metadata']['name']}"
            self.events.record(REPLICA_SETS, replica_set, reason="SuccessfulCreate", message=message)

        try:
            await slow_start(count, make)
        except SlowStartError as error:
            if is_for_a_terminating_namespace(error.cause):
                return None
            message = f"Error creating: {error.cause.message}"
            self.events.record(REPLICA_SETS, replica_set, reason="FailedCreate", message=message, type="Warning")
            return Failure("FailedCreate", error.cause.message)
        return None

    async def _delete(self, replica_set: JsonObject, pods: Sequence[JsonObject]) -> Failure | None:
        failure = None
        for pod in pods:
            name = pod["metadata"]["name"]
            try:
                await self.api.delete(PODS, pod)
            except ApiError as error:
                if is_gone(error):
                    continue
                failure = Failure("FailedDelete", error.message)
                message = f"Error deleting: {error.message}"
                self.events.record(REPLICA_SETS, replica_set, reason="FailedDelete", message=message, type="Warning")
            else:
                message = f"Deleted pod: {name}"
                self.events.record(REPLICA_SETS, replica_set, reason="SuccessfulDelete", message=message)
        return failure

    def _relatives(self, replica_set: JsonObject) -> list[JsonObject]:
        """The pods of all sets that have the same controller."""
        reference = controller_of(replica_set)
        sets = self._sets.by("controller", reference["uid"]) if reference else [replica_set]
        return [pod for related in sets for pod in self._pods.of(related)]
