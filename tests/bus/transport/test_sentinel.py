"""Sentinels say which server is the master: found at the start, and again after a failover."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from galileo_bus.service import SettingError
from galileo_bus.transport import TransportUnavailableError
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_cli.connections import BusSettings

from tests.bus.hearing import Heard, until
from tests.servers import RedisServer, free_port


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[RedisServer, RedisServer, list[RedisServer]]]:
    """A master, its replica, and three Sentinels that see an outage within half a second."""
    master = RedisServer(tmp_path / "master")
    master.start()
    replica = RedisServer(tmp_path / "replica", options=f"--replicaof 127.0.0.1 {master.port}")
    replica.start()
    sentinels = [RedisServer(tmp_path / f"sentinel-{number}", options="") for number in range(3)]
    for sentinel in sentinels:
        sentinel.start_as_sentinel(master.port, quorum=2, down_after_ms=500)
    try:
        yield master, replica, sentinels
    finally:
        for server in (*sentinels, replica, master):
            server.kill()


def transport_of(sentinels: str, **more: str) -> RedisTransport:
    address = BusSettings.load({"galileo_redis_sentinels": sentinels, **more}).address
    return RedisTransport(address, rng=random.Random(1), heartbeat_s=0.2, start_timeout_s=5.0)


async def test_after_a_failover_everything_goes_on_at_the_new_master(
    watched: tuple[RedisServer, RedisServer, list[RedisServer]], no_task_left: None
) -> None:
    master, replica, sentinels = watched
    addresses = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in sentinels)
    transport, heard = transport_of(addresses), Heard()
    await transport.start()
    await transport.subscribe(heard, channels=["c"])
    assert await transport.append("s", b"before", identity="1")
    await until(lambda: replica.command("EXISTS", "s") == b":1")
    await until(lambda: all(one.knows_others("mymaster", sentinels=2) for one in sentinels), within_s=10.0)
    master.kill()
    async with asyncio.timeout(20.0):
        while True:
            try:
                assert await transport.append("s", b"after", identity="2")
                break
            except TransportUnavailableError:
                await asyncio.sleep(0.1)
    while not heard.messages:
        transport.publish("c", b"1")
        await asyncio.sleep(0.05)
    read = await transport.read_group(["s"], group="g", consumer="c", count=9, wait_s=1.0)
    assert [entry.payload for entry in read] == [b"before", b"after"]
    assert replica.command("EXISTS", "s") == b":1"
    await transport.close()


async def test_no_sentinel_is_one_clear_error(no_task_left: None, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = transport_of(f"127.0.0.1:{free_port()}")
    monkeypatch.setattr(transport, "_start_timeout_s", 0.5)
    with pytest.raises(TransportUnavailableError, match=r"the master of mymaster \(by the Sentinels 127"):
        await transport.start()


@pytest.mark.parametrize("text", ["host:99999", ":26379"])
def test_wrong_sentinels_are_one_clear_error(text: str) -> None:
    with pytest.raises(SettingError, match=r"galileo_redis_sentinels: .*expected host:port"):
        _ = BusSettings.load({"galileo_redis_sentinels": text}).address


def test_the_address_says_whom_it_asks() -> None:
    address = BusSettings.load({"galileo_redis_sentinels": "a,b:1", "galileo_redis_sentinel_master": "edge"}).address
    assert address.shown == "the master of edge (by the Sentinels a:26379,b:1)"
