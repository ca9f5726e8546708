"""Publishing and subscribing over a `RedisLink`."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence

import hiredis

from galileo_bus.transport.interface import Receive, nothing_to_do
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_entrance import RedisEntrance
from galileo_bus.transport.redis_link import NextReply, RedisLink, Reply, pack

QUEUE_LIMIT = 100_000
BATCH = 500
"""Messages a write."""

log = logging.getLogger(__name__)


class RedisPublisher:
    """Sends PUBLISH commands without waiting. While the server is away or slow, the newest `QUEUE_LIMIT` are kept."""

    def __init__(self, address: RedisAddress, *, rng: random.Random, heartbeat_s: float) -> None:
        self._queue: deque[tuple[str, bytes]] = deque()
        self._sending = False
        self._given = 0
        self._done = 0
        self._unanswered = 0
        self._progress = asyncio.Event()
        self._entrance = RedisEntrance(address, "publisher")
        self._refusals: set[str] = set()
        self.dropped = 0
        self.refused = 0
        self.link = RedisLink(
            address,
            name="publisher",
            connected=self._connected,
            replies=self._take,
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
        self._given += 1
        self._queue.append((channel, payload))
        if len(self._queue) > QUEUE_LIMIT:
            self._queue.popleft()
            self._drop(1)
        elif not self._sending and self.link.writable:
            # What is said in this turn of the loop goes out in one write.
            self._sending = True
            asyncio.get_running_loop().call_soon(self._send_queued)

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Many messages, in order."""
        for channel, payload in messages:
            self.publish(channel, payload)

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
        self._sending = False
        queue = self._queue
        while queue and self.link.writable:
            batch = [queue.popleft() for _ in range(min(BATCH, len(queue)))]
            self._unanswered += len(batch)
            self.link.send(b"".join([pack("PUBLISH", channel, payload) for channel, payload in batch]))

    def _take(self, next_reply: NextReply) -> None:
        answered = 0
        while (reply := next_reply()) is not False:
            if type(reply) is int:  # how many subscribers it reached
                answered += 1
            elif reply == b"PONG":
                self.link.answered()
            else:
                answered += 1
                self._note_refusal(reply)
        # A server that refuses even our PING answers more often than it was given messages.
        answered = min(answered, self._unanswered)
        self._unanswered -= answered
        self._done += answered
        self._progress.set()

    def _note_refusal(self, reply: Reply) -> None:
        if not isinstance(reply, hiredis.ReplyError):
            return
        self.refused += 1
        if str(reply) not in self._refusals:
            self._refusals.add(str(reply))
            log.error("the server refuses a message: %s", reply)

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
        self._entrance = RedisEntrance(address, "subscriber")
        self.link = RedisLink(
            address,
            name="subscriber",
            connected=self._connected,
            replies=self._take,
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

    def _take(self, next_reply: NextReply) -> None:
        receive, names = self._receive, self._names
        while (reply := next_reply()) is not False:
            try:
                kind, channel, payload = reply
            except (TypeError, ValueError):
                self._received(reply)
                continue
            if kind != b"message":
                self._received(reply)
                continue
            try:
                name = names[channel]
            except KeyError:
                name = self._name(channel)
            try:
                receive(name, payload)
            except Exception:  # a receiver's fault must not cost the connection and the messages behind this one
                log.exception("a receiver failed on a message of %s", name)

    def _received(self, reply: Reply) -> None:
        """All but plain messages."""
        if type(reply) is not list:
            if reply == b"PONG":
                self.link.answered()
            else:
                self._entrance.refuse(str(reply))
            return
        kind = reply[0]
        if kind == b"pmessage":
            self._hand_over(reply[2], reply[3])
        elif kind in (b"subscribe", b"psubscribe"):
            self._confirmed()
        elif kind == b"pong":
            self.link.answered()

    def _hand_over(self, channel: bytes, payload: bytes) -> None:
        name = self._name(channel)
        try:
            self._receive(name, payload)
        except Exception:  # as above
            log.exception("a receiver failed on a message of %s", name)

    def _name(self, channel: bytes) -> str:
        name = self._names.get(channel)
        if name is None:
            if len(self._names) > 100_000:
                self._names.clear()
            name = self._names[channel] = channel.decode("utf-8", "replace")
        return name
