"""A dry run: services decide, what they would do is logged, and nothing of it is on the bus."""

from __future__ import annotations

import asyncio
import logging

import pytest
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_bus.service import Service, SettingError, Settings, every, on
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.memory import MemoryTransport
from galileo_schemas.events import ApiPressure, PodCreated, Resync, ScaleSchedule
from galileo_schemas.frame import EVENTS_CHANNEL, split_frame

from tests.bus.delivery.acting import JOURNAL, decision, unix_now
from tests.bus.hearing import Heard, until
from tests.bus.service.living import living, person

pytestmark = pytest.mark.looptime


class Both(Service):
    """Decides each second, and acts on decisions."""

    name = "both"
    settings: Settings

    async def started(self) -> None:
        self.acted: list[str] = []

    async def joined(self) -> None:
        await self.bus.say(Resync())

    @every(1.0)
    async def decide(self) -> None:
        await self.bus.say(decision("new"))
        await self.bus.say(ApiPressure(node="n", zone="z", value=1))
        await self.bus.say(PodCreated(pod="p", namespace="d", uid="u"))
        await self.bus.transport.set_hash("telemd.info:n1", {"zone": "a"})

    @on(ScaleSchedule)
    async def act(self, event: ScaleSchedule) -> None:
        self.acted.append(event.pod_creation_request.pod_name)


def dry(memory: MemoryTransport) -> Runtime:
    return Runtime(memory, environ={}, now=unix_now, seed=1, dry_run=True)


async def test_nothing_is_journaled_recorded_published_or_written(
    memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    heard = Heard()
    await memory.subscribe(heard, patterns=["*"])
    async with living(dry(memory), Both):
        await asyncio.sleep(3.5)
    names = {split_frame(payload).name for payload in heard.payloads}
    assert names == {"resync", "service_status", "source_heartbeat"}
    assert memory.server.streams.keys() <= {JOURNAL}
    assert memory.server.hashes == {}
    assert "would say scale_schedule {" in caplog.text
    assert "would say pod_created {" in caplog.text
    assert "would set zone of telemd.info:n1" in caplog.text


async def test_decisions_are_acted_on_from_now_on_and_left_to_those_who_act(memory: MemoryTransport) -> None:
    speaker = person(memory)
    await memory.read_group([JOURNAL], group="both", consumer="real", count=1, wait_s=0)
    await speaker.say(decision("before"))
    async with living(dry(memory), Both) as (service,):
        assert isinstance(service, Both)
        await asyncio.sleep(0.1)
        await speaker.say(decision("a"))
        await speaker.say(decision("b"))
        await until(lambda: service.acted == ["a", "b"])
    assert await memory.backlog(JOURNAL, group="both") == 3
    entries = await memory.read_group([JOURNAL], group="both", consumer="real", count=10, wait_s=0)
    assert [entry.deliveries for entry in entries] == [1, 1, 1]


async def test_decisions_published_by_hand_are_left_to_others_to_adopt(memory: MemoryTransport) -> None:
    async with living(dry(memory), Both):
        memory.publish(EVENTS_CHANNEL, b'1700000000 scale_schedule {"fn": "f", "origin_zone": "a", "dest_zone": "b"}')
        await asyncio.sleep(0.5)
        assert await memory.range(JOURNAL, count=10) == []
        assert await memory.range(EVENT_RECORDS, count=10) == []


async def test_a_service_that_acts_in_ways_that_cannot_be_held_back_is_refused(memory: MemoryTransport) -> None:
    class Sending(Both):
        name = "sending"
        acts_by = "sends requests"

    with pytest.raises(SettingError, match="galileo_dry_run=true: sending cannot run dry, since it sends requests"):
        dry(memory).add(Sending)
