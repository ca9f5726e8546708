"""Starting and stopping the emulated API server on a port of this machine."""

from types import TracebackType

import orjson
from aiohttp import web

from ..access.request_access import access
from ..custom.follow import follow
from ..description.api_description import ApiDescription
from ..description.discovery import VERSION, Offer
from ..node_access import NodeAccess
from ..operations.creation import Admission, admit_everything
from ..storage.store import Store
from .handlers import Handlers
from .request_metrics import RequestMetrics

_LARGEST_BODY_BYTES = 3 * 1024 * 1024
# Open watches never end by themselves; at the end they are cut after this long.
_STOP_AFTER_S = 0.1


class ApiServer:
    """Serves a store over HTTP while its context lasts. Port 0 takes a free one; `url` tells which.

    `admit(plural, object)` is called for every object that is created over HTTP, before defaults and validation, and
    may change the object, as a mutating webhook would. `nodes` are asked for logs and measured use; without them there
    are none. Plain requests without credentials are the administrator's, unless `credentials_demanded`.
    """

    def __init__(
        self,
        store: Store,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        admit: Admission | None = None,
        nodes: NodeAccess | None = None,
        credentials_demanded: bool = False,
    ) -> None:
        follow(store)
        offer = Offer(store.catalog, measured=nodes is not None)
        self._host = host
        self._port = port
        self._handlers = Handlers(store, admit or admit_everything, offer, nodes)
        self._runner = web.AppRunner(
            _application(store, self._handlers, offer, credentials_demanded=credentials_demanded),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=_STOP_AFTER_S,
        )

    @property
    def url(self) -> str:
        """http://host:port. Only known while the server runs; raises RuntimeError before."""
        if not self._runner.addresses:
            raise RuntimeError("the API server has no address before it is started: enter its context first")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> "ApiServer":
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        await self._handlers.close()


async def _ok(request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _version(request: web.Request) -> web.Response:
    return web.Response(body=orjson.dumps(VERSION), content_type="application/json")


def _application(store: Store, handlers: Handlers, offer: Offer, *, credentials_demanded: bool) -> web.Application:
    metrics, description = RequestMetrics(), ApiDescription(offer)

    async def numbers(request: web.Request) -> web.Response:
        return web.Response(text=metrics.page(store), content_type="text/plain")

    check = access(store, metrics, credentials_demanded=credentials_demanded)
    application = web.Application(client_max_size=_LARGEST_BODY_BYTES, middlewares=[check])
    for path in ("/healthz", "/readyz", "/livez"):
        application.router.add_get(path, _ok)
    application.router.add_get("/metrics", numbers)
    # As on a real server, what the server says of itself stands at paths with and without a slash at their end.
    # Below, where the kinds are, slashes at the end mean nothing either (requests.place).
    for end in ("", "/"):
        application.router.add_get(f"/version{end}", _version)
        for path in ("/api", "/apis", "/api/{version}", "/apis/{group}", "/apis/{group}/{version}"):
            application.router.add_get(f"{path}{end}", description.discover)
    for path in ("/openapi/v3", "/openapi/v3/{rest:.*}"):
        application.router.add_get(path, description.describe)
    application.router.add_route("*", "/api/{rest:.*}", handlers.resource)
    application.router.add_route("*", "/apis/{rest:.*}", handlers.resource)
    return application
