"""The health page over real HTTP: is the loop turning, can the services work, and their numbers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable

import pytest
from galileo_bus.service import Service, Settings, on
from galileo_bus.service.health import HealthServer
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.memory import MemoryTransport
from galileo_schemas.events import ApiPressure

from tests.bus.hearing import until
from tests.bus.service.living import living, person, runtime_on

Get = Callable[[str], "asyncio.Future[tuple[int, str]]"]


class Hungry(Service):
    """Ready when it has heard a pressure."""

    name = "hungry"
    settings: Settings
    heard = 0

    @on(ApiPressure)
    async def hear(self, event: ApiPressure) -> None:
        self.heard += 1

    def ready(self) -> str | None:
        return None if self.heard else "no pressure heard yet"

    def figures(self) -> dict[str, float]:
        return {"big": 123456789.0}


class Sated(Service):
    """Always ready."""

    name = "sated"
    settings: Settings


@pytest.fixture
def runtime(memory: MemoryTransport) -> Runtime:
    return runtime_on(memory)


@pytest.fixture
async def page(runtime: Runtime) -> AsyncIterator[str]:
    """The address of the health page."""
    server = HealthServer(runtime, host="127.0.0.1", port=0)
    yield f"http://127.0.0.1:{await server.start()}"
    await server.close()


async def get(url: str) -> tuple[int, str]:
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return int(refused.code), refused.read().decode()


async def test_healthz_answers_while_the_loop_turns(page: str) -> None:
    assert await get(f"{page}/healthz") == (200, "ok\n")


async def test_readyz_says_per_service_why_not(runtime: Runtime, page: str, memory: MemoryTransport) -> None:
    runtime_services = (Hungry, Sated)
    async with living(runtime, *runtime_services) as (hungry, _):
        assert isinstance(hungry, Hungry)
        status, body = await get(f"{page}/readyz")
        assert (status, json.loads(body)) == (503, {"hungry": "no pressure heard yet", "sated": None})
        await person(memory).say(ApiPressure(node="n", zone="z", value=1))
        await until(lambda: hungry.heard == 1)
        status, body = await get(f"{page}/readyz?verbose")
        assert (status, json.loads(body)) == (200, {"hungry": None, "sated": None})
    status, body = await get(f"{page}/readyz")
    assert (status, json.loads(body)) == (503, {"hungry": "starting", "sated": "starting"})


async def test_metrics_are_prometheus_text_with_exact_numbers(
    runtime: Runtime, page: str, memory: MemoryTransport
) -> None:
    async with living(runtime, Hungry) as (hungry,):
        assert isinstance(hungry, Hungry)
        for _ in range(3):
            await person(memory).say(ApiPressure(node="n", zone="z", value=1))
        await until(lambda: hungry.heard == 3)
        status, body = await get(f"{page}/metrics")
    assert status == 200
    lines = body.splitlines()
    assert all(re.fullmatch(r'galileo_\w+(\{service="\w+"\})? [0-9.]+', line) for line in lines), lines
    numbers = {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines}
    assert numbers['galileo_heard{service="hungry"}'] == 3
    assert numbers['galileo_big{service="hungry"}'] == 123456789.0
    assert numbers["galileo_bus_reconnects"] == 0


async def test_another_page_says_which_there_are(page: str) -> None:
    assert await get(f"{page}/") == (404, "/healthz, /readyz and /metrics are here\n")


@pytest.mark.parametrize("request_bytes", [b"", b"\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET " + b"x" * 200_000])
async def test_what_is_no_http_hurts_nobody(page: str, request_bytes: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(page.rsplit(":", 1)[1]))
    writer.write(request_bytes)
    if writer.can_write_eof():
        writer.write_eof()
    with contextlib.suppress(ConnectionError):  # cut is an answer too
        await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert await get(f"{page}/healthz") == (200, "ok\n")


async def test_a_port_that_is_taken_is_an_error_at_once(runtime: Runtime, page: str) -> None:
    port = int(page.rsplit(":", 1)[1])
    with pytest.raises(OSError, match=str(port)):
        await HealthServer(runtime, host="127.0.0.1", port=port).start()
