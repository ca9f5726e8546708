"""A handler that hangs is named once, makes /healthz answer 503, and is forgotten when it returns."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from galileo_bus.service import Service, Settings, on
from galileo_bus.service.health import HealthServer
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.events import ApiPressure, ScaleSchedule, ServiceStatus

from tests.bus.delivery.acting import decision, unix_now
from tests.bus.hearing import until
from tests.bus.service.living import living, person, runtime_on

pytestmark = pytest.mark.looptime


class Stubborn(Service):
    """Hangs where it is told to."""

    name = "stubborn"
    settings: Settings

    async def started(self) -> None:
        self.may_return = asyncio.Event()
        self.done = 0

    @on(ApiPressure)
    async def hear(self, event: ApiPressure) -> None:
        if event.value < 0:
            await self.may_return.wait()
        self.done += 1

    @on(ScaleSchedule)
    async def act(self, event: ScaleSchedule) -> None:
        if event.fn == "resnet":
            await self.may_return.wait()
        self.done += 1


class Curious(Service):
    """Hears how services are."""

    name = "curious"
    settings: Settings

    async def started(self) -> None:
        self.unhealthy: list[str] = []

    @on(ServiceStatus)
    async def hear(self, event: ServiceStatus) -> None:
        if event.service == "stubborn":
            self.unhealthy.append(event.unhealthy)


@pytest.fixture
def runtime(memory: MemoryTransport) -> Runtime:
    return Runtime(memory, environ={}, now=unix_now, seed=1, hang_s=5.0)


@asynccontextmanager
async def stubborn_on(runtime: Runtime) -> AsyncIterator[Stubborn]:
    """Within the test, since only there time is virtual."""
    async with living(runtime, Stubborn) as (service,):
        assert isinstance(service, Stubborn)
        yield service
        service.may_return.set()


def healthz(runtime: Runtime) -> tuple[str, str]:
    status, _, body = HealthServer(runtime, host="127.0.0.1", port=0)._page("/healthz")
    return status, body.decode()


async def test_a_hung_handler_is_named_once_and_makes_the_process_unhealthy_until_it_returns(
    runtime: Runtime, memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    async with stubborn_on(runtime) as stubborn:
        await person(memory).say(ApiPressure(node="n", zone="z", value=-1))
        await asyncio.sleep(4.0)
        assert healthz(runtime) == ("200 OK", "ok\n")
        await asyncio.sleep(16.0)
        status, body = healthz(runtime)
        assert status == "503 Service Unavailable"
        assert re.fullmatch(r"stubborn: the handler of api_pressure has not returned for (19|20) s\n", body)
        assert len(re.findall(r"stubborn: the handler of api_pressure hangs since 20\d\d-", caplog.text)) == 1
        assert runtime.metrics()["stubborn"]["hung"] == 1
        stubborn.may_return.set()
        await asyncio.sleep(1.5)
        assert healthz(runtime) == ("200 OK", "ok\n")
        assert caplog.text.count("stubborn: the handler of api_pressure has returned") == 1


async def test_a_hung_decision_does_too_and_others_go_on(runtime: Runtime, memory: MemoryTransport) -> None:
    async with stubborn_on(runtime) as stubborn:
        bus = person(memory)
        await bus.say(decision("p"), key="p")
        other = decision("q")
        other.fn = "other"
        await bus.say(other, key="q")
        await until(lambda: stubborn.done == 1)
        await asyncio.sleep(7.0)
        assert "the handler of scale_schedule has not returned for" in healthz(runtime)[1]


async def test_a_busy_service_does_not_hang(runtime: Runtime, memory: MemoryTransport) -> None:
    async with stubborn_on(runtime) as stubborn:
        bus = person(memory)
        for _ in range(100):
            await bus.say(ApiPressure(node="n", zone="z", value=1))
            await asyncio.sleep(0.2)
        assert stubborn.done == 100
        assert healthz(runtime) == ("200 OK", "ok\n")


async def test_a_status_tells_of_it(runtime: Runtime, memory: MemoryTransport) -> None:
    async with stubborn_on(runtime) as stubborn, living(runtime_on(memory), Curious) as (curious,):
        assert isinstance(curious, Curious)
        await person(memory).say(ApiPressure(node="n", zone="z", value=-1))
        await until(lambda: any("handler of api_pressure" in one for one in curious.unhealthy), within_s=20)
        stubborn.may_return.set()
        await asyncio.sleep(5.0)
        assert curious.unhealthy[-1] == ""


async def test_a_service_whose_bus_is_away_for_more_than_two_heartbeats_is_not_ready() -> None:
    class Way(MemoryTransport):
        gone_s = 0.0

        @property
        def away_s(self) -> float:
            return self.gone_s

    way = Way(MemoryServer(asyncio.get_running_loop().time))
    runtime = runtime_on(way)
    async with living(runtime, Curious):
        way.gone_s = 1.9
        assert runtime.readiness() == {"curious": None}
        way.gone_s = 3.2
        assert runtime.readiness() == {"curious": "the bus has been away for 3 s"}
        way.gone_s = 0.0
        assert runtime.readiness() == {"curious": None}


async def test_losses_are_told_by_event(runtime: Runtime, memory: MemoryTransport) -> None:
    async with stubborn_on(runtime) as stubborn:
        speaker = person(memory)
        await speaker.say(ApiPressure(node="n", zone="z", value=1))
        memory._server.available = False
        await speaker.say(ApiPressure(node="n", zone="z", value=2))
        memory._server.available = True
        await speaker.say(ApiPressure(node="n", zone="z", value=3))
        await until(lambda: stubborn.done == 2)
        assert runtime.losses() == {"stubborn": {"api_pressure": 1}}
        page = HealthServer(runtime, host="127.0.0.1", port=0)._page("/metrics")[2].decode()
        assert 'galileo_lost_by_event{service="stubborn",event="api_pressure"} 1\n' in page
