"""A command that is cancelled ends so, in whichever moment it comes: or a service that is told to stop never does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport

from tests.servers import RedisServer

uvloop = pytest.importorskip("uvloop")

TURNS = 40


async def _cancelled_in_each_turn(port: int) -> list[int]:
    """The numbers of loop turns after which a cancellation was swallowed."""
    transport = RedisTransport(RedisAddress(host="127.0.0.1", port=port), rng=random.Random(1))
    await transport.start()
    swallowed = []
    try:
        for turns in range(TURNS):
            reading = asyncio.create_task(transport.read_group(["s"], group="g", consumer="c", count=1, wait_s=0.5))
            for _ in range(turns):
                await asyncio.sleep(0)
            if reading.cancel():
                await asyncio.wait([reading])
                if not reading.cancelled():
                    swallowed.append(turns)
    finally:
        await transport.close()
    return swallowed


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_cancellation_is_never_swallowed(shared_redis: Callable[[str], RedisServer], loop: str) -> None:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(_cancelled_in_each_turn(server.port)) == []
