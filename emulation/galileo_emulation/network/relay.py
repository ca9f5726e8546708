"""A delaying TCP relay: the network in front of an address that a pod advertises.

    sender -> relay (advertised port) -> backend port of the same address -> the pod's program

The sender's node is known by the source address of its connection. Each direction is delayed by half of the round-trip
time between the two nodes; the opening of a connection itself is not. A half close is passed on after the bytes before
it; a connection that breaks on one side is reset on the other, as is one whose backend does not answer.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from typing import cast

from galileo_emulation.network.delay_line import DelayLine
from galileo_emulation.network.relay_delay import Delay

log = logging.getLogger(__name__)

_BACKLOG = 1024
# Linux: choose the local port only when connecting, so that ports of closed connections do not run out.
_IP_BIND_ADDRESS_NO_PORT = 24


class Relay:
    """Listens at an advertised address of a pod on node `node` and forwards to its backend port.

    The backend is at the same address, unless `backend_ip` says another.
    """

    def __init__(
        self, *, ip: str, port: int, backend_port: int, node: str, delay: Delay, backend_ip: str | None = None
    ) -> None:
        self.ip = ip
        self.backend_ip = backend_ip or ip
        self.port = port
        self.backend_port = backend_port
        self.node = node
        self.delay = delay
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()

    async def start(self) -> None:
        """Listen; raises OSError if the address is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self).sender, self.ip, self.port, backlog=_BACKLOG, start_serving=False
        )
        await self._server.start_serving()

    async def close(self, *, grace_s: float = 0.0) -> None:
        """Stop listening, let what is on its way arrive and connections end for `grace_s`, then reset the rest."""
        if self._server is None:
            return
        self._server.close()
        try:
            async with asyncio.timeout(grace_s):
                await self._none_open.wait()
        except TimeoutError:
            log.debug("relay %s:%d: resets %d connections", self.ip, self.port, len(self._connections))
        finally:
            await self._cut()

    async def _cut(self) -> None:
        assert self._server is not None
        for task in self._connecting:
            task.cancel()
        for connection in list(self._connections):
            connection.reset()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def opened(self, connection: _Connection) -> None:
        """A sender connected: find its backend."""
        if self._server is None or not self._server.is_serving():  # accepted in the moment of closing
            connection.reset()
            return
        self._connections.add(connection)
        self._none_open.clear()
        task = asyncio.create_task(self._connect(connection), name=f"relay {self.ip}:{self.port} connects")
        self._connecting.add(task)
        task.add_done_callback(self._connect_ended)

    def closed(self, connection: _Connection) -> None:
        """Both sides of a connection are gone."""
        self._connections.discard(connection)
        if not self._connections:
            self._none_open.set()

    async def _connect(self, connection: _Connection) -> None:
        loop = asyncio.get_running_loop()
        backend = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            backend.setblocking(False)
            if connection.sender_node is not None:  # the backend sees who really sends
                backend.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
                backend.bind((connection.sender_ip, 0))
            await loop.sock_connect(backend, (self.backend_ip, self.backend_port))
            await loop.create_connection(lambda: connection.backend, sock=backend)
        except OSError as error:
            log.debug("relay %s:%d: no backend: %s", self.ip, self.port, error)
            backend.close()
            connection.reset()
        except BaseException:
            backend.close()
            connection.reset()
            raise

    def _connect_ended(self, task: asyncio.Task[None]) -> None:
        self._connecting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("relay %s:%d: connecting to the backend failed", self.ip, self.port, exc_info=error)


class _Connection:
    """A sender's connection, its counterpart to the backend, and a delay line each way."""

    def __init__(self, relay: Relay) -> None:
        self.sender_ip = ""
        self.sender_node: str | None = None
        self._relay = relay
        self._ended_lines = 0
        self._over = False
        forth = DelayLine(delay_s=self._delay_s, ended=self._line_ended)
        back = DelayLine(delay_s=self._delay_s, ended=self._line_ended)
        self._lines = (forth, back)
        self.sender = _Side(self, outgoing=forth, incoming=back)
        self.backend = _Side(self, outgoing=back, incoming=forth)

    def side_opened(self, side: _Side, transport: asyncio.Transport) -> None:
        if self._over:  # reset while the other side was still connecting
            transport.abort()
        elif side is self.sender:
            self.sender_ip = transport.get_extra_info("peername")[0]
            self.sender_node = self._relay.delay.sender(self.sender_ip)
            self._relay.opened(self)

    def side_lost(self) -> None:
        """One side is gone. Unless both streams had ended, the other side is reset."""
        if not self._over:
            self.reset()
        if self.sender.is_gone and self.backend.is_gone:
            self._relay.closed(self)

    def reset(self) -> None:
        """Break both sides off, so that the peers see it."""
        self._over = True
        for line in self._lines:
            line.close()
        for side in (self.sender, self.backend):
            side.reset()

    def _line_ended(self) -> None:
        self._ended_lines += 1
        if self._ended_lines == 2:
            self._over = True
            for side in (self.sender, self.backend):
                side.close()

    def _delay_s(self) -> float:
        return self._relay.delay.one_way_s(self.sender_node, self._relay.node)


class _Side(asyncio.Protocol):
    """What the event loop tells about one of the two transports."""

    def __init__(self, connection: _Connection, *, outgoing: DelayLine, incoming: DelayLine) -> None:
        self._connection = connection
        self._outgoing = outgoing  # what this side sends to the other
        self._incoming = incoming  # what the other sends to this side
        self._transport: asyncio.Transport | None = None

    @property
    def is_gone(self) -> bool:
        """There is no transport (any more)."""
        return self._transport is None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        opened = cast(asyncio.Transport, transport)  # uvloop's transports do not inherit from asyncio's
        self._transport = opened
        self._connection.side_opened(self, opened)
        self._outgoing.begin(opened)
        self._incoming.attach(opened)

    def data_received(self, data: bytes) -> None:
        self._outgoing.feed(data)

    def eof_received(self) -> bool:
        self._outgoing.feed_end()
        return True  # the other direction goes on

    def pause_writing(self) -> None:
        self._incoming.hold(full=True)

    def resume_writing(self) -> None:
        self._incoming.hold(full=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._connection.side_lost()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        if self._transport is None:
            return
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
        self._transport.abort()
