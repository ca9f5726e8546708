"""Two real processes on a real Valkey: the leader is killed, stopped, frozen, cut off; the other takes over."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from galileo_bus.transport.redis_address import parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport

from tests.bus.proxy import Proxy
from tests.election.processes import LEASE_S, Replica, Start, until_writes, writers
from tests.servers import RedisServer


@pytest.fixture
def bus(shared_redis: Callable[[str], RedisServer]) -> RedisServer:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    return server


@pytest.fixture
async def transport(bus: RedisServer) -> AsyncIterator[RedisTransport]:
    reader = RedisTransport(parse_redis_url(bus.url), rng=random.Random(1))
    await reader.start()
    yield reader
    await reader.close()


@pytest.fixture
def start(tmp_path: Path, bus: RedisServer) -> Iterator[Start]:
    """Starts a process on the bus, or on the port given."""
    started: list[Replica] = []

    def begin(*, port: int = bus.port) -> Replica:
        started.append(Replica(tmp_path / f"replica-{len(started)}", port=port))
        return started[-1]

    yield begin
    for replica in started:
        replica.kill()


@pytest.fixture
async def pair(start: Start, transport: RedisTransport) -> tuple[Replica, Replica]:
    """A leader that writes, and a follower."""
    leader = start()
    await leader.leads()
    follower = start()
    await follower.is_running()
    await until_writes(transport, leader)
    return leader, follower


async def taken_over_once(transport: RedisTransport, leader: Replica, follower: Replica) -> None:
    """In the journal the follower's decisions follow the leader's, and none of the leader's comes after."""
    written = await writers(transport)
    first = written.index(follower.process.pid)
    assert set(written[:first]) == {leader.process.pid}
    assert set(written[first:]) == {follower.process.pid}


async def test_a_follower_writes_nothing_and_a_killed_leader_is_followed_within_its_lease(
    pair: tuple[Replica, Replica], transport: RedisTransport
) -> None:
    leader, follower = pair
    assert follower.process.pid not in await writers(transport)
    leader.signal(signal.SIGKILL)
    assert await until_writes(transport, follower) < LEASE_S + 0.5
    await taken_over_once(transport, leader, follower)


async def test_a_leader_that_stops_is_followed_within_a_second(
    pair: tuple[Replica, Replica], transport: RedisTransport
) -> None:
    leader, follower = pair
    leader.signal(signal.SIGTERM)
    assert await until_writes(transport, follower) < 1.0
    assert await leader.ended() == 0
    await taken_over_once(transport, leader, follower)


async def test_a_leader_that_froze_as_it_was_about_to_write_is_refused_when_it_wakes(
    pair: tuple[Replica, Replica], transport: RedisTransport
) -> None:
    leader, follower = pair
    (leader.folder / "freeze_before_writing").touch()
    await until_writes(transport, follower)
    await asyncio.sleep(0.2)
    leader.signal(signal.SIGCONT)
    await leader.logs("leads no more (epoch 1)")
    await asyncio.sleep(LEASE_S / 2)
    await taken_over_once(transport, leader, follower)
    assert leader.process.poll() is None, "it goes on as a follower"
    follower.signal(signal.SIGTERM)
    await leader.logs("leads, epoch 3", within_s=1.0)


async def test_a_leader_that_is_cut_off_stops_before_another_leads(
    start: Start, bus: RedisServer, transport: RedisTransport
) -> None:
    proxy = Proxy(bus.port)
    await proxy.start()
    leader = start(port=proxy.port)
    await leader.leads()
    follower = start()
    await follower.is_running()
    await until_writes(transport, leader)
    proxy.fall_silent()
    assert await until_writes(transport, follower) < LEASE_S + 0.5
    await leader.logs("leads no more (epoch 1): not renewed in time")
    assert leader.said_at("leads no more") < follower.said_at("leads, epoch 2")
    proxy.speak_again()
    await asyncio.sleep(LEASE_S)
    await taken_over_once(transport, leader, follower)
    assert leader.process.poll() is None
    await proxy.close()


async def test_work_that_does_not_end_with_the_lease_takes_its_process_down(
    start: Start, bus: RedisServer, tmp_path: Path, transport: RedisTransport
) -> None:
    proxy = Proxy(bus.port)
    await proxy.start()
    leader = start(port=proxy.port)
    (leader.folder / "stubborn").touch()
    await until_writes(transport, leader)
    proxy.fall_silent()
    assert await leader.ended(within_s=LEASE_S + 2.0) == -signal.SIGKILL
    assert "the lease has run out and work has not ended: deciding background 0" in leader.log
    await proxy.close()
