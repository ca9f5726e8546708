"""The HTTP shell of kinds without stored objects: reviews are answered, measured use is read from the nodes."""

import orjson
from aiohttp import web

from ..access.request_access import USER, grants
from ..access.reviews import review
from ..apiobjects import JsonObject
from ..description.measured_use import measured, measured_one
from ..description.virtual_kinds import MEASURED, REPLICATION_CONTROLLERS
from ..errors import ApiError, method_not_allowed, not_found
from ..kind import Kind
from ..node_access import NodeAccess
from ..selectors import select
from ..storage.store import Store
from . import requests
from .requests import Place


class VirtualHandlers:
    """Answers requests to the kinds of virtual_kinds.py, but for bindings."""

    def __init__(self, store: Store, nodes: NodeAccess | None) -> None:
        self._store = store
        self._nodes = nodes

    async def answer(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        """Answer a request. Raises ApiError."""
        if kind in MEASURED:
            return self._measured(request, kind, place)
        if kind is REPLICATION_CONTROLLERS:
            return self._none_of(request, kind, place)
        if request.method != "POST" or place.name or (place.namespace is not None) != kind.namespaced:
            raise method_not_allowed()
        mode = requests.validation_mode(request.query, "CreateOptions")
        sent = requests.sent_object(kind, request.content_type, await request.read(), mode)
        answered = review(kind, sent.body, request[USER], grants(self._store), place.namespace or "")
        return _json(answered, 201)

    def _none_of(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        if request.method != "GET" or requests.flag(request.query, "watch"):
            text = f"{kind.plural} are not emulated, and there is none: use a replica set or a deployment"
            raise ApiError(405, "MethodNotAllowed", text)
        if place.name:
            raise not_found(kind, place.name)
        metadata = {"resourceVersion": str(self._store.version)}
        return _json({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata, "items": []})

    def _measured(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        if request.method != "GET" or place.subresource:
            raise method_not_allowed()
        if self._nodes is None:
            raise ApiError(503, "ServiceUnavailable", "no node reports its use")
        if place.name:
            return _json(measured_one(self._store, self._nodes, kind, place.namespace, place.name))
        query = request.query
        selection = select(kind, query.get("labelSelector", ""), query.get("fieldSelector", ""))
        return _json(measured(self._store, self._nodes, kind, place.namespace, selection))


def _json(document: JsonObject, code: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(document), status=code, content_type="application/json")
