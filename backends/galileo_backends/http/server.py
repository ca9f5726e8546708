"""An HTTP/1.1 server for handlers that answer whole requests with whole responses.

    server = await serve(handler, host="127.0.0.1", port=0, name="gateway-zone-a")
    ...
    await server.close(grace_s=5)

It is meant for services that answer many small requests (gateways, emulated functions), where the time per request
counts; pages and APIs for people are better served by aiohttp.
"""

from __future__ import annotations

import asyncio
import logging

from galileo_backends.http.request_reader import Limits
from galileo_backends.http.server_connection import Handler, ServerConnection

_log = logging.getLogger(__name__)


class Server:
    """A listening server; made by `serve`."""

    def __init__(self, handler: Handler, *, name: str, limits: Limits, idle_timeout_s: float) -> None:
        self._handler = handler
        self._name = name
        self._limits = limits
        self._idle_timeout_s = idle_timeout_s
        self._connections: set[ServerConnection] = set()
        self._listener: asyncio.Server | None = None
        self._closing = False
        self.port = 0

    async def listen(self, host: str, port: int) -> None:
        """Bind and accept. Raises OSError, with the address in its text, if that is not possible."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._connection, host, port, backlog=1024)
        self.port = self._listener.sockets[0].getsockname()[1]

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def close(self, grace_s: float = 5.0) -> None:
        """Stop accepting, let the requests in hand finish for at most `grace_s` seconds, then close every connection.

        Handlers that still run after the grace are cancelled.
        """
        if self._listener is None:
            return
        listener, self._listener, self._closing = self._listener, None, True
        listener.close()
        await self._close_connections(grace_s)
        await listener.wait_closed()

    async def _close_connections(self, grace_s: float) -> None:
        connections = list(self._connections)
        if not connections:
            return
        for connection in connections:
            connection.drain()
        ends = [asyncio.ensure_future(connection.wait_gone()) for connection in connections]
        try:
            _, late = await asyncio.wait(ends, timeout=grace_s)
            if late:
                _log.warning("%s: cut %d connections still busy after %g s", self._name, len(late), grace_s)
        finally:
            for connection in connections:
                connection.abort()
            await asyncio.gather(*ends)

    def _opened(self, connection: ServerConnection) -> None:
        self._connections.add(connection)
        if self._closing:  # accepted in the moment of closing
            connection.abort()

    def _connection(self) -> ServerConnection:
        return ServerConnection(
            self._handler,
            limits=self._limits,
            idle_timeout_s=self._idle_timeout_s,
            name=self._name,
            opened=self._opened,
            closed=self._connections.discard,
        )


async def serve(
    handler: Handler,
    *,
    host: str,
    port: int = 0,
    name: str = "http",
    limits: Limits | None = None,
    idle_timeout_s: float = 75.0,
) -> Server:
    """Answer HTTP requests on host:port with `handler` until the server is closed.

    `port` 0 takes a free one (see `Server.port`). A handler that raises gives 500 and one log entry with its
    traceback. A connection that sent nothing for `idle_timeout_s` seconds, between requests or within one, is closed.
    Raises OSError if the address cannot be bound.
    """
    server = Server(handler, name=name, limits=limits or Limits(), idle_timeout_s=idle_timeout_s)
    await server.listen(host, port)
    return server
