"""Commands over a `RedisLink`: many in flight on one connection, answered in order.

    call → written at once → reply → the caller

redis-py takes a connection and about 0.1 ms of CPU for each command in flight; what is said often cannot afford that.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque

import hiredis

from galileo_bus.transport.interface import TransportRefusedError, TransportUnavailableError
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_entrance import RedisEntrance
from galileo_bus.transport.redis_link import NextReply, RedisLink, Reply, pack

CONNECTION_PATIENCE_S = 1.0
"""A server that restarts is back by then."""


class ConnectionBrokeError(TransportUnavailableError):
    """The connection broke before the answer came: whether the server has done it cannot be known."""


class RedisCommands:
    """Sends commands and hands each caller its reply."""

    def __init__(self, address: RedisAddress, *, rng: random.Random, heartbeat_s: float) -> None:
        self._address = address
        self._entrance = RedisEntrance(address, "commands")
        self._awaited: deque[asyncio.Future[Reply]] = deque()
        self._connected = asyncio.Event()
        self.link = RedisLink(
            address,
            name="commands",
            connected=self._begin,
            replies=self._take,
            refused=self._entrance.refuse,
            lost=self._lost,
            rng=rng,
            heartbeat_s=heartbeat_s,
        )

    async def start(self, timeout_s: float) -> None:
        """Waits for the first connection. Raises `TimeoutError` or `TransportRefusedError`."""
        self.link.start()
        await self._entrance.wait(timeout_s)

    async def close(self) -> None:
        await self.link.close()

    async def call(self, *words: str | bytes | int) -> Reply:
        """The server's reply, which may be a `hiredis.ReplyError`; waits for a connection while there is none.

        Raises `TransportUnavailableError` when there is none for a while, its subclass `ConnectionBrokeError`, and
        `TransportRefusedError` while the server does not let us in.
        """
        while not self._connected.is_set():
            if self._entrance.refusal is not None:
                raise TransportRefusedError(f"{self._address.shown} refuses us: {self._entrance.refusal}")
            await self._connection()
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._awaited.append(reply)
        self.link.send(pack(*words))
        return await reply

    async def _connection(self) -> None:
        try:
            async with asyncio.timeout(CONNECTION_PATIENCE_S):
                await self._connected.wait()
        except TimeoutError:
            raise TransportUnavailableError(f"{self._address.shown} does not answer: there is no connection") from None

    def _begin(self) -> None:
        self._entrance.open()
        self._connected.set()

    def _take(self, next_reply: NextReply) -> None:
        while (reply := next_reply()) is not False:
            if reply == b"PONG":
                self.link.answered()
                continue
            waiting = self._awaited.popleft()
            if not waiting.done():  # whoever waited for it may have given up
                waiting.set_result(reply)

    def _lost(self) -> None:
        self._connected.clear()
        awaited, self._awaited = self._awaited, deque()
        for waiting in awaited:
            if not waiting.done():
                waiting.set_exception(
                    ConnectionBrokeError(f"{self._address.shown} does not answer: the connection broke")
                )


def is_error(reply: Reply, *words: str) -> bool:
    """Whether the server answered with an error that begins with one of these words."""
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith(words)
