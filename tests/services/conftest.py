"""A house for services; nothing may be left running when a test ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.services.harness import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    before = asyncio.all_tasks()
    house = House()
    await house.open()
    yield house
    await house.close()
    left = [task.get_name() for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    assert not left, f"left running: {left}"
