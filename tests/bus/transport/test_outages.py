"""A Redis that is killed, frozen, full, or closes what it accepts: what is noticed, kept, and tried again."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from galileo_bus.transport import TransportUnavailableError
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_link import pause_s
from galileo_bus.transport.redis_pubsub import RedisPublisher
from galileo_bus.transport.redis_transport import RedisTransport

from tests.bus.hearing import Heard, until
from tests.servers import RedisServer

ConnectTo = Callable[[RedisServer], Awaitable[RedisTransport]]


async def restarted(server: RedisServer) -> None:
    await asyncio.to_thread(server.start)


async def test_speaker_and_listener_are_back_within_two_seconds_of_a_restart(
    durable_redis: RedisServer, connect_to: ConnectTo
) -> None:
    transport, heard = await connect_to(durable_redis), Heard()
    await transport.subscribe(heard, channels=["c"], patterns=["p/*"])
    durable_redis.kill()
    await until(lambda: not transport._publisher.link.is_connected)
    transport.publish("c", b"said while the server is away")
    await restarted(durable_redis)
    began = asyncio.get_running_loop().time()
    await until(lambda: transport.reconnects == 3, within_s=2.0)
    while len(heard.messages) < 2:  # the two connections come back in any order, so the listener may miss the first
        transport.publish("c", b"1")
        transport.publish("p/x", b"2")
        await asyncio.sleep(0.02)
    assert asyncio.get_running_loop().time() - began < 2.0
    assert {channel for channel, _ in heard.messages} == {"c", "p/x"}
    assert await transport.append("s", b"entry", identity="1")


async def test_an_entry_is_still_there_after_a_kill_and_still_known_by_its_identity(
    durable_redis: RedisServer, connect_to: ConnectTo
) -> None:
    transport = await connect_to(durable_redis)
    assert await transport.append("s", b"entry", identity="1")
    durable_redis.kill()
    await restarted(durable_redis)
    assert not await transport.append("s", b"entry", identity="1")
    assert [entry.payload for entry in await transport.range("s", count=10)] == [b"entry"]


async def test_while_the_server_is_away_an_append_raises_and_publishing_does_not(
    durable_redis: RedisServer, connect_to: ConnectTo
) -> None:
    transport = await connect_to(durable_redis)
    durable_redis.kill()
    transport.publish("c", b"lost or kept, never an error")
    with pytest.raises(TransportUnavailableError, match=r"redis://127\.0\.0\.1:\d+/0 does not answer"):
        await transport.append("s", b"entry", identity="1")


async def test_a_group_reader_goes_on_after_a_restart_that_lost_everything(
    redis_with: Callable[[str], RedisServer], connect_to: ConnectTo
) -> None:
    server = redis_with("")
    transport = await connect_to(server)
    await transport.append("s", b"before", identity="1")
    assert len(await transport.read_group(["s"], group="g", consumer="c", count=9, wait_s=0.1)) == 1
    server.kill()
    await restarted(server)
    await transport.append("s", b"after", identity="2")
    reads = [await transport.read_group(["s"], group="g", consumer="c", count=9, wait_s=0.1) for _ in range(2)]
    assert [entry.payload for entries in reads for entry in entries] == [b"after"]
    assert await transport.claim_idle("s", group="g", consumer="d", idle_s=9, count=9) == []


async def test_a_frozen_server_is_noticed_and_left_behind_when_closing(
    redis_with: Callable[[str], RedisServer], connect_to: ConnectTo, caplog: pytest.LogCaptureFixture
) -> None:
    server = redis_with("")
    transport = await connect_to(server)
    await transport.subscribe(Heard(), channels=["c"])
    server.signal(signal.SIGSTOP)
    try:
        await until(lambda: caplog.text.count("stopped answering") == 3, within_s=2.0)  # heartbeats of 0.2 s
    finally:
        server.signal(signal.SIGCONT)
    await until(lambda: transport.reconnects == 3, within_s=2.0)


async def test_closing_does_not_wait_for_a_peer_that_takes_nothing(
    redis_with: Callable[[str], RedisServer], connect_to: ConnectTo
) -> None:
    server = redis_with("")
    publisher = RedisPublisher(RedisAddress(host="127.0.0.1", port=server.port), rng=random.Random(1), heartbeat_s=60)
    await publisher.start(5)
    server.signal(signal.SIGSTOP)
    try:
        for _ in range(20):
            publisher.publish("c", b"x" * 1_000_000)
        async with asyncio.timeout(3):
            await publisher.close()
    finally:
        server.signal(signal.SIGCONT)
    assert publisher.dropped > 0


async def test_a_full_server_is_one_that_takes_nothing_now(
    redis_with: Callable[[str], RedisServer], connect_to: ConnectTo
) -> None:
    server = redis_with("")
    transport = await connect_to(server)
    server.command("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(TransportUnavailableError, match=r"takes nothing now: .*maxmemory"):
        await transport.append("s", b"entry", identity="1")
    server.command("CONFIG", "SET", "maxmemory", "0")
    assert await transport.append("s", b"entry", identity="1"), "the refused attempt must not count as a first one"


async def test_an_append_that_the_stream_cannot_take_leaves_no_identity_behind(
    shared_redis: Callable[[str], RedisServer], connect_to: ConnectTo
) -> None:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    server.command("SET", "s", "not a stream")
    transport = await connect_to(server)
    with pytest.raises(Exception, match="WRONGTYPE"):
        await transport.append("s", b"entry", identity="1")
    server.command("DEL", "s")
    assert await transport.append("s", b"entry", identity="1")


async def test_a_slow_loop_does_not_blame_the_server(
    shared_redis: Callable[[str], RedisServer], connect_to: ConnectTo, caplog: pytest.LogCaptureFixture
) -> None:
    transport = await connect_to(shared_redis("valkey"))
    for _ in range(2):
        await asyncio.sleep(0.25)  # a heartbeat goes out and is answered
        time.sleep(0.7)  # more than three heartbeats  # noqa: ASYNC251
    await asyncio.sleep(0.3)
    assert transport.reconnects == 0
    assert "stopped answering" not in caplog.text


@pytest.fixture
async def accepts_and_closes() -> AsyncIterator[tuple[int, list[int]]]:
    """A port where every connection is closed at once, and the count of connections."""
    count = [0]

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count[0] += 1
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1]), count
    server.close()
    await server.wait_closed()


async def test_a_server_that_closes_what_it_accepts_is_not_asked_in_a_hot_loop(
    accepts_and_closes: tuple[int, list[int]],
) -> None:
    port, count = accepts_and_closes
    publisher = RedisPublisher(RedisAddress(host="127.0.0.1", port=port), rng=random.Random(1), heartbeat_s=0.2)
    publisher.link.start()
    await asyncio.sleep(1.0)
    await publisher.close()
    assert 3 <= count[0] <= 12


def test_pauses_double_up_to_a_second_and_stay_so_for_ever() -> None:
    rng = random.Random(1)
    assert 0.01 <= pause_s(0, rng) <= 0.02
    assert 0.04 <= pause_s(2, rng) <= 0.08
    for attempt in (20, 2_000, 1_000_000):
        assert 0.5 <= pause_s(attempt, rng) <= 1.0
