"""Publishing and subscribing over a `RedisLink`."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence

import hiredis

from galileo_bus.transport.interface import Receive, TransportRefusedError, nothing_to_do
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_link import RedisLink, Reply, pack

QUEUE_LIMIT = 100_000

log = logging.getLogger(__name__)


class _Entrance:
    """Whether the server has let us in: awaited at the start, logged when it happens later."""

    def __init__(self, address: RedisAddress, name: str) -> None:
        self._address = address
        self._name = name
        self._decided = asyncio.Event()
        self._refusal: str | None = None

    async def wait(self, timeout_s: float) -> None:
        """Raises `TimeoutError`, or `TransportRefusedError` with the server's reason."""
        async with asyncio.timeout(timeout_s):
            await self._decided.wait()
        if self._refusal is not None:
            raise TransportRefusedError(f"{self._address.shown} refuses us: {self._refusal}")

    def open(self) -> None:
        self._refusal = None
        self._decided.set()

    def refuse(self, reason: str) -> None:
        if self._decided.is_set() and self._refusal is None:  # it had let us in before
            log.error("%s: %s refuses us: %s", self._name, self._address.shown, reason)
        self._refusal = reason
        self._decided.set()


class RedisPublisher:
    """Sends PUBLISH commands without waiting. While the server is away or slow, the newest `QUEUE_LIMIT` are kept."""

    def __init__(self, address: RedisAddress, *, rng: random.Random, heartbeat_s: float) -> None:
        self._queue: deque[bytes] = deque()
        self._given = 0
        self._done = 0
        self._unanswered = 0
        self._progress = asyncio.Event()
        self._entrance = _Entrance(address, "publisher")
        self._refusals: set[str] = set()
        self.dropped = 0
        self.link = RedisLink(
            address,
            name="publisher",
            connected=self._connected,
            received=self._received,
            refused=self._entrance.refuse,
            lost=self._lost,
            writable=self._send_queued,
            rng=rng,
            heartbeat_s=heartbeat_s,
        )

    async def start(self, timeout_s: float) -> None:
        """Waits for the first connection. Raises `TimeoutError` or `TransportRefusedError`."""
        self.link.start()
        await self._entrance.wait(timeout_s)

    async def close(self) -> None:
        await self.link.close()

    def publish(self, channel: str, payload: bytes) -> None:
        command = pack("PUBLISH", channel, payload)
        self._given += 1
        if self.link.writable and not self._queue:
            self._unanswered += 1
            self.link.send(command)
            return
        if len(self._queue) >= QUEUE_LIMIT:
            self._queue.popleft()
            self._drop(1)
        self._queue.append(command)

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Many messages in one write, while the server takes them."""
        if not self.link.writable or self._queue:
            for channel, payload in messages:
                self.publish(channel, payload)
            return
        self._given += len(messages)
        self._unanswered += len(messages)
        self.link.send(b"".join(pack("PUBLISH", channel, payload) for channel, payload in messages))

    async def flush(self) -> None:
        """Waits until all given so far is answered or dropped, as long as the server is there."""
        target = self._given
        while self._done < target and self.link.is_connected:
            self._progress.clear()
            await self._progress.wait()

    def _connected(self) -> None:
        self._entrance.open()
        self._send_queued()

    def _send_queued(self) -> None:
        while self._queue and self.link.writable:
            self._unanswered += 1
            self.link.send(self._queue.popleft())

    def _received(self, reply: Reply) -> None:
        if isinstance(reply, hiredis.ReplyError) and str(reply) not in self._refusals:
            self._refusals.add(str(reply))
            log.error("the server refuses a message: %s", reply)
        if self._unanswered:  # a server that refuses even our PING answers more often than it was given messages
            self._unanswered -= 1
            self._done += 1
            self._progress.set()

    def _lost(self) -> None:
        # Whether the server took what was on its way cannot be known; observations may be lost, and are counted.
        self._drop(self._unanswered)
        self._unanswered = 0

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._done += count
        self._progress.set()


class RedisSubscriber:
    """One connection that receives from channels and patterns, and subscribes again after each reconnection."""

    def __init__(
        self,
        address: RedisAddress,
        receive: Receive,
        *,
        channels: Sequence[str],
        patterns: Sequence[str],
        interrupted: Callable[[float], None] = nothing_to_do,
        resumed: Callable[[], None] = nothing_to_do,
        rng: random.Random,
        heartbeat_s: float,
    ) -> None:
        self._receive = receive
        self._interrupted = interrupted
        self._resumed = resumed
        self._is_whole = False
        self._channels = tuple(channels)
        self._patterns = tuple(patterns)
        self._names: dict[bytes, str] = {}
        self._awaited = 0
        self._entrance = _Entrance(address, "subscriber")
        self.link = RedisLink(
            address,
            name="subscriber",
            connected=self._connected,
            received=self._received,
            refused=self._entrance.refuse,
            lost=self._lost,
            rng=rng,
            heartbeat_s=heartbeat_s,
        )

    async def start(self, timeout_s: float) -> None:
        """Returns when the server has confirmed every channel and pattern.

        Raises `TimeoutError` or `TransportRefusedError`.
        """
        self.link.start()
        await self._entrance.wait(timeout_s)

    async def close(self) -> None:
        await self.link.close()

    def _connected(self) -> None:
        self._awaited = len(self._channels) + len(self._patterns)
        if self._channels:
            self.link.send(pack("SUBSCRIBE", *self._channels))
        if self._patterns:
            self.link.send(pack("PSUBSCRIBE", *self._patterns))
        if not self._awaited:
            self._whole()

    def _lost(self) -> None:
        if self._is_whole:
            self._is_whole = False
            self._interrupted(self.link.sure_at)

    def _whole(self) -> None:
        self._is_whole = True
        self._entrance.open()
        self._resumed()

    def _confirmed(self) -> None:
        """A channel or pattern is confirmed; unasked for, when somebody between us and the server subscribed again."""
        if self._is_whole:
            log.warning("the subscription was made again on the way to the server; messages may be missing")
            self._awaited = len(self._channels) + len(self._patterns)
            self._lost()
        self._awaited -= 1
        if self._awaited == 0:
            self._whole()

    def _received(self, reply: Reply) -> None:
        if type(reply) is not list:
            self._entrance.refuse(str(reply))
            return
        kind = reply[0]
        if kind == b"message":
            self._hand_over(reply[1], reply[2])
        elif kind == b"pmessage":
            self._hand_over(reply[2], reply[3])
        elif kind in (b"subscribe", b"psubscribe"):
            self._confirmed()

    def _hand_over(self, channel: bytes, payload: bytes) -> None:
        name = self._name(channel)
        try:
            self._receive(name, payload)
        except Exception:  # a receiver's fault must not cost the connection and the messages behind this one
            log.exception("a receiver failed on a message of %s", name)

    def _name(self, channel: bytes) -> str:
        name = self._names.get(channel)
        if name is None:
            if len(self._names) > 100_000:
                self._names.clear()
            name = self._names[channel] = channel.decode("utf-8", "replace")
        return name
