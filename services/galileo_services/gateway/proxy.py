"""The gateway's handler for functions: choose a target, hand the request on, hand the answer back.

A target that cannot be reached got nothing, so the request goes to another one, once. In every other failure the
function may have begun its work, and the caller decides whether to ask again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

import orjson
from galileo_backends.http import ConnectFailed, Headers, HttpClient, HttpError, Request, Response, TimedOut

from galileo_services.gateway.forwarding_headers import (
    FORWARDED_FOR,
    FORWARDED_HOST,
    request_headers,
    response_headers,
)
from galileo_services.gateway.routing import NoRoute, Route, reroute, route
from galileo_services.gateway.weight_table import WeightTable, split_address

_log = logging.getLogger(__name__)


class Proxy:
    """Forwards requests as the gateway on `node`.

    `client` should be bound to the node's address. `now` gives unix seconds. `timeout_s`: for a target's answer.
    `counts` has, by name: forwarded (a target answered), retried, and refused_404, refused_503, failed_502, failed_504
    (answered by the gateway itself).
    """

    def __init__(
        self, *, node: str, table: WeightTable, client: HttpClient, now: Callable[[], float], timeout_s: float
    ) -> None:
        self._node = node
        self._table = table
        self._client = client
        self._now = now
        self._timeout_s = timeout_s
        self.counts: Counter[str] = Counter()

    async def forward(self, request: Request) -> Response:
        """Answer one request for /function/…; never raises for what a target does."""
        chosen = route(request.target, self._table, forwarded=FORWARDED_FOR in request.headers)
        if isinstance(chosen, NoRoute):
            self.counts[f"refused_{chosen.status}"] += 1
            return error_response(chosen.status, chosen.reason)
        try:
            response = await self._try(request, chosen)
        except TimedOut as error:
            return self._failed(504, error)
        except HttpError as error:
            return self._failed(502, error)
        self.counts["forwarded"] += 1
        return response

    async def _try(self, request: Request, chosen: Route) -> Response:
        try:
            return await self._ask(request, chosen)
        except ConnectFailed as error:
            other = reroute(chosen, self._table, {chosen.address})
            if other is None:
                raise
            self.counts["retried"] += 1
            _log.info("%s; trying %s", error, other.address)
            return await self._ask(request, other)

    async def _ask(self, request: Request, chosen: Route) -> Response:
        host, port = split_address(chosen.address)
        sent = request_headers(request.headers, node=self._node, address=chosen.address, now_s=self._now())
        response = await self._client.request(
            request.method, host, port, chosen.target, sent, request.body, timeout_s=self._timeout_s
        )
        by_gateway = self._table.is_gateway(chosen.address)
        headers = response_headers(response.headers, sent, node=self._node, by_gateway=by_gateway)
        return Response(response.status, headers, response.body)

    def _failed(self, status: int, error: HttpError) -> Response:
        self.counts[f"failed_{status}"] += 1
        response = error_response(status, str(error))
        response.headers.set(FORWARDED_FOR, self._node)
        response.headers.set(f"{FORWARDED_HOST}{self._node}", f"{self._now():.7f}")
        return response


def error_response(status: int, reason: str) -> Response:
    """An answer of the gateway itself: one line of JSON, {"error": reason}."""
    return Response(status, Headers([("Content-Type", "application/json")]), orjson.dumps({"error": reason}) + b"\n")
