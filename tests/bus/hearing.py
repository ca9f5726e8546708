"""Waiting in tests for what is to happen, never longer than needed: messages heard, and conditions that come true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Message = tuple[str, bytes]


async def until(condition: Callable[[], bool], *, within_s: float = 5.0) -> None:
    """Returns as soon as the condition holds. Fails the test when it does not in time."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"did not come true within {within_s} s"
        await asyncio.sleep(0.005)


async def until_so(condition: Callable[[], Awaitable[bool]], *, within_s: float = 5.0) -> None:
    """The same for a condition that has to be asked for."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, f"did not come true within {within_s} s"
        await asyncio.sleep(0.02)


class Heard:
    """A receiver that keeps what it hears, in order."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def __call__(self, channel: str, payload: bytes) -> None:
        self.messages.append((channel, payload))

    @property
    def payloads(self) -> list[bytes]:
        return [payload for _, payload in self.messages]

    async def at_least(self, count: int, *, within_s: float = 5.0) -> list[Message]:
        """Waits for so many messages and returns all."""
        await until(lambda: len(self.messages) >= count, within_s=within_s)
        return self.messages
