"""HTTP on the scale subresource: GET, PUT and PATCH (all three patch types) of an autoscaling/v1 Scale."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from . import requests
from .kind import Kind
from .outcome import Outcome, refuse_if
from .patches import patched
from .requests import Place, Sent
from .scale import SCALE, scale_causes, scale_of, scaled
from .store import Store
from .updates import present, update

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
        sent = requests.sent_object(SCALE, request.content_type, payload, mode)
        return self._change(request, kind, place, sent, dry_run=dry_run, patch=False)

    async def patch(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        """Take a patch of the Scale."""
        payload, options = await request.read(), "PatchOptions"
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        current = present(self._store, kind, place.namespace or "", place.name)
        whole = {"kind": SCALE.kind, "apiVersion": SCALE.api_version, **scale_of(kind, current.body)}
        sent = requests.patched_object(SCALE, patched(request.content_type, payload, whole), mode)
        return self._change(request, kind, place, sent, dry_run=dry_run, patch=True)

    def _change(
        self, request: web.Request, kind: Kind, place: Place, sent: Sent, *, dry_run: bool, patch: bool
    ) -> web.StreamResponse:
        current = present(self._store, kind, place.namespace or "", place.name)
        refuse_if(SCALE, place.name, scale_causes(sent.body))
        body = scaled(kind, current.body, sent.body)
        outcome = update(self._store, kind, current, body, patch=patch, dry_run=dry_run)
        shown = Outcome.shown(scale_of(kind, outcome.body), warnings=outcome.warnings)
        return self._answer(request, SCALE, shown, sent.warnings)

    @property
    def by_method(self) -> Mapping[str, Handler]:
        """The handlers, by HTTP method."""
        return {"GET": self.get, "PUT": self.put, "PATCH": self.patch}
