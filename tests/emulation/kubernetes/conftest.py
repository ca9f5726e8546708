"""A store and a running server for each test."""

import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer, Store

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.kubectl import Kubectl


@pytest.fixture
def store() -> Store:
    return Store(now=time.time, rng=random.Random(1))


@pytest.fixture
async def server(store: Store) -> AsyncIterator[ApiServer]:
    async with ApiServer(store) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer any"}) as opened:
        yield opened


@pytest.fixture
def calls(server: ApiServer, session: aiohttp.ClientSession) -> Calls:
    return Calls(session, server.url)


@pytest.fixture
def kubectl(server: ApiServer, tmp_path: Path) -> Kubectl:
    return Kubectl(server.url, tmp_path)
