"""How a process of services ends: in order, with nothing lost that was said, and with the error of what failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine

import pytest
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_bus.service import Service, Settings, every, on
from galileo_bus.service.tasks import TaskGuard
from galileo_bus.transport.memory import MemoryTransport
from galileo_schemas.events import ApiPressure, PodCreated, ScaleSchedule

from tests.bus.delivery.acting import GROUP, JOURNAL, decision
from tests.bus.hearing import until
from tests.bus.service.living import living, person, runtime_on

pytestmark = pytest.mark.looptime


class Speaking(Service):
    """Says a record with its last breath."""

    name = "speaking"
    settings: Settings

    async def started(self) -> None:
        self.heard: list[str] = []

    @on(ApiPressure)
    async def hear(self, event: ApiPressure) -> None:
        self.heard.append(event.node)

    async def stopping(self) -> None:
        await self.bus.say(PodCreated(pod="last", namespace="d", uid="u"))
        self.heard.append("stopping")
        await person(self.bus.transport).say(ApiPressure(node="too late", zone="z", value=1))
        await asyncio.sleep(0.5)


async def test_what_a_service_says_while_it_stops_is_taken_by_the_server(memory: MemoryTransport) -> None:
    async with living(runtime_on(memory), Speaking):
        pass
    (entry,) = await memory.range(EVENT_RECORDS, count=10)
    assert b'"pod":"last"' in entry.payload


async def test_no_handler_is_called_once_stopping_has_begun(memory: MemoryTransport) -> None:
    async with living(runtime_on(memory), Speaking) as (service,):
        assert isinstance(service, Speaking)
        await person(memory).say(ApiPressure(node="in time", zone="z", value=1))
        await until(lambda: service.heard == ["in time"])
    assert service.heard == ["in time", "stopping"]


async def test_records_wait_for_a_server_that_is_away_when_the_process_stops(memory: MemoryTransport) -> None:
    async with living(runtime_on(memory), Speaking):
        memory._server.available = False
        asyncio.get_running_loop().call_later(2.0, lambda: setattr(memory._server, "available", True))
    assert len(await memory.range(EVENT_RECORDS, count=10)) == 1


async def test_records_that_cannot_be_delivered_are_named_and_do_not_hold_up_the_end_for_ever(
    memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    began = asyncio.get_running_loop().time()
    async with living(runtime_on(memory), Speaking):
        memory._server.available = False
    assert "1 records for galileo/records/events were not taken by the server" in caplog.text
    assert asyncio.get_running_loop().time() - began < 10


async def test_a_decision_in_hand_is_finished_and_acknowledged_before_the_end(memory: MemoryTransport) -> None:
    class Actor(Service):
        name = GROUP
        settings: Settings

        async def started(self) -> None:
            self.acted: list[str] = []

        @on(ScaleSchedule)
        async def act(self, event: ScaleSchedule) -> None:
            self.acted.append("begins")
            await asyncio.sleep(1)
            self.acted.append("done")

    async with living(runtime_on(memory), Actor) as (service,):
        assert isinstance(service, Actor)
        await person(memory).say(decision("p"))
        await until(lambda: service.acted == ["begins"])
    assert service.acted == ["begins", "done"]
    assert await memory.backlog(JOURNAL, group=GROUP) == 0


async def test_a_service_that_fails_to_stop_does_not_keep_the_others_from_stopping(
    memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    class Clumsy(Service):
        name = "clumsy"
        settings: Settings

        async def stopping(self) -> None:
            raise OSError("disk full")

    async with living(runtime_on(memory), Clumsy, Speaking):
        pass
    assert "clumsy did not stop cleanly" in caplog.text
    assert len(await memory.range(EVENT_RECORDS, count=10)) == 1


async def test_a_stuck_task_is_named_until_it_ends(memory: MemoryTransport, caplog: pytest.LogCaptureFixture) -> None:
    class Stubborn(Service):
        name = "stubborn"
        settings: Settings

        @every(1.0)
        async def work(self) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(7)
                raise

    async with living(runtime_on(memory), Stubborn):
        await asyncio.sleep(1.5)
    assert caplog.text.count("still waiting for: stubborn.work") == 2


class Dying(Service):
    """Its work ends after two seconds."""

    name = "dying"
    settings: Settings
    error: Exception | None = LookupError("the table is gone")

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._die()]

    async def _die(self) -> None:
        await asyncio.sleep(2)
        if self.error is not None:
            raise self.error


async def test_a_task_that_fails_ends_the_process_with_its_error_and_in_order(memory: MemoryTransport) -> None:
    runtime = runtime_on(memory)
    runtime.add(Dying)
    runtime.add(Speaking)
    with pytest.raises(LookupError, match="the table is gone"):
        await runtime.run(asyncio.Event())
    assert len(await memory.range(EVENT_RECORDS, count=10)) == 1


async def test_a_task_that_ends_although_it_should_not_ends_the_process_too(memory: MemoryTransport) -> None:
    class Ending(Dying):
        error = None

    runtime = runtime_on(memory)
    runtime.add(Ending)
    with pytest.raises(RuntimeError, match="the task dying background 0 ended although it should run for ever"):
        await runtime.run(asyncio.Event())


async def test_a_bus_that_can_no_longer_send_records_ends_the_process(memory: MemoryTransport) -> None:
    class Broken(MemoryTransport):
        async def append(self, stream: str, payload: bytes, **rest: object) -> bool:
            raise LookupError("WRONGTYPE")

    class Talking(Service):
        name = "talking"
        settings: Settings

        @every(1.0)
        async def talk(self) -> None:
            await self.bus.say(PodCreated(pod="p", namespace="d", uid="u"))

    runtime = runtime_on(Broken(memory._server))
    runtime.add(Talking)
    with pytest.raises(LookupError, match="WRONGTYPE"):
        await asyncio.wait_for(runtime.run(asyncio.Event()), 60)


async def test_a_start_that_fails_closes_what_was_opened(memory: MemoryTransport) -> None:
    class Unlucky(Service):
        name = "unlucky"
        settings: Settings

        async def started(self) -> None:
            raise ValueError("no such experiment")

    runtime = runtime_on(memory)
    runtime.add(Unlucky)
    with pytest.raises(ValueError, match="no such experiment"):
        await runtime.run(asyncio.Event())
    assert not runtime.started.is_set()


async def test_an_error_that_a_task_raises_while_it_is_cancelled_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("could not release the lease")

    caplog.set_level(logging.ERROR)
    guard = TaskGuard()
    task = guard.start(work(), "lease")
    await asyncio.sleep(0)
    await guard.cancel([task])
    assert "lease failed: could not release the lease" in caplog.text
