"""The same work for etcd, by its JSON gateway: what a real API server's store does, without the API."""

from __future__ import annotations

import asyncio
import base64
import time

import aiohttp
import orjson

from benchmarks.world_load import AT_ONCE, PATIENCE_S, pod

PREFIX = "/registry/pods/default/"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _put(name: str, value: bytes) -> bytes:
    return orjson.dumps({"key": _text((PREFIX + name).encode()), "value": _text(value)})


async def create_pods(session: aiohttp.ClientSession, url: str, first: int, count: int) -> float:
    """Put `count` pods over 16 connections; pods a second."""
    numbers = iter(range(first, first + count))

    async def some() -> None:
        for number in numbers:
            name = f"pod-{number:05d}"
            async with session.post(f"{url}/v3/kv/put", data=_put(name, orjson.dumps(pod(name)))) as response:
                if response.status != 200:
                    raise RuntimeError(f"etcd did not take a pod: {response.status}")
                await response.read()

    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - started)


async def list_seconds(session: aiohttp.ClientSession, url: str, expected: int) -> float:
    """How long a range over all pods takes, to the last byte."""
    asked = {"key": _text(PREFIX.encode()), "range_end": _text(PREFIX[:-1].encode() + b"0")}
    started = time.perf_counter()
    async with session.post(f"{url}/v3/kv/range", data=orjson.dumps(asked)) as response:
        payload = await response.read()
    taken = time.perf_counter() - started
    found = len(orjson.loads(payload)["kvs"])
    if found != expected:
        raise RuntimeError(f"etcd holds {found} pods, expected {expected}")
    return taken


async def watch_ages_s(
    session: aiohttp.ClientSession, url: str, *, watchers: int, rate: float, seconds: float
) -> list[float]:
    """How old each change is when each of the watchers sees it."""
    ages: list[float] = []
    arrived = asyncio.Event()
    asked = {"create_request": {"key": _text(PREFIX.encode()), "range_end": _text(PREFIX[:-1].encode() + b"0")}}

    async def follow(response: aiohttp.ClientResponse) -> None:
        async for line in response.content:
            now = time.perf_counter()
            events = orjson.loads(line).get("result", {}).get("events", [])
            ages.extend(now - float(base64.b64decode(event["kv"]["value"])) for event in events)
            arrived.set()

    tasks = []
    for _ in range(watchers):
        response = await session.post(f"{url}/v3/watch", data=orjson.dumps(asked), timeout=None)
        await response.content.readline()  # the watch has been created
        tasks.append(asyncio.create_task(follow(response)))
    started, count = time.perf_counter(), int(rate * seconds)
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        body = _put(f"pod-{number * 7 % 1000:05d}", b"%.6f" % time.perf_counter())
        async with session.post(f"{url}/v3/kv/put", data=body) as answer:
            await answer.read()
    async with asyncio.timeout(PATIENCE_S):
        while len(ages) < count * watchers:
            arrived.clear()
            await arrived.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return ages
