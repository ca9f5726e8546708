"""Between the HTTP shell and the webhooks: which requests are reviewed, and what goes back with the answer."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from ..apiobjects import JsonObject
from ..http.requests import Place
from ..http.warning_headers import add_warnings
from ..kind import Kind
from .admission import Admissions, sent_body
from .attributes import Attributes, options_of

_WRITING = ("POST", "PUT", "PATCH", "DELETE")

Handler = Callable[[web.Request, Kind, Place], Awaitable[web.StreamResponse]]


def _named(kind: Kind, subresource: str, body: JsonObject | None) -> JsonObject | None:
    """What is sent to a subresource, which need not say what it is."""
    part = kind.subresources[subresource]
    version = f"{part.group}/{part.version}" if part.group else "v1"
    return None if body is None else {"kind": part.kind, "apiVersion": version, **body}


class ReviewedRequests:
    """Runs requests, reviewed where there are webhooks."""

    def __init__(self, admissions: Admissions) -> None:
        self._admissions = admissions

    async def run(self, request: web.Request, kind: Kind, place: Place, handler: Handler) -> web.StreamResponse:
        """Answer a request. Raises ApiError."""
        if request.method not in _WRITING or not self._admissions.needed:
            return await handler(request, kind, place)
        payload = await request.read()
        if request.method == "POST" and place.subresource:
            attributes = Attributes(
                operation="CREATE",
                kind=kind,
                subresource=place.subresource,
                namespace=place.namespace or "",
                name=place.name,
                body=_named(kind, place.subresource, sent_body(payload)),
                old=None,
                dry_run="dryRun" in request.query,
                options={"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", **options_of(request.query, None)},
            )
            warnings = await self._admissions.review_sent(attributes)
            response = await handler(request, kind, place)
        else:
            sent = sent_body(payload) if request.method == "DELETE" else None
            response, warnings = await self._admissions.reviewed(
                place.subresource, options_of(request.query, sent), lambda: handler(request, kind, place)
            )
        add_warnings(response, warnings)
        return response
