"""A decision is accepted when the call returns: journaled and published, once per id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_bus.transport import Transport, TransportUnavailableError
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.event import Meta
from galileo_schemas.events import ApiPressure
from galileo_schemas.frame import EVENTS_CHANNEL, split_frame
from galileo_schemas.registry import decode_frame

from tests.bus.delivery.acting import JOURNAL, bus_on, decision, unix_now
from tests.bus.hearing import Heard

Connect = Callable[[], Awaitable[Transport]]


async def test_an_accepted_decision_is_in_the_journal_and_published_as_the_same_frame(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=[EVENTS_CHANNEL])
    event_id = await bus_on(speaker).say(decision("p"), cause=["c1"], key="p", expires_in_s=30)
    (entry,) = await listener.range(JOURNAL, count=10)
    assert await heard.at_least(1) == [(EVENTS_CHANNEL, entry.payload)]
    event = decode_frame(split_frame(entry.payload))
    assert event is not None
    assert event.meta is not None
    assert (event.meta.id, event.meta.cause, event.meta.key) == (event_id, ("c1",), "p")
    assert event.meta.expires == pytest.approx(unix_now() + 30, abs=2)
    assert event.meta.source.startswith("decider/")
    assert event.meta.seq == 0, "running numbers are for observations, whose loss is counted"


async def test_a_decision_said_again_with_its_id_is_there_once(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=[EVENTS_CHANNEL])
    bus = bus_on(speaker)
    event_id = await bus.say(decision("p"))
    assert await bus.say(decision("p"), event_id=event_id) == event_id
    await bus.say(decision("q"))
    assert len(await listener.range(JOURNAL, count=10)) == 2
    speaker.publish(EVENTS_CHANNEL, b"end")
    assert len(await heard.at_least(3)) == 3


async def test_a_decision_that_the_server_did_not_take_raises(memory_server: MemoryServer) -> None:
    bus = bus_on(MemoryTransport(memory_server))
    memory_server.available = False
    with pytest.raises(TransportUnavailableError):
        await bus.say(decision("p"), event_id="1")
    memory_server.available = True
    await bus.say(decision("p"), event_id="1")
    assert len(await bus.transport.range(JOURNAL, count=10)) == 1


async def test_an_observation_is_published_with_running_numbers_and_kept_nowhere(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=[EVENTS_CHANNEL])
    bus = bus_on(speaker)
    for value in (1.0, 2.0, 3.0):
        await bus.say(ApiPressure(node="n", zone="z", value=value))
    metas: list[Meta | None] = []
    for _, payload in await heard.at_least(3):
        event = decode_frame(split_frame(payload))
        assert event is not None
        metas.append(event.meta)
    assert [meta.seq for meta in metas if meta] == [1, 2, 3]
    assert len({meta.id for meta in metas if meta}) == 3
    assert await listener.range(EVENT_RECORDS, count=10) == []


def test_ids_sort_by_time() -> None:
    import random

    from galileo_bus.identity import new_id

    rng = random.Random(1)
    ids = [new_id(now, rng) for now in (0.0, 999.999, 1_000.0, 1_700_000_000.0, 1_700_000_000.001)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5
    assert {len(one) for one in ids} == {28}
