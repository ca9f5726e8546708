"""Connections of the pool that died unnoticed: commands find out as they write, and connect again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_emulation.network.cuttable_relay import CuttableRelay

from tests.servers import RedisServer

uvloop = pytest.importorskip("uvloop")


async def _append_around_a_cut(port: int) -> list[bool]:
    """Whether each append was taken: before a cut, and twenty at once after it."""
    relay = CuttableRelay("service", host="127.0.0.1", target_port=port)
    transport = RedisTransport(
        RedisAddress(host="127.0.0.1", port=await relay.start()), rng=random.Random(1), heartbeat_s=0.2
    )
    await transport.start()
    try:
        numbers = iter(range(1000))

        async def append() -> bool:
            return await transport.append("s", b"x", identity=f"dead/{next(numbers)}")

        await asyncio.gather(*(append() for _ in range(20)))  # fills the pool
        relay.cut()
        await asyncio.sleep(0.2)
        relay.restore()
        return list(await asyncio.gather(*(append() for _ in range(20))))
    finally:
        await transport.close()
        await relay.close()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_command_on_a_dead_connection_is_tried_on_a_new_one(
    shared_redis: Callable[[str], RedisServer], loop: str
) -> None:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(_append_around_a_cut(server.port)) == [True] * 20
