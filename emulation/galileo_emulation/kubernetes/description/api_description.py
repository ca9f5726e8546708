"""The HTTP shell of discovery and OpenAPI: what the server says of itself, with hashes by which clients cache it."""

import orjson
from aiohttp import web

from ..apiobjects import JsonObject
from . import discovery, openapi
from .discovery import Offer


class ApiDescription:
    """Answers /api, /apis, what is directly below them, and /openapi/v3."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._index: tuple[int, bytes] = (-1, b"")

    async def discover(self, request: web.Request) -> web.StreamResponse:
        """Answer /api, /apis, /apis/<group>, /api/v1 and /apis/<group>/<version>."""
        root, *names = request.path.strip("/").split("/")
        if not names:
            if "as=APIGroupDiscoveryList" in request.headers.get("Accept", ""):
                return self._aggregated(request, core=root == "api")
            known = discovery.core_versions(request.host) if root == "api" else discovery.groups(self._offer)
            return _json(known)
        group, version = (names[0], names[1] if len(names) > 1 else "") if root == "apis" else ("", names[0])
        groups = self._offer.groups()
        if group not in groups or version not in [*groups[group], ""]:
            return web.Response(status=404, text="404 page not found\n")
        if version:
            return _json(discovery.resources(self._offer, group, version))
        return _json(discovery.group(self._offer, group))

    def _aggregated(self, request: web.Request, *, core: bool) -> web.StreamResponse:
        body = discovery.encoded(discovery.aggregated(self._offer, core=core))
        headers = {"Etag": discovery.etag(body), "Vary": "Accept"}
        if request.headers.get("If-None-Match") == headers["Etag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers={"Content-Type": discovery.AGGREGATED, **headers})

    async def describe(self, request: web.Request) -> web.StreamResponse:
        """Answer /openapi/v3 and what is below it."""
        path = request.path.removeprefix("/openapi/v3").strip("/")
        if not path:
            return web.Response(body=self._listed(), content_type="text/plain", charset="utf-8")
        body = self._described(path)
        if not body:
            return web.Response(status=404, text="404 page not found\n")
        return web.Response(body=body, content_type="application/json", headers={"Etag": discovery.etag(body)})

    def _listed(self) -> bytes:
        """The index; its hashes need all descriptions, so it is kept until something else is offered."""
        if self._index[0] != self._offer.version:
            hashes = {known: discovery.etag(self._described(known)).strip('"') for known in openapi.paths(self._offer)}
            self._index = (self._offer.version, orjson.dumps(openapi.index(hashes)))
        return self._index[1]

    def _described(self, path: str) -> bytes:
        document = openapi.description(self._offer, path)
        return b"" if document is None else orjson.dumps(document)


def _json(document: JsonObject) -> web.Response:
    return web.Response(body=orjson.dumps(document), content_type="application/json")
