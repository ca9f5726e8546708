"""The disruption controller: keeps the status of disruption budgets, by which evictions are granted.

budget, the pods that it selects, their owners' sizes -> demand -> status
"""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.disruption.budget import (
    Demand,
    budget_status,
    demand,
    failed_status,
    granted,
    needs_replicas,
)
from galileo_emulation.controllers.informer import by_namespace, key_of
from galileo_emulation.controllers.ownership import controller_of
from galileo_emulation.controllers.pod_facts import is_leaving, is_ready
from galileo_emulation.controllers.selection import Selection
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, DISRUPTION_BUDGETS, PODS, REPLICA_SETS, STATEFUL_SETS
from galileo_emulation.kubernetes.storage.history import Change


class UncountableError(Exception):
    """It cannot be told how many pods an owner wants; the message says why."""


class DisruptionController(Controller):
    """Counts for disruption budgets."""

    name = "disruption"
    component = "controllermanager"

    def watch(self) -> None:
        """Budgets, pods, and the sizes of what owns pods."""
        informers = self.cluster.informers
        self._budgets = informers.of(DISRUPTION_BUDGETS)
        self._budgets.index("namespace", by_namespace)
        self._budgets.on_change(lambda change: self.queue.add(change.key))
        self._selection = Selection(informers, owner=DISRUPTION_BUDGETS, chosen=PODS)
        informers.of(PODS).on_change(self._pod_changed)
        for kind in (DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS):
            informers.of(kind).on_change(self._owner_changed)

    def _pod_changed(self, change: Change) -> None:
        bodies = [stored.body for stored in (change.before, change.after) if stored is not None]
        if len(bodies) == 2 and _traits(bodies[0]) == _traits(bodies[1]):
            return
        for budget in self._selection.owners_of(bodies):
            self.queue.add_after(key_of(budget), self.cluster.settings.batch_s)

    def _owner_changed(self, change: Change) -> None:
        before = change.before.body["spec"].get("replicas") if change.before is not None else None
        after = change.after.body["spec"].get("replicas") if change.after is not None else None
        if before == after:
            return
        for budget in self._budgets.by("namespace", change.last.body["metadata"]["namespace"]):
            if needs_replicas(budget):
                self.queue.add(key_of(budget))

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Count for one budget."""
        budget = self.api.get(DISRUPTION_BUDGETS, name, namespace)
        if budget is None:
            return None
        pods = self._selection.chosen_by(budget)
        now = self.cluster.now()
        evicted, again_s = granted(budget, pods, now)
        try:
            status, failure = budget_status(budget, pods, self._demand(budget, pods), evicted, now), None
        except UncountableError as error:
            status = failed_status(budget, str(error), now)
            failure = f"Failed to calculate the number of expected pods: {error}"
        if status != budget.get("status"):
            self._tell(budget, pods, failure)
            await self.api.update(DISRUPTION_BUDGETS, {**budget, "status": status}, part="status")
        return again_s

    def _tell(self, budget: JsonObject, pods: Sequence[JsonObject], failure: str | None) -> None:
        if not pods:
            self.events.record(DISRUPTION_BUDGETS, budget, reason="NoPods", message="No matching pods found")
        if failure is not None:
            reason = "CalculateExpectedPodCountFailed"
            self.events.record(DISRUPTION_BUDGETS, budget, reason=reason, message=failure, type="Warning")

    def _demand(self, budget: JsonObject, pods: Sequence[JsonObject]) -> Demand:
        return demand(budget, pods, self._replicas(pods) if needs_replicas(budget) else 0)

    def _replicas(self, pods: Sequence[JsonObject]) -> int:
        """How many pods the owners of these want together; pods without one do not count. Raises UncountableError."""
        sizes: dict[str, int] = {}
        for pod in pods:
            reference = controller_of(pod)
            if reference is None or reference["uid"] in sizes:
                continue
            uid, replicas = self._size(reference, pod["metadata"]["namespace"])
            sizes[uid] = replicas
            sizes.setdefault(reference["uid"], 0)
        return sum(sizes.values())

    def _size(self, reference: JsonObject, namespace: str) -> tuple[str, int]:
        """The uid and size of an owner, or of the owner's owner where that one has a size."""
        kind = self._kind(reference)
        owner = self.api.get(kind, reference["name"], namespace) if kind is not None else None
        if kind is None or owner is None or owner["metadata"]["uid"] != reference["uid"]:
            raise UncountableError(f"{reference['kind']} {reference['name']} is not there")
        above = controller_of(owner)
        if above is not None and kind.key == REPLICA_SETS.key and above["kind"] == DEPLOYMENTS.kind:
            return self._size(above, namespace)
        if kind.scale is None:
            raise UncountableError(f"{kind.resource} does not implement the scale subresource")
        found: object = owner
        for step in kind.scale.replicas:
            found = found.get(step) if isinstance(found, dict) else None
        return reference["uid"], found if isinstance(found, int) else 0

    def _kind(self, reference: JsonObject) -> Kind | None:
        for kind in self.cluster.catalog.kinds:
            if (kind.api_version, kind.kind) == (reference["apiVersion"], reference["kind"]):
                return kind
        return None


def _traits(pod: JsonObject) -> tuple[object, ...]:
    """What of a pod counts for its budgets."""
    return (pod["metadata"].get("labels"), pod["metadata"].get("ownerReferences"), is_ready(pod), is_leaving(pod))
