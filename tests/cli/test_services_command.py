"""`galileo services` against a real Valkey, with services that say how they are."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from galileo_bus.service import Service, Settings
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.redis_address import parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_cli.__main__ import main
from galileo_cli.commands.services import table
from galileo_cli.services_heard import ServicesHeard

from tests.cli.test_services_heard import status
from tests.servers import RedisServer, free_port


class Well(Service):
    """Has nothing to do."""

    name = "well"
    settings: Settings


class Waiting(Service):
    """Is never ready."""

    name = "waiting"
    settings: Settings

    def ready(self) -> str | None:
        return "no weights were read yet"


@pytest.fixture(autouse=True)
def logs_of_tests_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs in the tests' own process."""
    monkeypatch.setattr("galileo_cli.commands.services.set_up_logs", lambda **_wanted: None)


@pytest.fixture
def bus(shared_redis: Callable[[str], RedisServer], monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """An empty Valkey, named by the environment."""
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    monkeypatch.setenv("galileo_redis_url", server.url)
    return server


@asynccontextmanager
async def running(server: RedisServer, *services: type[Service]) -> AsyncIterator[None]:
    transport = RedisTransport(parse_redis_url(server.url), rng=random.Random(1))
    await transport.start()
    runtime = Runtime(transport, environ={}, now=time.time)
    for service in services:
        runtime.add(service)
    stop = asyncio.Event()
    task = asyncio.create_task(runtime.run(stop))
    await runtime.started.wait()
    try:
        yield
    finally:
        stop.set()
        await task
        await transport.close()


async def services(*words: str) -> int:
    """The command's exit status; it runs a loop of its own, so in a thread."""
    return await asyncio.to_thread(main, ["services", *words])


async def test_all_that_run_are_listed_and_all_well_is_zero(
    bus: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(bus, Well):
        assert await services() == 0
    titles, line = capsys.readouterr().out.splitlines()
    assert titles.split() == ["SERVICE", "PROCESS", "SAID/S", "HEARD/S", "LAG", "LOST", "AGE", "STATE"]
    assert line.startswith("well")
    assert line.endswith("ready")


async def test_one_that_is_not_ready_is_told_with_its_reason_and_is_one(
    bus: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(bus, Well, Waiting):
        assert await services("--json") == 1
    waiting, well = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (waiting["service"], waiting["state"]) == ("waiting", "not ready: no weights were read yet")
    assert (well["state"], well["status"]["figures"]["lost"]) == ("ready", 0.0)


async def test_a_service_that_has_to_be_there_and_is_not_is_one(
    bus: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(bus, Well):
        assert await services("well", "pod_creator") == 1
    assert capsys.readouterr().out.splitlines()[-2].endswith("not heard")


async def test_a_bus_on_which_no_service_speaks_is_told_in_one_line(
    bus: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await services() == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"galileo: no service was heard on {bus.url} in 3 s\n"


async def test_without_a_bus_it_is_one_line_within_two_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("galileo_redis_port", str(free_port()))
    monkeypatch.setenv("galileo_redis_host", "127.0.0.1")
    began = time.monotonic()
    assert await services() == 2
    assert time.monotonic() - began < 2.0
    (line,) = capsys.readouterr().err.splitlines()
    assert "no answer from redis://127.0.0.1" in line


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    heard = ServicesHeard()
    heard.note(status("pressure_calculator", started=100.0), 110.0)
    heard.note(status("gateway", instance="edge", started=100.0), 3710.0)
    heard.note(status("pressure_calculator", life="2", started=3700.0, unhealthy="a run failed"), 3710.0)
    assert table(heard.rows(3710.0)) == [
        "SERVICE              PROCESS   SAID/S  HEARD/S  LAG  LOST  AGE  STATE",
        "gateway/edge         edge-1/7     1.5       20    3     2  60m  ready",
        "pressure_calculator  edge-1/7     1.5       20    3     2  10s  unhealthy: a run failed",
    ]
