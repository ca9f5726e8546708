"""A subscription that may have missed something says so: after a cut, a silence, or a subscription made on the way."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable

import pytest
from galileo_bus.bus import Bus
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure
from galileo_schemas.frame import RawFrame

from tests.bus.hearing import Heard, until
from tests.robustness.fault_proxy import FaultProxy
from tests.servers import RedisServer

HEARTBEAT_S = 0.4


@pytest.fixture
async def proxy(shared_redis: Callable[[str], RedisServer]) -> AsyncIterator[FaultProxy]:
    proxy = FaultProxy(shared_redis("valkey").port, rng=random.Random(1))
    await proxy.start()
    yield proxy
    await proxy.close()


@pytest.fixture
async def transport(proxy: FaultProxy) -> AsyncIterator[RedisTransport]:
    address = RedisAddress(host="127.0.0.1", port=proxy.port)
    transport = RedisTransport(address, rng=random.Random(1), heartbeat_s=HEARTBEAT_S)
    await transport.start()
    yield transport
    proxy.heal()
    await transport.close()


class Told:
    """Notes what a subscription says of itself, and when."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.sure_at = 0.0
        self.at = 0.0

    def interrupted(self, sure_at: float) -> None:
        self.said.append("interrupted")
        self.sure_at = sure_at
        self.at = asyncio.get_running_loop().time()

    def resumed(self) -> None:
        self.said.append("resumed")


async def test_a_black_holed_peer_is_noticed_within_two_heartbeats(
    proxy: FaultProxy, transport: RedisTransport
) -> None:
    told = Told()
    await transport.subscribe(Heard(), channels=["c"], interrupted=told.interrupted, resumed=told.resumed)
    await asyncio.sleep(1.3 * HEARTBEAT_S)
    proxy.black_hole()
    began = asyncio.get_running_loop().time()
    await until(lambda: told.said == ["resumed", "interrupted"])
    assert told.at - began <= 2 * HEARTBEAT_S + 0.1
    assert began - HEARTBEAT_S <= told.sure_at <= began, "what was said before the last answered PING was heard"
    assert transport.away_s < 0.1
    await until(lambda: transport.away_s > 0.3)
    proxy.heal()
    await until(lambda: told.said == ["resumed", "interrupted", "resumed"] and transport.away_s == 0)


async def test_half_a_black_hole_is_noticed_too(proxy: FaultProxy, transport: RedisTransport) -> None:
    told = Told()
    await transport.subscribe(Heard(), channels=["c"], interrupted=told.interrupted)
    proxy.lose_answers()
    began = asyncio.get_running_loop().time()
    await until(lambda: told.said == ["interrupted"])
    assert told.at - began <= 2 * HEARTBEAT_S + 0.1


async def test_a_subscription_that_was_made_again_on_the_way_is_an_interruption(
    transport: RedisTransport, caplog: pytest.LogCaptureFixture
) -> None:
    """A proxy that speaks Redis may connect and subscribe again for us: the only sign is the second answer."""
    told = Told()
    await transport.subscribe(Heard(), channels=["a", "b"], interrupted=told.interrupted, resumed=told.resumed)
    subscriber = transport._subscribers[0]
    for channel in (b"a", b"b"):
        subscriber._received([b"subscribe", channel, 1])
    assert told.said == ["resumed", "interrupted", "resumed"]
    assert caplog.text.count("made again on the way") == 1
    assert transport.reconnects == 0


async def test_observations_lost_to_an_overflowing_output_buffer_are_seen_and_counted(
    redis_with: Callable[[str], RedisServer],
) -> None:
    server = redis_with("--client-output-buffer-limit pubsub 256kb 128kb 1")
    proxy = FaultProxy(server.port, rng=random.Random(1))
    await proxy.start()
    direct, slow = (
        RedisTransport(RedisAddress(host="127.0.0.1", port=port), rng=random.Random(port), heartbeat_s=HEARTBEAT_S)
        for port in (server.port, proxy.port)
    )
    for transport in (direct, slow):
        await transport.start()
    speaker, listener = (
        Bus(transport, source=name, now=time.time, rng=random.Random(name))
        for name, transport in (("speaker", direct), ("listener", slow))
    )
    heard: list[float] = []

    async def hear(event: Event, _frame: RawFrame) -> None:
        assert isinstance(event, ApiPressure)
        heard.append(event.value)

    listener.listen(ApiPressure, hear)
    await listener.start()
    await speaker.start()
    await speaker.say(ApiPressure(node="n", zone="z", value=0))
    await until(lambda: heard == [0.0])
    proxy.spoiling.bytes_per_s = 100_000
    for value in range(1, 801):
        await speaker.say(ApiPressure(node="n" * 16_384, zone="z", value=float(value)))
    await direct.flush()
    await until(lambda: listener.inbox.interruptions == 1, within_s=15)
    proxy.heal()
    await until(lambda: slow.away_s == 0)
    await speaker.say(ApiPressure(node="n", zone="z", value=801))
    await until(lambda: heard[-1] == 801.0 or listener.losses.lost + len(heard) == 802)
    assert listener.losses.lost > 0
    assert listener.losses.lost + len(heard) == 802
    assert listener.losses.by_name == {"api_pressure": listener.losses.lost}
    for bus in (speaker, listener):
        await bus.close()
    for transport in (direct, slow):
        await transport.close()
    await proxy.close()
