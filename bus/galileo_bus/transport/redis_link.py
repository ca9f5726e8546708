"""One connection to Redis for the hot path, which makes itself again for ever.

Client libraries lose messages without a sign when the server cuts a slow subscriber, and do not notice a peer that
stopped answering. So publishing and subscribing run on this link: an asyncio protocol over hiredis' parser, a PING each
heartbeat, a cut after two heartbeats without any answer, and reconnection with jittered backoff of at most a second.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Callable
from typing import cast

import hiredis

from galileo_bus.transport.redis_address import RedisAddress

Reply = object
HEARTBEAT_S = 1.0
BACKOFF_S = (0.02, 1.0)

log = logging.getLogger(__name__)


def pack(*words: str | bytes | int) -> bytes:
    """A command in the protocol's wire form."""
    return cast(bytes, hiredis.pack_command(words))  # type: ignore[arg-type]  # its stub wants one word only


class RedisLink(asyncio.Protocol):
    """Calls `connected()` at each connection, `received(reply)` for each reply or push, `lost()` when it breaks."""

    def __init__(
        self,
        address: RedisAddress,
        *,
        name: str,
        connected: Callable[[], None],
        received: Callable[[Reply], None],
        lost: Callable[[], None] = lambda: None,
        rng: random.Random,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self._address = address
        self._name = name
        self._on_connected = connected
        self._on_received = received
        self._on_lost = lost
        self._rng = rng
        self._heartbeat_s = heartbeat_s
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._heard_at = 0.0
        self._greetings = 0
        self._closed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.writable = False
        self.connections = 0

    def start(self) -> None:
        """Begins to connect, and to keep the connection."""
        self._task = asyncio.get_running_loop().create_task(self._keep(), name=f"redis-link {self._name}")

    async def close(self) -> None:
        """Disconnects for good."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()
            await self._closed.wait()

    def send(self, data: bytes) -> None:
        """Writes commands; only while connected."""
        if self._transport is not None:
            self._transport.write(data)

    @property
    def is_connected(self) -> bool:
        """Whether commands can be sent now."""
        return self._transport is not None

    async def _keep(self) -> None:
        attempt = 0
        while True:
            try:
                await self._connect()
            except (OSError, TimeoutError) as error:
                if attempt in (0, 10):
                    log.warning("%s: cannot reach %s (%s); trying again", self._name, self._address.shown, error)
                attempt += 1
                low, cap = BACKOFF_S
                await asyncio.sleep(min(cap, low * 2**attempt) * self._rng.uniform(0.5, 1.0))
                continue
            attempt = 0
            await self._watch_over()
            log.warning("%s: lost the connection to %s; connecting again", self._name, self._address.shown)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._closed = asyncio.Event()
        self._reader = hiredis.Reader()
        address = self._address
        async with asyncio.timeout(4 * self._heartbeat_s):
            if address.path is not None:
                await loop.create_unix_connection(lambda: self, address.path)
            else:
                context = ssl.create_default_context() if address.tls else None
                await loop.create_connection(lambda: self, address.host, address.port, ssl=context)

    async def _watch_over(self) -> None:
        """Sends heartbeats until the connection is lost; cuts it when two of them stayed without any answer."""
        loop = asyncio.get_running_loop()
        while not self._closed.is_set():
            try:
                await asyncio.wait_for(self._closed.wait(), self._heartbeat_s)
            except TimeoutError:
                if loop.time() - self._heard_at > 2 * self._heartbeat_s and self._transport is not None:
                    log.warning("%s: %s stopped answering", self._name, self._address.shown)
                    self._transport.abort()
                else:
                    self.send(pack("PING"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._heard_at = asyncio.get_running_loop().time()
        self.writable = True
        self.connections += 1
        self._greetings = 0
        greeting = b""
        if self._address.password is not None:
            user = (self._address.username,) if self._address.username else ()
            greeting += pack("AUTH", *user, self._address.password)
            self._greetings += 1
        if self._address.database:
            greeting += pack("SELECT", self._address.database)
            self._greetings += 1
        if greeting:
            self.send(greeting)
        self._on_connected()

    def data_received(self, data: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        reader = self._reader
        reader.feed(data)
        while (reply := reader.gets()) is not False:
            if self._greetings:
                self._greetings -= 1
                if isinstance(reply, hiredis.ReplyError):
                    log.error("%s: %s refuses us: %s", self._name, self._address.shown, reply)
                continue
            if reply == b"PONG" or (type(reply) is list and reply[:1] == [b"pong"]):
                continue
            self._on_received(reply)

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        self._on_writable()

    def _on_writable(self) -> None:
        """Replaced by the owner that queues while the socket is full."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.writable = False
        self._closed.set()
        self._on_lost()
