"""A bus in memory for services; nothing may be left running when a test ends."""

from __future__ import annotations

import asyncio

import pytest
from galileo_bus.transport.memory import MemoryServer, MemoryTransport


@pytest.fixture
async def memory(no_task_left: None) -> MemoryTransport:
    return MemoryTransport(MemoryServer(lambda: asyncio.get_running_loop().time()))
