"""Lists of many megabytes: whole at their readers, in pieces on the way, and nobody waits for one who does not read."""

import asyncio
import random
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer, Store
from galileo_emulation.kubernetes.http import handlers
from galileo_emulation.kubernetes.http.large_answers import LARGE_BYTES
from galileo_emulation.kubernetes.kinds import CONFIG_MAPS

CONFIG_MAPS_PATH = "/api/v1/namespaces/default/configmaps"
COUNT, TEXT = 300, "x" * 100_000


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    store = Store(now=time.time, rng=random.Random(1))
    for number in range(COUNT):
        body = {"metadata": {"name": f"m-{number:03d}", "namespace": "default"}, "data": {"text": TEXT}}
        store.put(CONFIG_MAPS, body)
    async with ApiServer(store) as running:
        yield running


async def test_a_large_list_arrives_whole(server: ApiServer, session: aiohttp.ClientSession) -> None:
    for _ in range(2):  # the connection goes on
        async with session.get(server.url + CONFIG_MAPS_PATH) as response:
            assert response.headers["Content-Type"] == "application/json"
            assert int(response.headers["Content-Length"]) > LARGE_BYTES
            items = (await response.json())["items"]
        assert [item["metadata"]["name"] for item in items] == [f"m-{number:03d}" for number in range(COUNT)]
        assert {item["data"]["text"] for item in items} == {TEXT}


async def test_who_does_not_read_is_cut_off(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "WRITE_TIMEOUT_S", 0.2)
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    try:
        writer.write(f"GET {CONFIG_MAPS_PATH} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        async with asyncio.timeout(10.0):
            await reader.readline()
            await asyncio.sleep(0.5)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(COUNT * len(TEXT))
    finally:
        writer.close()
