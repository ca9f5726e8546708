"""A TCP relay whose connections can be cut, or frozen half open, as a network does it to whoever talks through it.

    peer -> relay (a port of its own) -> target

Passing, it forwards at once. Cut, it resets what is open and each new connection. Frozen, bytes stop in both directions
and nobody is told: a new connection opens and stays silent. When it thaws, what is still open on both sides goes on
with the bytes that were held, as TCP sends them again after an outage; where one side has given up meanwhile, the other
is reset and the held bytes are lost.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from enum import Enum
from typing import cast

log = logging.getLogger(__name__)

HELD_LIMIT_BYTES = 1024 * 1024
"""More than this is not taken from a side that is frozen; it stays in the kernel's buffers, and its sender waits."""


class Condition(Enum):
    """What the relay does with bytes."""

    PASSING = "passing"
    CUT = "cut"
    FROZEN = "frozen"


class CuttableRelay:
    """Listens on `host` and forwards to `host:target_port`."""

    def __init__(self, name: str, *, host: str, target_port: int) -> None:
        self.name = name
        self.condition = Condition.PASSING
        self._host = host
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listens at a free port, and returns it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Link(self).peer, self._host, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stops listening and breaks all connections."""
        if self._server is not None:
            self._server.close()
        self._reset_all()
        for task in self._connecting:
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    def cut(self) -> None:
        """Resets everything that is open, and from now on each new connection."""
        self.condition = Condition.CUT
        self._reset_all()

    def freeze(self) -> None:
        """From now on nothing passes, in either direction, and nobody is told."""
        self.condition = Condition.FROZEN

    def restore(self) -> None:
        """Everything passes again."""
        self.condition = Condition.PASSING
        for link in tuple(self._links):
            link.thaw()

    def opened(self, link: _Link) -> None:
        """Somebody has connected."""
        if self.condition is Condition.CUT:
            link.reset()
            return
        self._links.add(link)
        if self.condition is Condition.PASSING:
            self.connect(link)

    def connect(self, link: _Link) -> None:
        """Opens a link's other half."""
        task = asyncio.get_running_loop().create_task(self._connect(link), name=f"relay {self.name} connects")
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def closed(self, link: _Link) -> None:
        """Both sides of a link are gone."""
        self._links.discard(link)

    async def _connect(self, link: _Link) -> None:
        try:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: link.target, self._host, self._target_port)
        except OSError as error:
            log.debug("relay %s: no target: %s", self.name, error)
            link.target.is_gone = True
            link.reset()

    def _reset_all(self) -> None:
        for link in tuple(self._links):
            link.reset()


class _Link:
    """A peer's connection and its counterpart to the target."""

    def __init__(self, relay: CuttableRelay) -> None:
        self.relay = relay
        self.peer = _Side(self)
        self.target = _Side(self)
        self.peer.other, self.target.other = self.target, self.peer
        self.broken = False
        """Somebody has given up while the relay was frozen, or the link was reset."""
        self._connects = False

    @property
    def passes(self) -> bool:
        return self.relay.condition is Condition.PASSING and not self.broken

    def side_opened(self, side: _Side) -> None:
        if self.broken:  # while the other half was still being opened
            side.reset()
        elif side is self.peer:
            self.relay.opened(self)
            self._connects = self.relay.condition is Condition.PASSING
        elif self.passes:
            self._go_on()

    def side_lost(self, side: _Side, error: Exception | None) -> None:
        if self.passes and error is None:
            side.other.close()
        elif self.passes or self.broken:
            self.reset()
        else:  # frozen: the other side hears of it when bytes pass again
            self.broken = True
        if self.peer.is_gone and (self.target.is_gone or not self._connects):
            self.relay.closed(self)

    def thaw(self) -> None:
        """Goes on where it stopped."""
        if self.broken:
            self.reset()
        elif self.target.is_open:
            self._go_on()
        elif not self._connects:
            self._connects = True
            self.relay.connect(self)

    def reset(self) -> None:
        """Breaks both sides off, so that the peers see it."""
        self.broken = True
        for side in (self.peer, self.target):
            side.held.clear()
            side.reset()

    def _go_on(self) -> None:
        for side in (self.peer, self.target):
            side.release()


class _Side(asyncio.Protocol):
    """One of a link's two connections; `held` is what it sent and the other side has not been given yet."""

    other: _Side

    def __init__(self, link: _Link) -> None:
        self.held: list[bytes] = []
        self.is_gone = False
        self._link = link
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._full = False

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports do not inherit from asyncio's
        self._link.side_opened(self)

    def data_received(self, data: bytes) -> None:
        if self._link.passes and self.other.is_open:
            self.other.write(data)
        else:
            self.held.append(data)
            self._read_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.is_gone = True
        self._link.side_lost(self, exc)

    def pause_writing(self) -> None:
        self._full = True
        self.other._read_on()

    def resume_writing(self) -> None:
        self._full = False
        self.other._read_on()

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def release(self) -> None:
        """Hands over what was held."""
        held, self.held = self.held, []
        if held:
            self.other.write(b"".join(held))
        self._read_on()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        if self._transport is None:
            return
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
        self._transport.abort()

    def _read_on(self) -> None:
        """Reads no more than can be handed over or held."""
        if self._transport is None or self._transport.is_closing():
            return
        must_wait = self.other._full or sum(map(len, self.held)) > HELD_LIMIT_BYTES
        if must_wait and not self._paused:
            self._transport.pause_reading()
        elif self._paused and not must_wait:
            self._transport.resume_reading()
        self._paused = must_wait
