"""Participants of a bus for tests: on the in-memory server, on Valkey and on Redis, closed and checked at the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from galileo_bus.transport import Transport
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_bus.transport.redis_address import parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport

from tests.servers import RedisServer

Connect = Callable[[], Awaitable[Transport]]
ConnectTo = Callable[[RedisServer], Awaitable[RedisTransport]]

HEARTBEAT_S = 0.2


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fails a test that leaves a task running behind it."""
    before = asyncio.all_tasks()
    yield
    left = [task.get_name() for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    assert not left, f"left running: {left}"


@pytest.fixture(params=["memory", "valkey", "redis"])
async def connect(request: pytest.FixtureRequest, no_task_left: None) -> AsyncIterator[Connect]:
    """Makes started participants of one empty bus; the test runs once on each kind of bus."""
    made: list[Transport] = []
    memory = MemoryServer(asyncio.get_running_loop().time)
    server: RedisServer | None = None
    if request.param != "memory":
        server = request.getfixturevalue("shared_redis")(request.param)
        server.command("FLUSHALL")

    async def make() -> Transport:
        transport: Transport = MemoryTransport(memory) if server is None else _to(server)
        made.append(transport)
        await transport.start()
        return transport

    yield make
    for transport in made:
        await transport.close()


@pytest.fixture
async def connect_to(no_task_left: None) -> AsyncIterator[ConnectTo]:
    """Makes started participants of the server given, with heartbeats short enough for tests."""
    made: list[RedisTransport] = []

    async def make(server: RedisServer) -> RedisTransport:
        transport = _to(server)
        made.append(transport)
        await transport.start()
        return transport

    yield make
    for transport in made:
        await transport.close()


def _to(server: RedisServer) -> RedisTransport:
    return RedisTransport(parse_redis_url(server.url), rng=random.Random(1), heartbeat_s=HEARTBEAT_S)
