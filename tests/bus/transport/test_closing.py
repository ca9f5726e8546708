"""A link that is closed in the very moment in which its server dies: it ends, and does not connect again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_link import RedisLink

from tests.servers import RedisServer


@pytest.mark.parametrize("turns", range(5))
async def test_it_ends_however_the_loss_and_the_close_fall(
    shared_redis: Callable[[str], RedisServer], no_task_left: None, turns: int
) -> None:
    connected = asyncio.Event()
    link = RedisLink(
        RedisAddress(host="127.0.0.1", port=shared_redis("valkey").port),
        name="closing",
        connected=connected.set,
        replies=lambda _next_reply: None,
        refused=pytest.fail,
        rng=random.Random(1),
    )
    link.start()
    async with asyncio.timeout(5.0):
        await connected.wait()
        await asyncio.sleep(0.01)  # its watch over the connection has begun
    lost, link._transport = link._transport, None
    assert lost is not None
    lost.abort()
    link._closed.set()  # what a loss does, so many turns of the loop before the close
    for _ in range(turns):
        await asyncio.sleep(0)
    async with asyncio.timeout(1.0):
        await link.close()
    assert not link.is_connected
