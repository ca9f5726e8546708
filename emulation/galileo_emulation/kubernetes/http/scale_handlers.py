"""HTTP on the scale subresource: GET, PUT and PATCH (three patch types, and apply) of an autoscaling/v1 Scale."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from ..apiobjects import JsonObject, timestamp
from ..kind import Kind
from ..managers.apply import Application
from ..managers.applying import apply_request, check_configuration, decide
from ..managers.field_tracking import Writer
from ..managers.managed_fields import Entries
from ..operations.outcome import Outcome, refuse_if
from ..operations.patches import APPLY_PATCH, patched
from ..operations.scale import SCALE, scale_causes, scale_of, scaled
from ..operations.scale_fields import entries_of_object, entries_of_scale
from ..operations.scaling import SUBRESOURCE, managed_when_scaled
from ..operations.updates import present, update
from ..storage.history import Stored
from ..storage.store import Store
from ..types.built_in_structures import structure_of
from . import requests
from .requests import Place, Sent

Answer = Callable[[web.Request, Kind, Outcome, list[str]], web.StreamResponse]
Handler = Callable[[web.Request, Kind, Place], Awaitable[web.StreamResponse]]


class ScaleHandlers:
    """Answers requests on `.../scale` from a store; `answer` turns an outcome into a response."""

    def __init__(self, store: Store, answer: Answer) -> None:
        self._store = store
        self._answer = answer

    async def get(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        """Show the scale."""
        stored = present(self._store, kind, place.namespace or "", place.name)
        return self._answer(request, SCALE, Outcome.shown(scale_of(kind, stored.body)), [])

    async def put(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        """Take a whole Scale."""
        payload, options = await request.read(), "UpdateOptions"
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        manager = requests.field_manager(request.query, options, request.headers.get("User-Agent", ""))
        sent = requests.sent_object(SCALE, request.content_type, payload, mode)
        current = present(self._store, kind, place.namespace or "", place.name)
        managed = managed_when_scaled(self._store, kind, current, sent.body, manager)
        return self._change(request, kind, current, sent, managed, dry_run=dry_run, patch=False)

    async def patch(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        """Take a patch of the Scale, or an application to it."""
        payload, options = await request.read(), "PatchOptions"
        if request.content_type == APPLY_PATCH:
            return self._apply(request, kind, place, payload)
        requests.refuse_force(request.query)
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        manager = requests.field_manager(request.query, options, request.headers.get("User-Agent", ""))
        current = present(self._store, kind, place.namespace or "", place.name)
        document = patched(request.content_type, payload, _document(kind, current), structure_of(SCALE))
        sent = requests.patched_object(SCALE, document, mode)
        managed = managed_when_scaled(self._store, kind, current, sent.body, manager)
        return self._change(request, kind, current, sent, managed, dry_run=dry_run, patch=True)

    def _apply(self, request: web.Request, kind: Kind, place: Place, payload: bytes) -> web.StreamResponse:
        asked = apply_request(request.query, payload)
        current = present(self._store, kind, place.namespace or "", place.name)
        structure = structure_of(SCALE)
        check_configuration(SCALE, structure, asked.configuration)
        writer, moment = Writer(asked.manager, SCALE.api_version, SUBRESOURCE), timestamp(self._store.now())
        application = Application(asked.configuration, writer, moment, asked.force)
        entries = entries_of_scale(kind, current.managed)
        document, entries = decide(structure, _document(kind, current), entries, application)
        sent = Sent(requests.patched_object(SCALE, document, "Ignore").body, asked.warnings)
        managed = entries_of_object(kind, current.managed, entries)
        return self._change(request, kind, current, sent, managed, dry_run=asked.dry_run, patch=True)

    def _change(
        self,
        request: web.Request,
        kind: Kind,
        current: Stored,
        sent: Sent,
        managed: Entries,
        *,
        dry_run: bool,
        patch: bool,
    ) -> web.StreamResponse:
        refuse_if(SCALE, current.body["metadata"]["name"], scale_causes(sent.body))
        body = scaled(kind, current.body, sent.body)
        outcome = update(self._store, kind, current, body, patch=patch, dry_run=dry_run, managed=managed)
        shown = Outcome.shown(scale_of(kind, outcome.body), warnings=outcome.warnings)
        return self._answer(request, SCALE, shown, sent.warnings)

    @property
    def by_method(self) -> Mapping[str, Handler]:
        """The handlers, by HTTP method."""
        return {"GET": self.get, "PUT": self.put, "PATCH": self.patch}


def _document(kind: Kind, current: Stored) -> JsonObject:
    return {"kind": SCALE.kind, "apiVersion": SCALE.api_version, **scale_of(kind, current.body)}
