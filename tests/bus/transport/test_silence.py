"""Connections that are open and carry nothing, and subscribers that the server cuts for being slow."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport

from tests.bus.hearing import Heard, until
from tests.bus.proxy import Proxy
from tests.servers import RedisServer

ConnectTo = Callable[[RedisServer], Awaitable[RedisTransport]]
HEARTBEAT_S = 0.2


@pytest.fixture
async def proxy(shared_redis: Callable[[str], RedisServer]) -> AsyncIterator[Proxy]:
    proxy = Proxy(shared_redis("valkey").port)
    await proxy.start()
    yield proxy
    await proxy.close()


async def test_a_silent_peer_is_noticed_within_three_heartbeats_and_all_is_made_again(
    proxy: Proxy, shared_redis: Callable[[str], RedisServer], connect_to: ConnectTo
) -> None:
    listener, heard = (
        RedisTransport(RedisAddress(host="127.0.0.1", port=proxy.port), rng=random.Random(1), heartbeat_s=HEARTBEAT_S),
        Heard(),
    )
    speaker = await connect_to(shared_redis("valkey"))
    await listener.start()
    try:
        await listener.subscribe(heard, channels=["c"])
        subscriber = listener._subscribers[0].link
        proxy.fall_silent()
        began = asyncio.get_running_loop().time()
        await until(lambda: not subscriber.is_connected, within_s=2.0)
        assert asyncio.get_running_loop().time() - began <= 3 * HEARTBEAT_S + 0.15
        proxy.speak_again()
        await until(lambda: listener.reconnects == 3, within_s=3.0)
        for number in range(500):
            if heard.messages:
                break
            speaker.publish("c", b"%d" % number)
            await asyncio.sleep(0.01)
        assert heard.messages
    finally:
        proxy.speak_again()
        await listener.close()


async def test_a_quiet_connection_is_not_a_silent_one(proxy: Proxy) -> None:
    address = RedisAddress(host="127.0.0.1", port=proxy.port)
    listener, heard = RedisTransport(address, rng=random.Random(1), heartbeat_s=0.1), Heard()
    await listener.start()
    await listener.subscribe(heard, channels=["c"])
    await asyncio.sleep(0.8)
    assert listener.reconnects == 0
    await listener.close()


async def test_a_subscriber_that_was_cut_for_being_slow_notices_and_subscribes_again(
    redis_with: Callable[[str], RedisServer], connect_to: ConnectTo
) -> None:
    server = redis_with("--client-output-buffer-limit pubsub 1mb 512kb 1")
    speaker, listener, heard = await connect_to(server), await connect_to(server), Heard()

    def slowly(channel: str, payload: bytes) -> None:
        heard(channel, payload)
        time.sleep(0.002)

    await listener.subscribe(slowly, channels=["c"])
    flood = asyncio.to_thread(_flood, server, 3000)
    await flood
    await until(lambda: listener.reconnects == 1, within_s=10.0)
    speaker.publish("c", b"after the cut")
    await until(lambda: heard.messages[-1] == ("c", b"after the cut"))
    assert len(heard.messages) < 3000, "the cut has to lose messages, or it was none"


def _flood(server: RedisServer, count: int) -> None:
    """From a thread, so that the listener's loop is the only slow one."""
    for _ in range(count):
        server.command("PUBLISH", "c", "x" * 10_000)
