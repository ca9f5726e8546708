"""The HTTP shell: from a request to an operation, and from its outcome to an answer.

What is decided, is decided in creation, updates, deletion, binding, listing and watches. Here a request's path and
method choose among them. A request's body is read before anything else is looked at, and there is no await between
reading the store and changing it, so every operation is atomic.
"""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from . import discovery, openapi, requests
from .apiobjects import JsonObject
from .binding import bind
from .creation import Admission, create
from .deletion import delete
from .errors import (
    ApiError,
    Cause,
    invalid,
    method_not_allowed,
    no_such_resource,
    not_found,
    resource_details,
    success,
)
from .kind import Kind
from .listing import ListRequest, page
from .outcome import Outcome
from .patches import patched
from .representation import Presenter, negotiate
from .requests import Place
from .selectors import Selection, select
from .store import Store
from .updates import Part, present, update
from .watches import Watch, watch_request

# A client that does not take what is written to it for so long is cut off; it lists again when it comes back.
WRITE_TIMEOUT_S = 30.0

Handler = Callable[[web.Request, Kind, Place], Awaitable[web.StreamResponse]]


class Handlers:
    """Answers requests from a store. `admit` sees every object that is created over HTTP."""

    def __init__(self, store: Store, admit: Admission) -> None:
        self._store = store
        self._admit = admit

    async def resource(self, request: web.Request) -> web.StreamResponse:
        """Answer a request below /api/ or /apis/."""
        try:
            return await self._route(request)
        except ApiError as error:
            response = _json(error.status, error.code)
            if error.details and "retryAfterSeconds" in error.details:
                response.headers["Retry-After"] = str(error.details["retryAfterSeconds"])
            return response

    async def _route(self, request: web.Request) -> web.StreamResponse:
        place = requests.place(request.path)
        versions = self._store.catalog.group_versions()
        if place is None or place.version not in versions.get(place.group, []):
            return web.Response(status=404, text="404 page not found\n")
        if (place.group, place.plural, place.name) == ("", "bindings", "") and place.namespace:
            return await self._post_binding(request, place.namespace, "")
        kind = self._store.catalog.find(place.group, place.version, place.plural)
        if kind is None or (place.namespace is not None and not kind.namespaced):
            raise no_such_resource()
        handler = self._handler(request.method, kind, place)
        return await handler(request, kind, place)

    def _handler(self, method: str, kind: Kind, place: Place) -> Handler:
        if place.subresource:
            if place.subresource not in kind.subresources:
                raise no_such_resource()
            by_method = self._on_subresource[place.subresource]
        elif place.name:
            by_method = self._on_object
        else:
            by_method = self._on_collection
        addressed = not kind.namespaced or place.namespace is not None
        handler = by_method.get(method)
        if handler is None or not (addressed or (method == "GET" and not place.name)):
            raise method_not_allowed()
        if handler == self._delete_collection and not kind.deletes_collections:
            raise method_not_allowed()
        return handler

    @property
    def _on_subresource(self) -> dict[str, dict[str, Handler]]:
        return {
            "binding": {"POST": self._bind},
            "status": {"GET": self._get, "PUT": self._put, "PATCH": self._patch},
        }

    @property
    def _on_object(self) -> dict[str, Handler]:
        return {"GET": self._get, "PUT": self._put, "PATCH": self._patch, "DELETE": self._delete}

    @property
    def _on_collection(self) -> dict[str, Handler]:
        return {"GET": self._list, "POST": self._post, "DELETE": self._delete_collection}

    # Reading

    async def _get(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        presenter = self._presenter(request, kind)
        stored = present(self._store, kind, place.namespace or "", place.name)
        return _body(presenter.one(stored.body, stored.encoded))

    async def _list(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        presenter, query = self._presenter(request, kind), request.query
        selection = _selection(request, kind)
        if requests.flag(query, "watch"):
            return await self._watch(request, kind, place, presenter, selection)
        asked = ListRequest(
            limit=requests.number(query, "limit") or 0,
            token=query.get("continue", ""),
            version=query.get("resourceVersion", ""),
            match=query.get("resourceVersionMatch", ""),
        )
        return _body(presenter.many(page(self._store, kind, _space(kind, place), selection, asked)))

    async def _watch(
        self, request: web.Request, kind: Kind, place: Place, presenter: Presenter, selection: Selection
    ) -> web.StreamResponse:
        query = request.query
        asked = watch_request(
            version=query.get("resourceVersion", ""),
            match=query.get("resourceVersionMatch", ""),
            send_initial=query.get("sendInitialEvents", ""),
            bookmarks=requests.flag(query, "allowWatchBookmarks"),
            timeout_s=requests.number(query, "timeoutSeconds"),
        )
        watch = Watch(self._store, kind, _space(kind, place), selection, presenter.event_object)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            async for piece in watch.lines(asked):
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await response.write(piece)
            await response.write_eof()
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
        return response

    # Writing

    async def _post(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        payload, options = await request.read(), "CreateOptions"
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        sent = requests.sent_object(kind, request.content_type, payload, mode)
        outcome = create(self._store, kind, place.namespace or "", sent.body, admit=self._admit, dry_run=dry_run)
        return self._answer(request, kind, outcome, sent.warnings)

    async def _put(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        payload, options = await request.read(), "UpdateOptions"
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        sent = requests.sent_object(kind, request.content_type, payload, mode)
        space = place.namespace or ""
        current = self._store.get(kind, space, place.name)
        if current is not None:
            if not kind.unconditional_put and not sent.body.get("metadata", {}).get("resourceVersion"):
                raise _version_required(kind, place.name)
            outcome = update(self._store, kind, current, sent.body, part=_part(place), dry_run=dry_run)
        elif kind.creates_on_put and not place.subresource:
            sent.body.setdefault("metadata", {}).setdefault("name", place.name)
            outcome = create(self._store, kind, space, sent.body, admit=self._admit, dry_run=dry_run)
        else:
            raise not_found(kind, place.name)
        return self._answer(request, kind, outcome, sent.warnings)

    async def _patch(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        payload, options = await request.read(), "PatchOptions"
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        current = present(self._store, kind, place.namespace or "", place.name)
        whole = {"kind": kind.kind, "apiVersion": kind.api_version, **current.body}
        sent = requests.patched_object(kind, patched(request.content_type, payload, whole), mode)
        outcome = update(self._store, kind, current, sent.body, part=_part(place), patch=True, dry_run=dry_run)
        return self._answer(request, kind, outcome, sent.warnings)

    async def _delete(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        asked = requests.deletion(request.query, await request.read())
        current = present(self._store, kind, place.namespace or "", place.name)
        outcome, gone = delete(self._store, kind, current, asked)
        if kind.deletion == "status" and gone:
            details = resource_details(kind, place.name)
            return _json(success(200, {**details, "uid": current.body["metadata"]["uid"]}))
        return self._answer(request, kind, outcome, [])

    async def _delete_collection(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        asked = requests.deletion(request.query, await request.read())
        presenter, selection = self._presenter(request, kind), _selection(request, kind)
        found = page(self._store, kind, _space(kind, place), selection, ListRequest())
        for stored in found.items:
            delete(self._store, kind, stored, asked)
        return _body(presenter.many(found))

    async def _bind(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        return await self._post_binding(request, place.namespace or "", place.name)

    async def _post_binding(self, request: web.Request, namespace: str, name: str) -> web.StreamResponse:
        if request.method != "POST":
            raise method_not_allowed()
        binding = requests.plain_object(await request.read(), "Binding")
        dry_run = requests.dry_run(request.query, "CreateOptions")
        pod_name = name or binding.get("metadata", {}).get("name", "")
        bind(self._store, namespace, pod_name, binding, dry_run=dry_run)
        return _json(success(201), 201)

    # Answering

    def _presenter(self, request: web.Request, kind: Kind) -> Presenter:
        form = negotiate(request.headers.get("Accept", ""))
        return Presenter(kind, form, include=request.query.get("includeObject", ""), now=self._store.now)

    def _answer(self, request: web.Request, kind: Kind, outcome: Outcome, warnings: list[str]) -> web.Response:
        presenter = self._presenter(request, kind)
        response = _body(presenter.one(outcome.body, outcome.encoded), outcome.code)
        for warning in [*warnings, *outcome.warnings]:
            quoted = warning.replace("\\", "\\\\").replace('"', '\\"')
            response.headers.add("Warning", f'299 - "{quoted}"')
        return response

    async def discover(self, request: web.Request) -> web.StreamResponse:
        """Answer /api, /apis, /apis/<group>, /api/v1 and /apis/<group>/<version>."""
        root, *names = request.path.strip("/").split("/")
        catalog = self._store.catalog
        if not names:
            if "as=APIGroupDiscoveryList" in request.headers.get("Accept", ""):
                body = orjson.dumps(discovery.aggregated(catalog, core=root == "api"))
                return web.Response(body=body, headers={"Content-Type": discovery.AGGREGATED, "Vary": "Accept"})
            known = discovery.core_versions(request.host) if root == "api" else discovery.groups(catalog)
            return _json(known)
        group, version = (names[0], names[1] if len(names) > 1 else "") if root == "apis" else ("", names[0])
        if version not in [*catalog.group_versions().get(group, []), ""] or group not in catalog.group_versions():
            return web.Response(status=404, text="404 page not found\n")
        return _json(discovery.resources(catalog, group, version) if version else discovery.group(catalog, group))

    async def describe(self, request: web.Request) -> web.StreamResponse:
        """Answer /openapi/v3 and what is below it."""
        path = request.path.removeprefix("/openapi/v3").strip("/")
        catalog = self._store.catalog
        document = openapi.description(catalog, path) if path else openapi.index(catalog)
        if document is None:
            return web.Response(status=404, text="404 page not found\n")
        return _json(document)


def _selection(request: web.Request, kind: Kind) -> Selection:
    query = request.query
    return select(kind, query.get("labelSelector", ""), query.get("fieldSelector", ""))


def _space(kind: Kind, place: Place) -> str | None:
    return place.namespace if kind.namespaced else ""


def _part(place: Place) -> Part:
    return "status" if place.subresource == "status" else ""


def _version_required(kind: Kind, name: str) -> ApiError:
    cause = Cause("FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion")
    return invalid(kind.plural, kind.group, name, [cause])


def _body(encoded: bytes, code: int = 200) -> web.Response:
    return web.Response(body=encoded, status=code, content_type="application/json")


def _json(document: JsonObject, code: int = 200) -> web.Response:
    return _body(orjson.dumps(document), code)
