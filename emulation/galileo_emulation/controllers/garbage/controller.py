"""The garbage collector: deletes what has lost its owners, and lets owners go that waited for their dependents.

    changes of all kinds -> owner graph -> uids -> what becomes of the object -> deleted, let go, or left alone

Which kinds there are may change at any time: it takes whatever the store tells of. Events are left out, as in
Kubernetes; they are never owned and come by the thousand.
"""

from __future__ import annotations

from collections.abc import Sequence

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.garbage.collection import Keep, OwnerState, collection, holding_up
from galileo_emulation.controllers.garbage.owner_graph import Node, OwnerGraph, fits
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.operations.deletion import FOREGROUND, ORPHAN
from galileo_emulation.kubernetes.storage.history import Change


class GarbageCollector(Controller):
    """Deletes dependents. Its keys are uids."""

    name = "garbage-collector"
    component = "garbage-collector-controller"

    def watch(self) -> None:
        """Everything."""
        self._graph = OwnerGraph()
        self.cluster.informers.on_any_change(self._changed)

    def _changed(self, kind: Kind, change: Change) -> None:
        if kind.plural == "events":
            return
        for uid in self._graph.observe(kind, change):
            self.queue.add_after(f"/{uid}", self.cluster.settings.request_s)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Look at the object whose uid is `name`."""
        node = self._graph.nodes.get(name)
        body = self.api.get(node.kind, node.name, node.namespace) if node is not None else None
        if node is None or body is None:
            return None
        try:
            await self._look_at(node, body)
        except ApiError as error:
            if not is_gone(error):
                raise
        return None

    async def _look_at(self, node: Node, body: JsonObject) -> None:
        if node.lets_go:
            await self._let_go(node, body)
        elif node.waits_for_dependents:
            await self._go_on_waiting(node, body)
        elif not node.leaving:
            await self._collect(node, body)

    async def _let_go(self, node: Node, body: JsonObject) -> None:
        dependents = self._graph.dependents(node.uid)
        for dependent in dependents:
            await self._drop_references(dependent, (node.uid,))
        if dependents:
            self.queue.add_after(f"/{node.uid}", self.cluster.settings.request_s)
        else:
            await self._drop_finalizer(node, body, ORPHAN)

    async def _go_on_waiting(self, node: Node, body: JsonObject) -> None:
        blocking = holding_up(node, self._graph.dependents(node.uid))
        if not blocking:
            await self._drop_finalizer(node, body, FOREGROUND)
        for dependent in blocking:
            if not dependent.waits_for_dependents and not dependent.leaving:
                self.queue.add(f"/{dependent.uid}")

    async def _collect(self, node: Node, body: JsonObject) -> None:
        verdict = collection(node, self._graph.dependents(node.uid), lambda owner: self._state(node, owner))
        if isinstance(verdict, Keep):
            await self._drop_references(node, verdict.without)
            return
        if verdict.unblock:
            body = await self._unblock(node, body)
        await self.api.delete(node.kind, body, propagation=verdict.propagation, unchanged=True)

    def _state(self, node: Node, reference: JsonObject) -> OwnerState:
        owner = self._graph.nodes.get(reference["uid"])
        if owner is not None and fits(reference, owner):
            if owner.kind.namespaced and owner.namespace != node.namespace:
                return OwnerState.GONE if node.kind.namespaced else OwnerState.UNKNOWN
            return OwnerState.WAITS if owner.waits_for_dependents else OwnerState.THERE
        kind = self._kind(reference)
        if kind is None:
            return OwnerState.GONE if self._graph.was_seen_to_go(reference["uid"]) else OwnerState.UNKNOWN
        if kind.namespaced and not node.kind.namespaced:
            return OwnerState.UNKNOWN
        return OwnerState.GONE

    def _kind(self, reference: JsonObject) -> Kind | None:
        for kind in self.cluster.catalog.kinds:
            if (kind.api_version, kind.kind) == (reference["apiVersion"], reference["kind"]):
                return kind
        return None

    async def _drop_references(self, node: Node, uids: tuple[str, ...]) -> None:
        if not uids:
            return
        body = self.api.get(node.kind, node.name, node.namespace)
        if body is None or body["metadata"]["uid"] != node.uid:
            return
        kept = [found for found in body["metadata"].get("ownerReferences", ()) if found["uid"] not in uids]
        await self._with_metadata(node, body, "ownerReferences", kept)

    async def _drop_finalizer(self, node: Node, body: JsonObject, name: str) -> None:
        kept = [found for found in body["metadata"].get("finalizers", ()) if found != name]
        await self._with_metadata(node, body, "finalizers", kept)

    async def _unblock(self, node: Node, body: JsonObject) -> JsonObject:
        owners = [{**found, "blockOwnerDeletion": False} for found in body["metadata"]["ownerReferences"]]
        return await self._with_metadata(node, body, "ownerReferences", owners)

    async def _with_metadata(self, node: Node, body: JsonObject, field: str, value: Sequence[object]) -> JsonObject:
        metadata = {key: found for key, found in body["metadata"].items() if key != field}
        if value:
            metadata[field] = list(value)
        return await self.api.update(node.kind, {**body, "metadata": metadata})
