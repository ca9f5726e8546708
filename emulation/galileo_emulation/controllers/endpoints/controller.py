"""The endpoints controllers, for the two forms in which a service's endpoints are kept.

    service, the pods that it selects, their nodes -> addresses -> endpoint slices, and the Endpoints object

Services without a selector are left to whoever writes their endpoints by hand.
"""

from __future__ import annotations

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.endpoints.addresses import Address, addresses_of
from galileo_emulation.controllers.endpoints.slices import MANAGED_BY, MANAGER, SERVICE_NAME, slice_changes
from galileo_emulation.controllers.endpoints.subsets import endpoints_of
from galileo_emulation.controllers.informer import key_of
from galileo_emulation.controllers.pod_facts import is_finished, is_leaving, is_ready, node_of
from galileo_emulation.controllers.selection import Selection
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import ENDPOINT_SLICES, ENDPOINTS, NODES, PODS, SERVICES
from galileo_emulation.kubernetes.storage.history import Change


class _ServiceController(Controller):
    """What both have in common: which services a change of a pod is about."""

    def watch(self) -> None:
        """Services, and what of their pods makes an address."""
        informers = self.cluster.informers
        informers.of(SERVICES).on_change(lambda change: self.queue.add(change.key))
        self._selection = Selection(informers, owner=SERVICES, chosen=PODS, selector=_selector)
        informers.of(PODS).on_change(self._pod_changed)

    def _pod_changed(self, change: Change) -> None:
        bodies = [stored.body for stored in (change.before, change.after) if stored is not None]
        if len(bodies) == 2 and _traits(bodies[0]) == _traits(bodies[1]):
            return
        for service in self._selection.owners_of(bodies):
            self.queue.add_after(key_of(service), self.cluster.settings.batch_s)

    def addresses(self, service: JsonObject) -> list[Address]:
        """The addresses behind a service."""
        return addresses_of(service, self._selection.chosen_by(service))


class EndpointSliceController(_ServiceController):
    """Keeps endpoint slices."""

    name = "endpoint-slice"
    component = "endpoint-slice-controller"

    def watch(self) -> None:
        """Also the slices, which nobody else should change."""
        super().watch()
        self._slices = self.cluster.informers.of(ENDPOINT_SLICES)
        self._slices.index("service", _by_service)
        self._slices.on_change(self._slice_changed)

    def _slice_changed(self, change: Change) -> None:
        for key in _by_service(change.last.body):
            self.queue.add(key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring the slices of one service in step."""
        service = self.api.get(SERVICES, name, namespace)
        if service is None or is_leaving(service) or not service["spec"].get("selector"):
            return None
        present = self._slices.by("service", f"{namespace}/{name}")
        addresses = self.addresses(service)
        names = {node_of(address.pod) for address in addresses}
        nodes = {name: node for name in names if (node := self.api.get(NODES, name)) is not None}
        changes = slice_changes(service, addresses, present, nodes)
        for body in changes.create:
            await self.api.create(ENDPOINT_SLICES, body)
        for body in changes.update:
            await self.api.update(ENDPOINT_SLICES, body)
        for body in changes.delete:
            try:
                await self.api.delete(ENDPOINT_SLICES, body)
            except ApiError as error:
                if not is_gone(error):
                    raise
        return None


class EndpointsController(_ServiceController):
    """Keeps Endpoints objects."""

    name = "endpoints"
    component = "endpoint-controller"

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring the Endpoints of one service in step; they go with the service."""
        service, present = self.api.get(SERVICES, name, namespace), self.api.get(ENDPOINTS, name, namespace)
        if service is None:
            await self._remove(present)
            return None
        if not service["spec"].get("selector"):
            return None
        wanted = endpoints_of(service, self.addresses(service))
        if present is None:
            await self.api.create(ENDPOINTS, wanted)
        elif present.get("subsets") != wanted.get("subsets") or _shown(present) != _shown(wanted):
            await self.api.update(ENDPOINTS, {**wanted, "metadata": {**present["metadata"], **wanted["metadata"]}})
        return None

    async def _remove(self, present: JsonObject | None) -> None:
        if present is None:
            return
        try:
            await self.api.delete(ENDPOINTS, present)
        except ApiError as error:
            if not is_gone(error):
                raise


def _selector(service: JsonObject) -> JsonObject | None:
    """A service's selector; a service without one, or with an empty one, selects nothing."""
    labels = service["spec"].get("selector")
    return {"matchLabels": labels} if labels else None


def _traits(pod: JsonObject) -> tuple[object, ...]:
    """What of a pod shows in the endpoints of its services."""
    ip = pod.get("status", {}).get("podIP")
    return (pod["metadata"].get("labels"), ip, node_of(pod), is_ready(pod), is_leaving(pod), is_finished(pod))


def _shown(endpoints: JsonObject) -> JsonObject:
    labels: JsonObject = endpoints["metadata"].get("labels") or {}
    return labels


def _by_service(body: JsonObject) -> tuple[str, ...]:
    """Index our slices by the key of their service."""
    labels = body["metadata"].get("labels") or {}
    if labels.get(MANAGED_BY) != MANAGER or SERVICE_NAME not in labels:
        return ()
    return (f"{body['metadata']['namespace']}/{labels[SERVICE_NAME]}",)
