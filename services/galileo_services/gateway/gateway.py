"""A zone's gateway: the address that clients ask for functions.

    GET  /healthz                         200 while it serves
    GET  /gateway/weights                 what it knows, as JSON
    any  /function/<function>[/<path>]    forwarded, see proxy.py

It begins with an empty table: whoever wires it watches etcd, says which addresses are gateways and which functions
there are, and starts it only when all of that is known. A function without a replica is answered 503, one that
nobody knows 404.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import orjson
from galileo_backends.http import Headers, HttpClient, Request, Response, Server, serve

from galileo_services.gateway.proxy import Proxy, error_response
from galileo_services.gateway.weight_table import InvalidWeights, WeightTable

_log = logging.getLogger(__name__)


class Gateway:
    """One gateway on one node.

    `node` and `zone`: where it is. `host` and `port`: where it listens (port 0: a free one). `advertised`: the
    host:port that other gateways and the weight table know it by; it is never a target of itself. `client`: bound to
    the node's address; the gateway takes it over and closes it. `now`: unix seconds. `timeout_s`: what a target has to
    answer.
    """

    def __init__(
        self,
        *,
        node: str,
        zone: str,
        host: str,
        port: int,
        advertised: str,
        client: HttpClient,
        now: Callable[[], float],
        timeout_s: float = 30.0,
    ) -> None:
        self.node = node
        self.zone = zone
        self.table = WeightTable(zone, own_address=advertised)
        self.refused_weights = 0
        self._host = host
        self._port = port
        self._client = client
        self._proxy = Proxy(node=node, table=self.table, client=client, now=now, timeout_s=timeout_s)
        self._server: Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on, once started."""
        return self._server.port if self._server is not None else self._port

    @property
    def counts(self) -> dict[str, int]:
        """How many requests were forwarded, retried, refused and failed (see Proxy), and weights refused."""
        return {**self._proxy.counts, "refused_weights": self.refused_weights}

    async def start(self) -> None:
        """Listen. Raises OSError if the address is taken."""
        self._server = await serve(self._handle, host=self._host, port=self._port, name=f"gateway {self.node}")

    async def stop(self, grace_s: float = 5.0) -> None:
        """Stop accepting, let requests in hand finish for at most `grace_s` seconds, close all connections."""
        if self._server is not None:
            await self._server.close(grace_s)
        await self._client.close()

    def apply(self, key: str, value: bytes | None) -> None:
        """Take a change from etcd (None: deleted). A wrong value is logged and counted, and changes nothing."""
        try:
            self.table.apply(key, value)
        except InvalidWeights as error:
            self.refused_weights += 1
            _log.warning("gateway %s keeps its weights: %s", self.node, error)

    def set_gateways(self, addresses: set[str]) -> None:
        """Say which addresses (host:port) are gateways, in all zones; others are taken for pods."""
        self.table.set_gateways(addresses)

    async def _handle(self, request: Request) -> Response:
        path = request.target.partition("?")[0]
        if path not in ("/healthz", "/gateway/weights"):
            return await self._proxy.forward(request)
        if request.method not in ("GET", "HEAD"):
            response = error_response(405, f"{path} answers GET, not {request.method}")
            response.headers.set("Allow", "GET, HEAD")
            return response
        return _json({"status": "ok"} if path == "/healthz" else self._shown_weights())

    def _shown_weights(self) -> dict[str, object]:
        functions = {
            name: {"ips": targets.weights.ips, "weights": targets.weights.weights}
            for name, targets in sorted(self.table.functions.items())
        }
        return {"node": self.node, "zone": self.zone, "functions": functions, "counts": self.counts}


def _json(content: dict[str, object]) -> Response:
    return Response(200, Headers([("Content-Type", "application/json")]), orjson.dumps(content) + b"\n")
