"""A service is cut off from the bus, by relays as an emulation has them; its neighbour in the process is not.

Nothing inside the services knows of it: the links, the retries and the counts are those that a real outage meets.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable

import pytest
from galileo_bus.bus import Bus
from galileo_bus.service import Service, Settings, on
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_cli.emulate.bus_relay_process import CutBus
from galileo_emulation.fault_table import FaultRefusedError
from galileo_emulation.network.cuttable_relay import CuttableRelay
from galileo_schemas.events import ApiPressure, Fault, ScaleImpossible

from tests.servers import RedisServer

HEARTBEAT_S = 0.2


class _Listens(Service):
    """Remembers what it hears, and how often it was told to be back."""

    settings: Settings

    async def started(self) -> None:
        self.heard: list[float] = []
        self.back = 0

    @on(ApiPressure)
    async def note(self, event: ApiPressure) -> None:
        self.heard.append(event.value)

    async def rejoined(self) -> None:
        self.back += 1

    async def say_record(self, number: int) -> None:
        await self.bus.say(ScaleImpossible(fn=f"{number}", origin_zone="", dest_zone="", reason=self.name))


class First(_Listens):
    name = "first"


class Second(_Listens):
    name = "second"


class Place:
    """Two services in one process, each on the bus by a relay of its own, and a person who is not."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.relays = {name: CuttableRelay(name, host="127.0.0.1", target_port=port) for name in ("first", "second")}
        self.act = CutBus(self.relays)
        self.records: list[tuple[str, str]] = []

    def _transport(self, port: int) -> RedisTransport:
        address = RedisAddress(host="127.0.0.1", port=port)
        return RedisTransport(address, rng=random.Random(1), heartbeat_s=HEARTBEAT_S)

    async def open(self) -> None:
        own = {name: self._transport(await relay.start()) for name, relay in self.relays.items()}
        self.outside = self._transport(self._port)
        self._transports = [*own.values(), self.outside]
        for transport in self._transports:
            await transport.start()
        runtime = Runtime(self.outside, environ={}, now=time.time, seed=1)
        self.first = runtime.add(First, transport=own["first"])
        self.second = runtime.add(Second, transport=own["second"])
        self.runtime = runtime
        self.person = Bus(self.outside, source="person", now=time.time, rng=random.Random(3))

        async def take(event: object, _frame: object) -> None:
            assert isinstance(event, ScaleImpossible)
            self.records.append((event.reason, event.fn))

        self.person.listen(ScaleImpossible, take)
        await self.person.start()
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(runtime.run(self._stop))
        await runtime.started.wait()

    async def close(self) -> None:
        for relay in self.relays.values():
            relay.restore()
        self._stop.set()
        await self._running
        await self.person.close()
        for transport in self._transports:
            await transport.close()
        for relay in self.relays.values():
            await relay.close()

    async def say(self, *values: float) -> None:
        for value in values:
            await self.person.say(ApiPressure(node="n", zone="z", value=value))

    async def say_until_heard_by_first(self) -> list[float]:
        """Says 4, 5, 6, … until one gets through; returns what was said."""
        said: list[float] = []
        before = len(heard(self.first))
        async with asyncio.timeout(15.0):
            while len(heard(self.first)) == before:
                said.append(4.0 + len(said))
                await self.say(said[-1])
                await asyncio.sleep(0.05)
        return said

    def lost(self, service: str) -> float:
        return self.runtime.metrics()[service]["lost"]


@pytest.fixture
async def place(shared_redis: Callable[[str], RedisServer]) -> AsyncIterator[Place]:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    place = Place(server.port)
    await place.open()
    yield place
    await place.close()


async def until(condition: Callable[[], bool], *, within_s: float = 15.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  (a server's progress)
            await asyncio.sleep(0.01)


def heard(service: Service) -> list[float]:
    assert isinstance(service, _Listens)
    return service.heard


@pytest.mark.parametrize("half_open", [False, True], ids=["cut", "half-open"])
async def test_who_is_cut_hears_nothing_counts_it_and_comes_back_while_its_neighbour_hears_all(
    place: Place, half_open: bool
) -> None:
    await place.say(1.0)
    await until(lambda: heard(place.first) == heard(place.second) == [1.0])
    fault = Fault(kind="cut_bus", service="first", half_open=half_open)
    await place.act.begin(fault)
    await asyncio.sleep(4 * HEARTBEAT_S)  # the outage has to last until the links have noticed
    await place.say(2.0, 3.0)
    await until(lambda: heard(place.second) == [1.0, 2.0, 3.0])
    assert heard(place.first) == [1.0]
    await place.act.end(fault)
    said = await place.say_until_heard_by_first()
    assert heard(place.first) == [1.0, said[-1]]
    assert place.lost("first") == len([2.0, 3.0, *said[:-1]])
    assert place.lost("second") == 0.0
    assert isinstance(place.first, First)
    await until(lambda: place.first.back >= 1)  # type: ignore[attr-defined]
    assert place.second.back == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("half_open", [False, True], ids=["cut", "half-open"])
async def test_what_must_not_be_lost_is_kept_and_arrives_once(place: Place, half_open: bool) -> None:
    assert isinstance(place.first, First)
    assert isinstance(place.second, Second)
    fault = Fault(kind="cut_bus", service="first", half_open=half_open)
    await place.act.begin(fault)
    for number in range(20):
        await place.first.say_record(number)
        await place.second.say_record(number)
    await until(lambda: len(place.records) == 20)
    assert {speaker for speaker, _ in place.records} == {"second"}
    await place.act.end(fault)
    await until(lambda: len(place.records) == 40)
    await asyncio.sleep(3 * HEARTBEAT_S)
    assert sorted(number for speaker, number in place.records if speaker == "first") == sorted(map(str, range(20)))


async def test_a_service_that_nobody_has_is_refused_by_name(place: Place) -> None:
    with pytest.raises(FaultRefusedError, match=r"no service 'third'.*there are first, second"):
        await place.act.begin(Fault(kind="cut_bus", service="third"))
