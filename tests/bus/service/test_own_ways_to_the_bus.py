"""Services of one process may reach the bus by ways of their own, and hear of it when theirs was broken."""

from __future__ import annotations

import asyncio

import pytest
from galileo_bus.service import Service, Settings, on
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.events import ApiPressure, ScaleSchedule

from tests.bus.delivery.acting import decision
from tests.bus.hearing import until
from tests.bus.service.living import person, runtime_on

pytestmark = pytest.mark.looptime


class Way(MemoryTransport):
    """A way to the bus that counts how often it was broken and made again."""

    breaks = 0

    @property
    def reconnects(self) -> int:
        return self.breaks


class Hears(Service):
    settings: Settings

    async def started(self) -> None:
        self.values: list[float] = []
        self.rejoins = 0

    @on(ApiPressure)
    async def note(self, event: ApiPressure) -> None:
        self.values.append(event.value)

    async def rejoined(self) -> None:
        self.rejoins += 1


class Left(Hears):
    name = "left"


class Right(Hears):
    name = "right"


async def test_each_service_speaks_and_hears_by_its_own_way() -> None:
    shared, elsewhere = (MemoryServer(asyncio.get_running_loop().time) for _ in range(2))
    runtime = runtime_on(MemoryTransport(shared))
    left, right = runtime.add(Left), runtime.add(Right, transport=MemoryTransport(elsewhere))
    assert isinstance(left, Left)
    assert isinstance(right, Right)
    assert runtime.transports == [left.bus.transport, right.bus.transport]
    stop = asyncio.Event()
    running = asyncio.create_task(runtime.run(stop))
    await runtime.started.wait()
    for server, value in ((shared, 1.0), (elsewhere, 2.0)):
        speaker = person(MemoryTransport(server))
        await speaker.say(ApiPressure(node="n", zone="z", value=value))
    await until(lambda: left.values == [1.0] and right.values == [2.0])
    stop.set()
    await running


class Acts(Service):
    """Acts on decisions."""

    name = "acts"
    settings: Settings

    async def started(self) -> None:
        self.acted_on: list[str] = []

    @on(ScaleSchedule)
    async def act(self, event: ScaleSchedule) -> None:
        self.acted_on.append(event.pod_creation_request.pod_name)


async def test_decisions_come_by_the_services_own_way_too() -> None:
    shared, elsewhere = (MemoryServer(asyncio.get_running_loop().time) for _ in range(2))
    runtime = runtime_on(MemoryTransport(shared))
    acts = runtime.add(Acts, transport=MemoryTransport(elsewhere))
    assert isinstance(acts, Acts)
    stop = asyncio.Event()
    running = asyncio.create_task(runtime.run(stop))
    await runtime.started.wait()
    for server, pod in ((shared, "not-for-us"), (elsewhere, "for-us")):
        await person(MemoryTransport(server)).say(decision(pod))
    await until(lambda: acts.acted_on == ["for-us"])
    stop.set()
    await running


async def test_a_process_whose_services_all_have_their_own_way_needs_no_other() -> None:
    server = MemoryServer(asyncio.get_running_loop().time)
    runtime = runtime_on(MemoryTransport(server))
    assert runtime.transports == [runtime.transport]
    own = MemoryTransport(server)
    runtime.add(Left, transport=own)
    assert runtime.transports == [own]


async def test_a_service_is_told_when_its_way_was_broken_and_made_again() -> None:
    server = MemoryServer(asyncio.get_running_loop().time)
    ways = Way(server), Way(server)
    runtime = runtime_on(MemoryTransport(server))
    left, right = runtime.add(Left, transport=ways[0]), runtime.add(Right, transport=ways[1])
    assert isinstance(left, Left)
    assert isinstance(right, Right)
    stop = asyncio.Event()
    running = asyncio.create_task(runtime.run(stop))
    await runtime.started.wait()
    ways[0].breaks = 1
    await asyncio.sleep(5.0)
    assert (left.rejoins, right.rejoins) == (1, 0)
    ways[0].breaks = 3
    await asyncio.sleep(5.0)
    assert (left.rejoins, right.rejoins) == (2, 0)
    stop.set()
    await running
