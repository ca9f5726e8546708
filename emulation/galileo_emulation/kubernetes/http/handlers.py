"""The HTTP shell: from a request to an operation, and from its outcome to an answer.

What is decided, is decided in creation, updates, deletion, binding, listing and watches. Here a request's path and
method choose among them. A request's body is read before anything else is looked at, and there is no await between
reading the store and changing it, so every operation is atomic.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import orjson
from aiohttp import web

from ..apiobjects import JsonObject
from ..description.discovery import Offer
from ..description.virtual_kinds import BINDINGS
from ..errors import (
    ApiError,
    Cause,
    invalid,
    method_not_allowed,
    no_such_resource,
    not_found,
    resource_details,
    success,
)
from ..kind import Kind
from ..managers.applying import apply, apply_request
from ..managers.managed_fields import as_objects
from ..node_access import NodeAccess
from ..operations.binding import bind
from ..operations.creation import Admission, create
from ..operations.deletion import delete, review_deletion
from ..operations.eviction import evict
from ..operations.outcome import Outcome
from ..operations.parts import Part
from ..operations.patches import APPLY_PATCH, patched, tells_of_managers
from ..operations.protected_namespaces import refuse_protected
from ..operations.updates import present, update
from ..selectors import Selection, select
from ..storage.listing import ListRequest, page
from ..storage.store import Store
from ..storage.watches import Watch, watch_request
from ..types.built_in_structures import structure_of
from ..webhooks.admission import Admissions
from ..webhooks.http import ReviewedRequests
from . import requests
from .large_answers import LARGE_BYTES, send_large
from .log_stream import send_log
from .not_emulated import NOT_EMULATED
from .pod_logs import log_request
from .representation import Presenter, negotiate
from .requests import Place
from .scale_handlers import ScaleHandlers
from .virtual_handlers import VirtualHandlers
from .warning_headers import add_warnings

# A client that does not take what is written to it for so long is cut off; it lists again when it comes back.
WRITE_TIMEOUT_S = 30.0


Handler = Callable[[web.Request, Kind, Place], Awaitable[web.StreamResponse]]


class Handlers:
    """Answers requests from a store. `admit` sees every object that is created over HTTP; `nodes` have the logs."""

    def __init__(self, store: Store, admit: Admission, offer: Offer, nodes: NodeAccess | None) -> None:
        self._store = store
        self._admit = admit
        self._offer = offer
        self._nodes = nodes
        self._virtual = VirtualHandlers(store, nodes)
        self._scale = ScaleHandlers(store, self._answer)
        self._admissions = Admissions(store)
        self._reviewed = ReviewedRequests(self._admissions)

    async def close(self) -> None:
        """End the connections to webhooks."""
        await self._admissions.close()

    async def resource(self, request: web.Request) -> web.StreamResponse:
        """Answer a request below /api/ or /apis/."""
        try:
            return await self._route(request)
        except ApiError as error:
            response = _json(error.status, error.code)
            add_warnings(response, error.warnings)
            if error.details and "retryAfterSeconds" in error.details:
                response.headers["Retry-After"] = str(error.details["retryAfterSeconds"])
            return response

    async def _route(self, request: web.Request) -> web.StreamResponse:
        place = requests.place(request.path)
        if place is None:
            return web.Response(status=404, text="404 page not found\n")
        kind = self._store.catalog.find(place.group, place.version, place.plural)
        if kind is None:
            return await self._route_virtual(request, place)
        if place.namespace is not None and not kind.namespaced:
            raise no_such_resource()
        handler = self._handler(request.method, kind, place)
        response = await self._reviewed.run(request, kind, place, handler)
        if kind.deprecation and not response.prepared:
            add_warnings(response, [kind.deprecation])
        return response

    async def _route_virtual(self, request: web.Request, place: Place) -> web.StreamResponse:
        kind = self._offer.find_virtual(place.group, place.version, place.plural)
        if kind is BINDINGS and place.namespace and not place.name:
            return await self._post_binding(request, place.namespace, "")
        if kind is not None and kind is not BINDINGS:
            return await self._virtual.answer(request, kind, place)
        if place.version not in self._offer.groups().get(place.group, []):
            return web.Response(status=404, text="404 page not found\n")
        raise no_such_resource()

    def _handler(self, method: str, kind: Kind, place: Place) -> Handler:
        if place.subresource:
            if place.subresource in NOT_EMULATED:
                raise ApiError(501, None, NOT_EMULATED[place.subresource])
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
        if handler == self._post and kind.custom is not None and kind.custom.terminating:
            raise method_not_allowed()
        return handler

    @property
    def _on_subresource(self) -> dict[str, Mapping[str, Handler]]:
        return {
            "binding": {"POST": self._bind},
            "log": {"GET": self._log},
            "eviction": {"POST": self._evict},
            "scale": self._scale.by_method,
            "finalize": {"PUT": self._put},
            **dict.fromkeys(("status", "resize", "ephemeralcontainers"), self._on_part),
        }

    @property
    def _on_part(self) -> Mapping[str, Handler]:
        return {"GET": self._get, "PUT": self._put, "PATCH": self._patch}

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
        return _body(presenter.one(stored.body, stored.encoded, stored.managed))

    async def _log(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        pod = present(self._store, kind, place.namespace or "", place.name)
        return await send_log(request, self._nodes, log_request(pod.body, request.query, self._store.now()))

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
        encoded = presenter.many(page(self._store, kind, _space(kind, place), selection, asked))
        if len(encoded) >= LARGE_BYTES:
            return await send_large(request, encoded, patience_s=WRITE_TIMEOUT_S)
        return _body(encoded)

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
        watch = Watch(self._store, kind, _space(kind, place), selection, presenter.event_object, presenter.shared_form)
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
        manager = requests.field_manager(request.query, options, request.headers.get("User-Agent", ""))
        space = place.namespace or ""
        outcome = create(self._store, kind, space, sent.body, admit=self._admit, dry_run=dry_run, manager=manager)
        return self._answer(request, kind, outcome, sent.warnings)

    async def _put(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        payload, options = await request.read(), "UpdateOptions"
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        sent = requests.sent_object(kind, request.content_type, payload, mode)
        manager = requests.field_manager(request.query, options, request.headers.get("User-Agent", ""))
        space = place.namespace or ""
        current = self._store.get(kind, space, place.name)
        if current is not None:
            if not kind.unconditional_put and not sent.body.get("metadata", {}).get("resourceVersion"):
                raise _version_required(kind, place.name)
            outcome = update(self._store, kind, current, sent.body, part=_part(place), dry_run=dry_run, manager=manager)
        elif kind.creates_on_put and not place.subresource:
            sent.body.setdefault("metadata", {}).setdefault("name", place.name)
            outcome = create(self._store, kind, space, sent.body, admit=self._admit, dry_run=dry_run, manager=manager)
        else:
            raise not_found(kind, place.name)
        return self._answer(request, kind, outcome, sent.warnings)

    async def _patch(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        payload, options = await request.read(), "PatchOptions"
        if request.content_type == APPLY_PATCH:
            return self._apply(request, kind, place, payload)
        requests.refuse_force(request.query)
        dry_run = requests.dry_run(request.query, options)
        mode = requests.validation_mode(request.query, options)
        manager = requests.field_manager(request.query, options, request.headers.get("User-Agent", ""))
        current = present(self._store, kind, place.namespace or "", place.name)
        whole = {"kind": kind.kind, "apiVersion": kind.api_version, **kind.shown(current.body)}
        if current.managed and tells_of_managers(request.content_type, payload):
            whole["metadata"] = {**whole["metadata"], "managedFields": as_objects(current.managed)}
        strategic = kind.custom is None
        document = patched(request.content_type, payload, whole, structure_of(kind), strategic=strategic)
        sent = requests.patched_object(kind, document, mode)
        outcome = update(
            self._store, kind, current, sent.body, part=_part(place), patch=True, dry_run=dry_run, manager=manager
        )
        return self._answer(request, kind, outcome, sent.warnings)

    def _apply(self, request: web.Request, kind: Kind, place: Place, payload: bytes) -> web.StreamResponse:
        asked = apply_request(request.query, payload)
        space, part = place.namespace or "", _part(place)
        outcome = apply(self._store, kind, space, place.name, asked, part=part, admit=self._admit)
        return self._answer(request, kind, outcome, asked.warnings)

    async def _delete(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        asked = requests.deletion(request.query, await request.read())
        current = present(self._store, kind, place.namespace or "", place.name)
        refuse_protected(kind, place.name)
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
            review_deletion(self._store, kind, stored, dry_run=asked.dry_run)
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

    async def _evict(self, request: web.Request, kind: Kind, place: Place) -> web.StreamResponse:
        eviction = requests.plain_object(await request.read(), "Eviction")
        dry_run = requests.dry_run(request.query, "CreateOptions")
        evict(self._store, place.namespace or "", place.name, eviction, dry_run=dry_run)
        return _json(success(201), 201)

    # Answering

    def _presenter(self, request: web.Request, kind: Kind) -> Presenter:
        form = negotiate(request.headers.get("Accept", ""))
        return Presenter(kind, form, include=request.query.get("includeObject", ""), now=self._store.now)

    def _answer(self, request: web.Request, kind: Kind, outcome: Outcome, warnings: list[str]) -> web.Response:
        presenter = self._presenter(request, kind)
        response = _body(presenter.one(outcome.body, outcome.encoded, outcome.managed), outcome.code)
        add_warnings(response, [*warnings, *outcome.warnings])
        return response


def _selection(request: web.Request, kind: Kind) -> Selection:
    query = request.query
    return select(kind, query.get("labelSelector", ""), query.get("fieldSelector", ""))


def _space(kind: Kind, place: Place) -> str | None:
    return place.namespace if kind.namespaced else ""


def _part(place: Place) -> Part:
    match place.subresource:
        case "status" | "resize" | "ephemeralcontainers" | "finalize" as part:
            return part
        case _:
            return ""


def _version_required(kind: Kind, name: str) -> ApiError:
    cause = Cause("FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion")
    return invalid(kind.plural, kind.group, name, [cause])


def _body(encoded: bytes, code: int = 200) -> web.Response:
    return web.Response(body=encoded, status=code, content_type="application/json")


def _json(document: JsonObject, code: int = 200) -> web.Response:
    return _body(orjson.dumps(document), code)
