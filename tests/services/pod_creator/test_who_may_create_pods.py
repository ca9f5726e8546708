"""Who may append to the journal may create pods, and nobody else: with the rights that docs/delivery.md gives.

The pod creator works on a Valkey with two users; nobody adopts what is merely published.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from galileo_backends.kubernetes.interface import Kubernetes
from galileo_backends.kubernetes.memory import MemoryKubernetes
from galileo_backends.kubernetes.resources import PODS
from galileo_bus.bus import Bus
from galileo_bus.service.runtime import Runtime
from galileo_bus.testing import Said, until
from galileo_bus.transport.redis_address import parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.event import Event, Meta
from galileo_schemas.events import PodCreated, PodCreationRequest, ScaleSchedule
from galileo_schemas.frame import EVENTS_CHANNEL
from galileo_schemas.registry import encode_frame
from galileo_services.pod_creator.service import PodCreator

from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"
DOCUMENT = Path(__file__).parents[3] / "docs" / "delivery.md"
WATCHER, DECIDER = "watcher", "decider"
PASSWORD = "a-password"


@pytest.fixture
def server(redis_with: Callable[..., RedisServer]) -> RedisServer:
    """With the users of the worked example, word by word."""
    found = redis_with("")
    rules = [line.split() for line in DOCUMENT.read_text().splitlines() if line.startswith("    ACL SETUSER ")]
    assert [rule[2] for rule in rules] == [DECIDER, WATCHER]
    for rule in rules:
        assert found.command(*rule) == b"+OK"
    return found


def url(server: RedisServer, user: str) -> str:
    return f"redis://{user}:{PASSWORD}@127.0.0.1:{server.port}/0"


@asynccontextmanager
async def on(server: RedisServer, user: str) -> AsyncIterator[RedisTransport]:
    transport = RedisTransport(parse_redis_url(url(server, user)), rng=random.Random(1))
    await transport.start()
    try:
        yield transport
    finally:
        await transport.close()


def decision(pod: str, *, decision_id: str = "") -> ScaleSchedule:
    request = PodCreationRequest(pod_name=pod, image="edgerun/resnet:1")
    meta = Meta(id=decision_id, source="pressure_calculator/1") if decision_id else None
    return ScaleSchedule(fn="resnet", origin_zone="a", dest_zone="b", pod_creation_request=request, meta=meta)


@dataclass
class Creator:
    """A running pod creator, and what it says."""

    kubernetes: MemoryKubernetes
    said: Said

    async def pods(self) -> set[str]:
        found = await self.kubernetes.list_all(PODS, namespace=None)
        return {pod["metadata"]["name"] for pod in found.items}

    async def has_said(self, event_type: type[Event]) -> None:
        await until(lambda: bool(self.said.of(event_type)), within_s=20)


@asynccontextmanager
async def creating(server: RedisServer, adopt: Literal["all", "none"]) -> AsyncIterator[Creator]:
    creator = Creator(MemoryKubernetes(now=time.time, rng=random.Random(1)), Said())
    async with on(server, DECIDER) as transport, on(server, WATCHER) as ear:
        await ear.subscribe(creator.said, patterns=[f"{EVENTS_CHANNEL}*"])
        environ = {"pod_creator_images": "*"}
        runtime = Runtime(transport, environ=environ, now=time.time, seed=1, adopt=adopt)

        async def kubernetes(_stack: AsyncExitStack) -> Kubernetes:
            return creator.kubernetes

        runtime.provide(Kubernetes, kubernetes)
        runtime.add(PodCreator)
        stop = asyncio.Event()
        running = asyncio.get_running_loop().create_task(runtime.run(stop), name="runtime")
        try:
            await until(lambda: runtime.started.is_set() or running.done(), within_s=20)
            if not running.done():
                yield creator
        finally:
            stop.set()
            await running


async def test_publishing_alone_creates_no_pod_and_appending_does(server: RedisServer) -> None:
    async with creating(server, "none") as creator, on(server, WATCHER) as weak, on(server, DECIDER) as strong:
        weak.publish(EVENTS_CHANNEL, encode_frame(time.time(), decision("by-hand")))
        weak.publish(EVENTS_CHANNEL, encode_frame(time.time(), decision("as-if-said", decision_id="0" * 28)))
        await weak.flush()
        await until(lambda: len(creator.said.of(ScaleSchedule)) == 2, within_s=20)
        await Bus(strong, source="decider", now=time.time, rng=random.Random(1)).say(decision("by-right"))
        await creator.has_said(PodCreated)
        assert await creator.pods() == {"by-right"}
        assert weak.refused == 0, "publishing is its right"


async def test_where_decisions_are_adopted_publishing_is_enough(server: RedisServer) -> None:
    async with creating(server, "all") as creator, on(server, WATCHER) as weak:
        weak.publish(EVENTS_CHANNEL, encode_frame(time.time(), decision("by-hand")))
        await creator.has_said(PodCreated)
        assert await creator.pods() == {"by-hand"}


def test_a_person_without_the_right_is_told_which_one_in_one_line(server: RedisServer) -> None:
    value = msgspec.json.encode(decision("by-hand")).decode()
    told, done = (
        subprocess.run(
            [str(GALILEO), "events", "say", "scale_schedule", value],
            env={**os.environ, "galileo_redis_url": url(server, user)},
            capture_output=True,
            text=True,
            timeout=30,
        )
        for user in (WATCHER, DECIDER)
    )
    (line,) = told.stderr.splitlines()
    assert told.returncode == 2
    assert line.startswith("galileo: no right to append to galileo/journal/scale_schedule: redis://127.0.0.1:")
    assert "refuses us: NOPERM" in line
    assert PASSWORD not in line
    assert (done.returncode, done.stderr) == (0, "")
    assert server.answer("XLEN", "galileo/journal/scale_schedule") == b":1\r\n"
