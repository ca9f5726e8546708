"""Workers that act on decisions, ended after each test; and a bus in memory whose time may be virtual."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from galileo_bus.transport.memory import MemoryServer, MemoryTransport

from tests.bus.delivery.acting import Workers


@pytest.fixture
async def workers(no_task_left: None) -> AsyncIterator[Workers]:
    workers = Workers()
    yield workers
    await workers.end()


@pytest.fixture
async def memory_server() -> MemoryServer:
    return MemoryServer(lambda: asyncio.get_running_loop().time())


@pytest.fixture
async def memory(memory_server: MemoryServer) -> MemoryTransport:
    return MemoryTransport(memory_server)
