"""The namespace controller: empties a namespace that is being deleted, kind by kind, and then lets it go.

    namespace -> the next kind with content -> its objects deleted -> … -> conditions -> finalizer off

Between kinds it pauses, as it would if each were a request to a server, so that the other controllers see what went.
"""

from __future__ import annotations

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.informer import by_namespace
from galileo_emulation.controllers.namespace.content import Remaining, conditions, in_order
from galileo_emulation.controllers.pod_facts import is_leaving
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import NAMESPACES
from galileo_emulation.kubernetes.storage.history import Change

FINALIZER = "kubernetes"


class NamespaceController(Controller):
    """Carries the deletion of namespaces out."""

    name = "namespace"

    def watch(self) -> None:
        """Namespaces, and what goes from those that are being deleted."""
        self._namespaces = self.cluster.informers.of(NAMESPACES)
        self._namespaces.index("namespace", by_namespace)
        self._namespaces.on_change(self._namespace_changed)
        self.cluster.informers.on_any_change(self._content_changed)

    def _namespace_changed(self, change: Change) -> None:
        if change.after is not None and is_leaving(change.after.body):
            self.queue.add(change.key)

    def _content_changed(self, kind: Kind, change: Change) -> None:
        if change.after is None and kind.namespaced:
            key = f"/{change.key.partition('/')[0]}"
            namespace = self._namespaces.get(key)
            if namespace is not None and is_leaving(namespace):
                self.queue.add_after(key, self.cluster.settings.request_s)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Delete the content of one kind, or let the namespace go when nothing is left."""
        body = self.api.get(NAMESPACES, name)
        if body is None or not is_leaving(body):
            return None
        remaining = self._remaining(name)
        for kind, found in remaining:
            staying = [item for item in found if not is_leaving(item)]
            if staying:
                await self._delete_all(kind, staying)
                return self.cluster.settings.request_s
        body = await self._tell(body, remaining)
        if not remaining:
            await self._let_go(body)
        return None

    def _remaining(self, name: str) -> Remaining:
        found = []
        for kind in in_order(self.cluster.catalog.kinds):
            objects = self.cluster.store.objects(kind, name)
            if objects:
                found.append((kind, [stored.body for stored in objects.values()]))
        return found

    async def _delete_all(self, kind: Kind, staying: list[JsonObject]) -> None:
        for item in staying:
            try:
                await self.api.delete(kind, item, propagation="Background")
            except ApiError as error:
                if not is_gone(error):
                    raise

    async def _tell(self, body: JsonObject, remaining: Remaining) -> JsonObject:
        wanted = conditions(body, remaining, self.cluster.now())
        status = {**body.get("status", {}), "conditions": wanted}
        if status == body.get("status"):
            return body
        return await self.api.update(NAMESPACES, {**body, "status": status}, part="status")

    async def _let_go(self, body: JsonObject) -> None:
        finalizers = [found for found in body["spec"].get("finalizers", ()) if found != FINALIZER]
        await self.api.finalize(body, finalizers)
