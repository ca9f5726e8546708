"""An HTTP/1.1 client that keeps its connections, binds them to a local address, and says what went wrong.

The local address matters: in an emulated edge cloud it is what tells the network between two nodes who is asking. One
client therefore belongs to one node. Connections are kept per (host, port) and used again, the latest first, so that
the surplus of a busy minute grows old and is closed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from galileo_backends.http.client_connection import ClientConnection
from galileo_backends.http.encoding import encode_request
from galileo_backends.http.errors import ConnectFailed, ConnectionLost, HttpError, TimedOut
from galileo_backends.http.messages import Headers, Response

# RFC 9110, 9.2.2: repeating one of these has the effect of sending it once.
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})


@dataclass(slots=True)
class _Host:
    """The connections to one address: a slot for each exchange that may run, and those that rest."""

    slots: asyncio.Semaphore
    users: int = 0
    idle: list[ClientConnection] = field(default_factory=list)


class HttpClient:
    """Sends requests from one node.

    `local_address`: the address that outgoing connections are bound to, None to leave it to the system.
    `timeout_s`: for a whole request, from waiting for a connection to the last byte of the answer.
    `connect_timeout_s`: for the connection alone; a shorter one finds a dead replica before the request's time is up.
    `max_connections_per_host`: requests beyond it wait for a connection within their own time.
    `idle_timeout_s`: how long an unused connection is kept. Keep it shorter than the server's, or requests are lost
    to connections that the server has just closed.
    """

    def __init__(
        self,
        *,
        local_address: str | None = None,
        timeout_s: float = 30.0,
        connect_timeout_s: float = 5.0,
        max_connections_per_host: int = 256,
        idle_timeout_s: float = 20.0,
        max_response_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._local = (local_address, 0) if local_address is not None else None
        self._timeout_s = timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._max_connections = max_connections_per_host
        self._idle_timeout_s = idle_timeout_s
        self._max_response_bytes = max_response_bytes
        self._hosts: dict[tuple[str, int], _Host] = {}
        self._connections: set[ClientConnection] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._closing = False

    @property
    def connections(self) -> int:
        """How many connections are open, in use or resting."""
        return len(self._connections)

    async def request(
        self,
        method: str,
        host: str,
        port: int,
        target: str,
        headers: Headers | None = None,
        body: bytes = b"",
        *,
        timeout_s: float | None = None,
    ) -> Response:
        """Send a request and return its response, whatever its status. `timeout_s` replaces the client's own.

        A request whose kept connection ended before a single byte of the answer is sent once more on a fresh
        connection if its method is idempotent (RFC 9110, 9.2.2); nothing else is repeated.
        Raises ConnectFailed, TimedOut, ConnectionLost or BadResponse, and ValueError for what HTTP cannot carry.
        """
        if self._closing:
            raise HttpError(f"the client is closed; {method} {host}:{port}{target} was not sent")
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        payload = encode_request(
            method=method, target=target, authority=authority, headers=headers or Headers(), body=body
        )
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._with_slot((host, port), authority, method, payload)
        except TimeoutError:
            raise TimedOut(f"{authority} gave no complete answer within {limit_s:g} s") from None

    async def close(self) -> None:
        """Close every connection; requests that still wait for an answer raise ConnectionLost."""
        self._closing = True
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        connections = list(self._connections)
        for connection in connections:
            connection.abort()
        if connections:
            await asyncio.wait({connection.gone for connection in connections})

    async def _with_slot(self, key: tuple[str, int], authority: str, method: str, payload: bytes) -> Response:
        pool = self._hosts.get(key)
        if pool is None:
            pool = self._hosts[key] = _Host(asyncio.Semaphore(self._max_connections))
        pool.users += 1
        try:
            async with pool.slots:
                return await self._send(pool, key, authority, method, payload)
        finally:
            pool.users -= 1
            self._forget_if_unused(key, pool)

    async def _send(self, pool: _Host, key: tuple[str, int], authority: str, method: str, payload: bytes) -> Response:
        kept = self._take_idle(pool)
        if kept is not None:
            try:
                return await self._exchange(pool, kept, method, payload)
            except ConnectionLost:
                if kept.received_bytes or method not in _IDEMPOTENT:
                    raise
        try:
            fresh = await self._connect(key, authority)
        except ConnectFailed as error:
            if kept is not None:  # the first attempt was sent, so this must not look as if nothing had been
                raise ConnectionLost(f"{authority} closed the connection, and a fresh one failed: {error}") from error
            raise
        return await self._exchange(pool, fresh, method, payload)

    async def _exchange(self, pool: _Host, connection: ClientConnection, method: str, payload: bytes) -> Response:
        response = await connection.exchange(payload, is_head=method == "HEAD")
        if connection.usable and not self._closing:
            connection.idle_since_s = asyncio.get_running_loop().time()
            pool.idle.append(connection)
            self._plan_sweep()
        else:
            connection.close()
        return response

    async def _connect(self, key: tuple[str, int], authority: str) -> ClientConnection:
        def protocol() -> ClientConnection:
            return ClientConnection(
                authority, max_response_bytes=self._max_response_bytes, closed=self._connections.discard
            )

        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout_s) as limit:
                _, connection = await loop.create_connection(protocol, *key, local_addr=self._local)
        except OSError as error:  # TimeoutError is one of them, ours or the system's
            why = f"no answer within {self._connect_timeout_s:g} s" if limit.expired() else error
            raise ConnectFailed(f"cannot connect to {authority}{self._origin()}: {why}") from error
        self._connections.add(connection)
        if self._closing:
            connection.abort()
        return connection

    def _origin(self) -> str:
        return f" from {self._local[0]}" if self._local else ""

    def _take_idle(self, pool: _Host) -> ClientConnection | None:
        while pool.idle:
            connection = pool.idle.pop()
            if connection.usable:
                return connection
        return None

    def _plan_sweep(self) -> None:
        if self._sweep is None:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self._idle_timeout_s, self._close_idle)

    def _close_idle(self) -> None:
        self._sweep = None
        oldest_s = asyncio.get_running_loop().time() - self._idle_timeout_s
        for key, pool in list(self._hosts.items()):
            for connection in pool.idle:
                if connection.idle_since_s <= oldest_s:
                    connection.close()
            pool.idle = [connection for connection in pool.idle if connection.usable]
            self._forget_if_unused(key, pool)
        if any(pool.idle for pool in self._hosts.values()):
            self._plan_sweep()

    def _forget_if_unused(self, key: tuple[str, int], pool: _Host) -> None:
        # Replicas come and go with new addresses; a pool without users and connections would stay for ever.
        if not pool.users and not pool.idle:
            self._hosts.pop(key, None)
