"""What a watch outlives: a killed server, a frozen one, a compacted past, an emptied store. Against a real etcd."""

import asyncio
import base64
import json
import random
import shutil
import signal
import urllib.request
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest
from galileo_backends.etcd import Change, EtcdSettings, GatewayEtcd, Put, Snapshot

from .conftest import EtcdServer


@pytest.fixture
async def client(server: EtcdServer) -> AsyncIterator[GatewayEtcd]:
    settings = EtcdSettings(endpoints=[server.url], timeout_s=1.0, watch_idle_s=0.5)
    async with GatewayEtcd(settings, rng=random.Random(1)) as client:
        yield client


def write(server: EtcdServer, key: str, value: bytes) -> None:
    """Writes past the client under test, as another process would."""
    body = {"key": base64.b64encode(key.encode()).decode(), "value": base64.b64encode(value).decode()}
    request(server, "/v3/kv/put", body)


def request(server: EtcdServer, path: str, body: dict[str, str]) -> None:
    with urllib.request.urlopen(server.url + path, json.dumps(body).encode(), timeout=5) as answer:
        answer.read()


async def following(changes: AsyncGenerator[Change, None]) -> Change:
    async with asyncio.timeout(15):
        return await anext(changes)


async def test_a_killed_server_that_returns_is_watched_from_where_it_was(
    server: EtcdServer, client: GatewayEtcd
) -> None:
    async with aclosing(client.watch_prefix("w/")) as changes:
        snapshot = await following(changes)
        await asyncio.to_thread(write, server, "w/a", b"before")
        assert await following(changes) == Put("w/a", b"before", snapshot.revision + 1)

        waiting = asyncio.ensure_future(following(changes))
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(write, server, "w/a", b"after")
        assert await waiting == Put("w/a", b"after", snapshot.revision + 2)


async def test_what_was_written_while_the_watch_was_away_is_not_lost(server: EtcdServer, client: GatewayEtcd) -> None:
    async with aclosing(client.watch_prefix("w/")) as changes:
        snapshot = await following(changes)
        await asyncio.to_thread(write, server, "w/0", b"")
        await following(changes)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        for number in range(1, 6):  # nobody reads the generator meanwhile: its stream is a dead one
            await asyncio.to_thread(write, server, f"w/{number}", b"")
        seen = [await following(changes) for _ in range(5)]
        assert [change.revision for change in seen] == [snapshot.revision + 1 + number for number in range(1, 6)]


async def test_a_compacted_past_gives_a_new_snapshot(server: EtcdServer, client: GatewayEtcd) -> None:
    async with aclosing(client.watch_prefix("w/")) as changes:
        first = await following(changes)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        for number in range(5):
            await asyncio.to_thread(write, server, "w/a", str(number).encode())
        await asyncio.to_thread(request, server, "/v3/kv/compaction", {"revision": str(first.revision + 4)})

        snapshot = await following(changes)
        assert isinstance(snapshot, Snapshot)
        assert [item.value for item in snapshot.items] == [b"4"]
        await asyncio.to_thread(write, server, "w/a", b"5")
        assert await following(changes) == Put("w/a", b"5", snapshot.revision + 1)


async def test_a_store_that_was_emptied_gives_a_new_snapshot(server: EtcdServer, client: GatewayEtcd) -> None:
    for number in range(5):
        await client.put(f"w/{number}", b"old")
    async with aclosing(client.watch_prefix("w/")) as changes:
        await following(changes)
        await asyncio.to_thread(server.kill)
        shutil.rmtree(server.data_dir)
        await asyncio.to_thread(server.start)

        snapshot = await following(changes)
        assert snapshot == Snapshot([], 1)
        await asyncio.to_thread(write, server, "w/new", b"1")
        assert await following(changes) == Put("w/new", b"1", 2)


async def test_a_frozen_server_that_thaws_is_watched_on(server: EtcdServer, client: GatewayEtcd) -> None:
    async with aclosing(client.watch_prefix("w/")) as changes:
        snapshot = await following(changes)
        waiting = asyncio.ensure_future(following(changes))
        server.signal(signal.SIGSTOP)
        await asyncio.sleep(
            0.8
        )  # longer than watch_idle_s: the watch is opened anew against a server that says nothing
        server.signal(signal.SIGCONT)
        await asyncio.to_thread(write, server, "w/a", b"1")
        assert await waiting == Put("w/a", b"1", snapshot.revision + 1)
