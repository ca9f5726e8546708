"""What services say of themselves every two seconds."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from galileo_bus.delivery.group_reader import GroupReader
from galileo_bus.service import Service, Settings, every, on
from galileo_bus.service.status import Counted, rates, why_unhealthy
from galileo_bus.transport.memory import MemoryTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, ScaleSchedule, ServiceStatus
from galileo_schemas.frame import RawFrame

from tests.bus.delivery.acting import decision, unix_now
from tests.bus.hearing import until
from tests.bus.service.living import living, person, runtime_on

pytestmark = pytest.mark.looptime


class Plain(Service):
    """Hears pressures, and says what it heard."""

    name = "plain"
    settings: Settings
    trouble: str | None = None

    @on(ApiPressure)
    async def hear(self, _event: ApiPressure) -> None:
        return None

    def ready(self) -> str | None:
        return self.trouble

    def figures(self) -> dict[str, float]:
        return {"rows": 7.0}


@asynccontextmanager
async def statuses(memory: MemoryTransport) -> AsyncIterator[list[ServiceStatus]]:
    """All statuses said within the block, in order."""
    heard: list[ServiceStatus] = []

    async def hear(event: Event, _frame: RawFrame) -> None:
        assert isinstance(event, ServiceStatus)
        heard.append(event)

    listener = person(memory)
    listener.listen(ServiceStatus, hear)
    await listener.start()
    yield heard
    await listener.close()


async def test_each_service_says_every_two_seconds_who_and_where_it_is(memory: MemoryTransport) -> None:
    async with statuses(memory) as heard:
        runtime = runtime_on(memory)
        runtime.process = replace(runtime.process, host="edge-1", port=9100)
        runtime.add(Plain, instance="plain-zone-a")
        began = unix_now()
        async with living(runtime, Plain):
            await asyncio.sleep(9)
    assert [status.instance for status in heard[:2]] == ["plain-zone-a", "plain"]
    assert len(heard) == 2 * 5
    assert {status.service for status in heard} == {"plain"}
    first = heard[0]
    assert (first.host, first.pid, first.port) == ("edge-1", os.getpid(), 9100)
    assert first.started == pytest.approx(began, abs=0.1)
    assert first.figures["rows"] == 7.0
    assert first.figures["runs"] == 0.0


async def test_a_service_that_is_not_ready_says_why(memory: MemoryTransport) -> None:
    class LateJoiner(Plain):
        name = "late"

        async def joined(self) -> None:
            await asyncio.sleep(1)

    async with statuses(memory) as heard, living(runtime_on(memory), LateJoiner) as (service,):
        assert isinstance(service, LateJoiner)
        await until(lambda: len(heard) == 2)
        service.trouble = "no weights were read yet"
        await until(lambda: len(heard) == 3)
    assert [status.not_ready for status in heard] == ["starting", "", "no weights were read yet"]


async def test_a_run_that_fails_makes_it_unhealthy_until_a_run_succeeds(memory: MemoryTransport) -> None:
    class Failing(Service):
        name = "failing"
        settings: Settings
        trouble: Exception | None = ValueError("no latency between a and b")

        @every(1.0)
        async def reconcile(self) -> None:
            if self.trouble:
                raise self.trouble

    async with statuses(memory) as heard, living(runtime_on(memory), Failing) as (service,):
        assert isinstance(service, Failing)
        await until(lambda: len(heard) == 2)
        service.trouble = None
        await until(lambda: len(heard) == 3)
    failed = "failing.reconcile failed: ValueError: no latency between a and b"
    assert [status.unhealthy for status in heard] == ["", failed, ""]


async def test_rates_count_what_was_said_and_heard_since_the_last_status(memory: MemoryTransport) -> None:
    async with statuses(memory) as heard, living(runtime_on(memory), Plain) as (service,):
        speaker = person(memory)
        await until(lambda: len(heard) == 1)
        for number in range(10):
            await speaker.say(ApiPressure(node="n", zone="z", value=number))
        for _ in range(4):
            await service.bus.say(ApiPressure(node="n", zone="z", value=1))
        await until(lambda: len(heard) == 3)
    assert heard[0].rates == {}, "moments after its start a rate would mean nothing"
    # It hears its own, too; what it says of itself (heartbeats, statuses) does not count.
    assert [status.rates for status in heard[1:]] == [{"said": 2.0, "heard": 7.0}, {"said": 0.0, "heard": 0.0}]


async def test_decisions_that_wait_for_it_are_its_lag(memory: MemoryTransport) -> None:
    class Slow(Service):
        name = "slow"
        settings: Settings

        async def started(self) -> None:
            self.free = asyncio.Event()

        @on(ScaleSchedule)
        async def act(self, _event: ScaleSchedule) -> None:
            await self.free.wait()

    async with statuses(memory) as heard, living(runtime_on(memory), Slow) as (service,):
        assert isinstance(service, Slow)
        await until(lambda: len(heard) == 1)
        decider = person(memory)
        for pod in ("p", "q", "r"):
            await decider.say(decision(pod))
        await until(lambda: len(heard) == 2)
        service.free.set()
        await until(lambda: len(heard) == 3)
    assert [status.lag for status in heard] == [0, 3, 0]


async def test_records_that_wait_for_its_reader_are_its_lag(memory: MemoryTransport) -> None:
    class Recorder(Service):
        name = "recorder"
        settings: Settings

        def readers(self) -> Sequence[GroupReader]:
            return (GroupReader(self.bus.transport, ["records"], group="recorder", consumer="one"),)

    async with statuses(memory) as heard, living(runtime_on(memory), Recorder):
        await memory.append("records", b"entry", identity="1")
        await until(lambda: len(heard) == 2)
    assert heard[-1].lag == 1


async def test_numbered_events_that_it_missed_are_said_to_be_lost(memory: MemoryTransport) -> None:
    async with statuses(memory) as heard, living(runtime_on(memory), Plain) as (service,):
        service.bus.losses.note("somebody/1", "api_pressure", 1)
        service.bus.losses.note("somebody/1", "api_pressure", 5)
        await until(lambda: len(heard) == 2)
    assert heard[-1].lost == 3


async def test_a_service_whose_answers_raise_says_so_and_ends_nothing(memory: MemoryTransport) -> None:
    class Careless(Plain):
        name = "careless"

        def figures(self) -> dict[str, float]:
            raise KeyError("rows")

    async with statuses(memory) as heard, living(runtime_on(memory), Careless, Plain):
        await until(lambda: len(heard) == 4)
    by_name = {status.service: status.not_ready for status in heard}
    assert by_name == {"careless": "cannot tell how it is: KeyError: 'rows'", "plain": ""}


async def test_while_the_bus_is_away_nothing_is_said_and_the_next_status_tells_of_the_whole_time(
    memory: MemoryTransport,
) -> None:
    class Acting(Plain):
        name = "acting"

        @on(ScaleSchedule)
        async def act(self, _event: ScaleSchedule) -> None:
            return None

    async with statuses(memory) as heard, living(runtime_on(memory), Acting):
        speaker = person(memory)
        await until(lambda: len(heard) == 1)
        for number in range(12):
            await speaker.say(ApiPressure(node="n", zone="z", value=number))
        await asyncio.sleep(1)
        memory._server.available = False
        await asyncio.sleep(3)
        memory._server.available = True
        await until(lambda: len(heard) == 2)
    assert heard[-1].rates["heard"] == pytest.approx(2.0)  # 12 in 6 s


def test_rates_are_differences_over_time_and_zero_without_any() -> None:
    assert rates(Counted(10.0, 4, 100), Counted(12.0, 5, 150)) == {"said": 0.5, "heard": 25.0}
    assert rates(Counted(10.0, 4, 100), Counted(10.0, 5, 150)) == {"said": 0.0, "heard": 0.0}


def test_a_loop_that_stood_still_is_unhealthy_and_told_before_what_failed() -> None:
    assert why_unhealthy({}, 0.9) == ""
    said = why_unhealthy({"a.run": "KeyError: 'b'"}, 1.4)
    assert said == "the process stood still for 1.4 s; a.run failed: KeyError: 'b'"
