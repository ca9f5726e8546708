"""A bus in memory with somebody who asks, and with an ear on the answers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from galileo_bus.bus import Bus
from galileo_bus.transport import Transport
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_cli.asking import ANSWERS
from galileo_schemas.event import Event
from galileo_schemas.frame import RawFrame

UNIX_START = 1_700_000_000.0
E = TypeVar("E", bound=Event)


def unix_now() -> float:
    """A unix time that goes with the loop's clock, virtual or not."""
    return UNIX_START + asyncio.get_running_loop().time()


def memory_transport() -> Transport:
    return MemoryTransport(MemoryServer(lambda: asyncio.get_running_loop().time()))


def bus_on(transport: Transport, source: str, seed: int = 1) -> Bus:
    return Bus(transport, source=source, now=unix_now, rng=random.Random(seed), adopt="none")


class Asker:
    """Says asks and keeps what is answered."""

    def __init__(self, transport: Transport) -> None:
        self.bus = bus_on(transport, "asker", seed=2)
        self.answers: list[Event] = []
        for kind in ANSWERS:
            self.bus.listen(kind, self._take)

    async def _take(self, event: Event, _frame: RawFrame) -> None:
        self.answers.append(event)

    async def ask(self, event: Event, *, answers: int = 1) -> str:
        """Says it and waits until so many more answers were heard; returns the ask's id."""
        wanted = len(self.answers) + answers
        identity = await self.bus.say(event)
        await until(lambda: len(self.answers) >= wanted)
        return identity

    def last(self, kind: type[E]) -> E:
        """The last answer, which has to be of that kind."""
        answer = self.answers[-1]
        assert isinstance(answer, kind), answer
        return answer


async def until(condition: Callable[[], bool], *, within_s: float = 5.0) -> None:
    deadline = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"did not come true within {within_s} s"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def asking(transport: Transport) -> AsyncIterator[Asker]:
    """Somebody who asks, for the length of the block."""
    asker = Asker(transport)
    await asker.bus.start()
    try:
        yield asker
    finally:
        await asker.bus.close(patience_s=0.1)
