"""Before any request is answered: who asks, whether they may, and afterwards what it came to.

    credentials -> user (identity.py) -> roles (authorization.py) -> handler -> numbers (request_metrics.py)

Health, version and readiness are open to everybody, as on a real server.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web
from aiohttp.typedefs import Middleware

from ..errors import ApiError
from ..http import requests
from ..http.request_metrics import RequestMetrics
from ..kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES
from ..storage.store import Store
from .authorization import Action, Grants, allowed_by
from .identity import User, identify

USER = web.RequestKey("user", User)
"""Who a request is from."""

# How the numbers name requests whose clients did not wait for the answer.
_CLIENT_LEFT = 499
_OPEN = ("/healthz", "/livez", "/readyz", "/version")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def access(store: Store, metrics: RequestMetrics, *, credentials_demanded: bool) -> Middleware:
    """The middleware over all handlers of a server."""

    @web.middleware
    async def check(request: web.Request, handler: Answer) -> web.StreamResponse:
        started = time.perf_counter()
        action = action_of(request)
        watching = action.verb == "watch"
        metrics.watchers += watching
        code = 500
        try:
            response = await _checked(request, handler, action, store, demanded=credentials_demanded)
            code = response.status
            return response
        except web.HTTPException as error:
            code = error.status
            raise
        except asyncio.CancelledError:
            code = _CLIENT_LEFT
            raise
        finally:
            metrics.watchers -= watching
            if not watching:
                seconds = time.perf_counter() - started
                metrics.note(verb=action.verb, resource=action.full_resource, code=code, seconds=seconds)

    return check


async def _checked(
    request: web.Request, answer: Answer, action: Action, store: Store, *, demanded: bool
) -> web.StreamResponse:
    if request.path.rstrip("/") in _OPEN:
        return await answer(request)
    try:
        user = identify(request.headers, tuple(request.headers.getall("Impersonate-Group", ())), demanded=demanded)
        if not user.is_administrator and allowed_by(user, action, grants(store)) is None:
            raise _forbidden(user, action)
    except ApiError as error:
        return web.Response(body=orjson.dumps(error.status), status=error.code, content_type="application/json")
    request[USER] = user
    return await answer(request)


def action_of(request: web.Request) -> Action:
    """What a request wants to do."""
    place = requests.place(request.path)
    if place is None:
        return Action(verb=request.method.lower(), path=request.path)
    match request.method:
        case "GET" | "HEAD" if place.name:
            verb = "get"
        case "GET" | "HEAD":
            verb = "watch" if request.query.get("watch", "") in ("true", "1") else "list"
        case "DELETE":
            verb = "delete" if place.name else "deletecollection"
        case method:
            verb = _VERBS.get(method, method.lower())
    return Action(
        verb=verb,
        group=place.group,
        resource=place.plural,
        subresource=place.subresource,
        namespace=place.namespace or "",
        name=place.name,
    )


def grants(store: Store) -> Grants:
    """The roles and bindings that are stored now."""
    return Grants(
        cluster_role_bindings=[stored.body for stored in store.objects(CLUSTER_ROLE_BINDINGS, "").values()],
        role_bindings=[stored.body for stored in store.objects(ROLE_BINDINGS, None).values()],
        role=lambda namespace, name: _role(store, namespace, name),
    )


def _role(store: Store, namespace: str, name: str) -> dict[str, object] | None:
    stored = store.get(ROLES if namespace else CLUSTER_ROLES, namespace, name)
    return stored.body if stored else None


def _forbidden(user: User, action: Action) -> ApiError:
    if action.path:
        message = f'forbidden: User "{user.name}" cannot {action.verb} path "{action.path}"'
        return ApiError(403, "Forbidden", message, {})
    details = {"name": action.name} if action.name else {}
    if action.group:
        details["group"] = action.group
    where = f'in the namespace "{action.namespace}"' if action.namespace else "at the cluster scope"
    resource = f"{action.resource}.{action.group}" if action.group else action.resource
    message = (f'{resource} "{action.name}" is forbidden: ' if action.name else f"{resource} is forbidden: ") + (
        f'User "{user.name}" cannot {action.verb} resource "{action.full_resource}" in API group '
        f'"{action.group}" {where}'
    )
    return ApiError(403, "Forbidden", message, {**details, "kind": action.resource})
