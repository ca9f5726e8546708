"""From this host's files over a real server into the ingester's windows, beside a node that is no cluster's."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Callable

import pytest
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.redis_address import parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.events import TelemetryWindow
from galileo_schemas.frame import split_frame
from galileo_schemas.registry import decode_frame
from galileo_services.telemetry_agent.service import TelemetryAgent
from galileo_services.telemetry_ingester.service import TelemetryIngester

from tests.servers import RedisServer
from tests.services.harness import until
from tests.services.telemetry_agent.made_up_host import CONTAINER_A, POD, MadeUpHost

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the instruments read Linux's files")


@pytest.fixture
async def transport(shared_redis: Callable[[str], RedisServer]) -> AsyncIterator[RedisTransport]:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    transport = RedisTransport(parse_redis_url(server.url), rng=random.Random(1))
    await transport.start()
    yield transport
    await transport.close()


async def windows_of(transport: RedisTransport, count: int, **environ: str) -> list[TelemetryWindow]:
    """The first windows that the ingester tells while the agent runs."""
    windows: list[TelemetryWindow] = []

    def note(_channel: str, payload: bytes) -> None:
        frame = split_frame(payload)
        if frame.name == "telemetry_window":
            event = decode_frame(frame)
            assert isinstance(event, TelemetryWindow)
            windows.append(event)

    subscription = await transport.subscribe(note, patterns=["galileo/events*"])
    runtime = Runtime(transport, environ=environ, now=time.time)
    ingester = runtime.add(TelemetryIngester)
    runtime.add(TelemetryAgent)
    stop = asyncio.Event()
    running = asyncio.create_task(runtime.run(stop))
    await until(lambda: len(windows) >= count or running.done(), within_s=10.0)
    stop.set()
    await running
    await subscription.close()
    assert ingester.figures()["samples"] > 0
    assert runtime.metrics()["telemetry_ingester"]["rejected"] == 0.0
    return windows


async def test_this_hosts_metrics_become_windows(transport: RedisTransport) -> None:
    windows = await windows_of(transport, 3, telemd_nodename="real-host")
    assert {window.node for window in windows} == {"real-host"}
    newest = windows[-1].metrics
    assert 0.0 <= newest["cpu"] <= 100.0
    assert newest["ram"] > 1000.0
    assert newest["procs"] >= 0.0
    assert any(name.startswith("rx/") for name in newest)


async def test_containers_use_becomes_millicores(transport: RedisTransport, pi: MadeUpHost) -> None:
    group = f"kubepods/burstable/pod{POD}/{CONTAINER_A}"
    began = time.monotonic()

    async def use_half_a_core() -> None:
        while True:
            used_us = int((time.monotonic() - began) * 500_000)
            pi.group(group, cpu__stat=f"usage_usec {used_us}\n", memory__current=64 * 1024**2)
            await asyncio.sleep(0.005)

    using = asyncio.create_task(use_half_a_core())
    period = "100ms"
    windows = await windows_of(
        transport,
        3,
        **pi.settings(telemd_period_kubernetes_cgrp_cpu=period, telemd_period_kubernetes_cgrp_memory=period),
    )
    using.cancel()
    usage = windows[-1].containers[CONTAINER_A[:12]]
    assert usage.cpu_millicores == pytest.approx(500.0, rel=0.2)
    assert usage.memory_bytes == 64 * 1024**2
    assert windows[-1].metrics["freq"] == 6_000_000.0
