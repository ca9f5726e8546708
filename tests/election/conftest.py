"""Keepers of leases under test: in memory, on Valkey and Redis, and Lease objects of a twin and of the emulated API."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from galileo_backends.kubernetes import Connection, HttpKubernetes, Kubernetes, MemoryKubernetes
from galileo_backends.kubernetes.leases import KubernetesLeases
from galileo_bus.election.leases import Leases
from galileo_bus.election.on_the_bus import fences_on, leases_on
from galileo_bus.transport import Transport
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_bus.transport.redis_address import parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_emulation.kubernetes.http.server import ApiServer
from galileo_emulation.kubernetes.storage.store import Store


@dataclass
class Keeper:
    """Leases as several replicas see them, and the bus that refuses whoever leads no more."""

    transport: Transport
    kubernetes: Kubernetes | None = None

    def seen_by_a_replica(self) -> Leases:
        """With a memory of its own."""
        if self.kubernetes is None:
            return leases_on(self.transport)
        clock = asyncio.get_running_loop().time
        return KubernetesLeases(
            self.kubernetes, fences_on(self.transport), namespace="default", clock=clock, now=time.time
        )


@pytest.fixture(params=["memory", "valkey", "redis", "lease in memory", "lease of the emulated API"])
async def keeper(request: pytest.FixtureRequest) -> AsyncIterator[Keeper]:
    """Without any lease."""
    async with AsyncExitStack() as stack:
        memory = MemoryTransport(MemoryServer(asyncio.get_running_loop().time))
        if request.param in ("valkey", "redis"):
            server = request.getfixturevalue("shared_redis")(request.param)
            server.command("FLUSHALL")
            transport = RedisTransport(parse_redis_url(server.url), rng=random.Random(1))
            await transport.start()
            stack.push_async_callback(transport.close)
            yield Keeper(transport)
        elif request.param == "lease in memory":
            yield Keeper(memory, MemoryKubernetes(now=time.time, rng=random.Random(1)))
        elif request.param == "lease of the emulated API":
            store = Store(now=time.time, rng=random.Random(1))
            api = await stack.enter_async_context(ApiServer(store, host="127.0.0.1", port=0))
            client = HttpKubernetes(Connection(base_url=api.url), rng=random.Random(1))
            yield Keeper(memory, await stack.enter_async_context(client))
        else:
            yield Keeper(memory)
