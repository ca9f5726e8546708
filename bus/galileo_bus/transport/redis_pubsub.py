"""Publishing and subscribing over a `RedisLink`."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Sequence

import hiredis

from galileo_bus.transport.interface import Receive
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_link import RedisLink, Reply, pack

QUEUE_LIMIT = 100_000

log = logging.getLogger(__name__)


class RedisPublisher:
    """Sends PUBLISH commands without waiting. While the server is away or slow, the newest `QUEUE_LIMIT` are kept."""

    def __init__(self, address: RedisAddress, *, rng: random.Random) -> None:
        self._queue: deque[bytes] = deque()
        self._unanswered = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._ready = asyncio.Event()
        self._refusals: set[str] = set()
        self.dropped = 0
        self.link = RedisLink(
            address,
            name="publisher",
            connected=self._connected,
            received=self._received,
            lost=self._lost,
            rng=rng,
        )
        self.link._on_writable = self._send_queued  # type: ignore[method-assign]

    async def start(self, timeout_s: float) -> None:
        """Waits for the first connection. Raises `TimeoutError`."""
        self.link.start()
        await asyncio.wait_for(self._ready.wait(), timeout_s)

    async def close(self) -> None:
        await self.link.close()

    def publish(self, channel: str, payload: bytes) -> None:
        command = pack("PUBLISH", channel, payload)
        if self.link.writable and not self._queue:
            self._unanswered += 1
            self._idle.clear()
            self.link.send(command)
            return
        if len(self._queue) >= QUEUE_LIMIT:
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(command)

    async def flush(self) -> None:
        """Waits until nothing is queued or unanswered, as long as the server is there."""
        while (self._queue or self._unanswered) and self.link.is_connected:
            self._idle.clear()
            await self._idle.wait()

    def _connected(self) -> None:
        self._ready.set()
        self._send_queued()

    def _send_queued(self) -> None:
        while self._queue and self.link.writable:
            self._unanswered += 1
            self.link.send(self._queue.popleft())

    def _received(self, reply: Reply) -> None:
        self._unanswered -= 1
        if isinstance(reply, hiredis.ReplyError) and str(reply) not in self._refusals:
            self._refusals.add(str(reply))
            log.error("the server refuses a message: %s", reply)
        if self._unanswered <= 0 and not self._queue:
            self._idle.set()

    def _lost(self) -> None:
        # Whether the server took what was on its way cannot be known; observations may be lost, and are counted.
        self.dropped += self._unanswered
        self._unanswered = 0
        self._idle.set()


class RedisSubscriber:
    """One connection that receives from channels and patterns, and subscribes again after each reconnection."""

    def __init__(
        self,
        address: RedisAddress,
        receive: Receive,
        *,
        channels: Sequence[str],
        patterns: Sequence[str],
        rng: random.Random,
    ) -> None:
        self._receive = receive
        self._channels = tuple(channels)
        self._patterns = tuple(patterns)
        self._names: dict[bytes, str] = {}
        self._awaited = 0
        self._active = asyncio.Event()
        self.link = RedisLink(address, name="subscriber", connected=self._connected, received=self._received, rng=rng)

    async def start(self, timeout_s: float) -> None:
        """Returns when the server has confirmed every channel and pattern. Raises `TimeoutError`."""
        self.link.start()
        await asyncio.wait_for(self._active.wait(), timeout_s)

    async def close(self) -> None:
        await self.link.close()

    def _connected(self) -> None:
        self._awaited = len(self._channels) + len(self._patterns)
        if self._channels:
            self.link.send(pack("SUBSCRIBE", *self._channels))
        if self._patterns:
            self.link.send(pack("PSUBSCRIBE", *self._patterns))
        if not self._awaited:
            self._active.set()

    def _received(self, reply: Reply) -> None:
        if type(reply) is not list:
            log.error("the server refuses a subscription: %s", reply)
            return
        kind = reply[0]
        if kind == b"message":
            self._receive(self._name(reply[1]), reply[2])
        elif kind == b"pmessage":
            self._receive(self._name(reply[2]), reply[3])
        elif kind in (b"subscribe", b"psubscribe"):
            self._awaited -= 1
            if self._awaited == 0:
                self._active.set()

    def _name(self, channel: bytes) -> str:
        name = self._names.get(channel)
        if name is None:
            if len(self._names) > 100_000:
                self._names.clear()
            name = self._names[channel] = channel.decode("utf-8", "replace")
        return name
