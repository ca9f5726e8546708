"""A decision that a person publishes by hand is journaled by whoever is connected, exactly once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from galileo_bus.bus import Bus
from galileo_bus.delivery.adoption import Adopt
from galileo_bus.transport import Transport
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame, split_frame
from galileo_schemas.registry import decode_frame

from tests.bus.delivery.acting import JOURNAL, Actor, Workers, bus_on, decision, unix_now
from tests.bus.hearing import until

Connect = Callable[[], Awaitable[Transport]]
Join = Callable[..., Awaitable[Bus]]
BY_HAND = (
    b'1700000000.5 scale_schedule {"fn": "resnet", "origin_zone": "a", "dest_zone": "b", '
    b'"pod_creation_request": {"pod_name": "by-hand"}'
)
"""Without its closing brace, so that tests can add a `meta`."""


async def ignore(_event: Event, _frame: RawFrame) -> None:
    return None


@pytest.fixture
async def join(connect: Connect) -> AsyncIterator[Join]:
    """Makes a connected participant that listens to something else than the decision."""
    async with AsyncExitStack() as stack:

        async def make(adopt: Adopt = "all") -> Bus:
            name = f"service-{random.getrandbits(32)}"
            bus = Bus(await connect(), source=name, now=unix_now, rng=random.Random(name), adopt=adopt)
            bus.listen(ApiPressure, ignore)
            await bus.start()
            stack.push_async_callback(bus.close)
            return bus

        yield make


async def heard_by(buses: list[Bus]) -> None:
    """Returns when each of these has heard everything that was published before, and ended its side tasks."""
    before = [bus.heard["api_pressure"] for bus in buses]
    for bus in buses:
        bus.transport.publish(EVENTS_CHANNEL, b'1.0 api_pressure {"node": "n", "zone": "z", "value": 1}')
    await until(
        lambda: all(
            bus.heard["api_pressure"] >= count + len(buses) and not bus.inbox.side_tasks
            for bus, count in zip(buses, before, strict=True)
        )
    )


async def test_three_participants_journal_it_exactly_once(join: Join, workers: Workers) -> None:
    buses = [await join() for _ in range(3)]
    buses[0].transport.publish(EVENTS_CHANNEL, BY_HAND + b"}")
    await heard_by(buses)
    assert sum(bus.adopted for bus in buses) == 1
    (entry,) = await buses[0].transport.range(JOURNAL, count=10)
    event = decode_frame(split_frame(entry.payload))
    assert event is not None
    assert event.meta is not None
    assert event.meta.source == "by-hand"
    assert len(event.meta.id) == 32
    assert split_frame(entry.payload).ts == 1700000000.5
    actor = Actor()
    workers.start(buses[0].transport, actor)
    await until(lambda: actor.done == ["by-hand"])


async def test_the_same_bytes_again_are_the_same_decision_and_other_bytes_another(join: Join) -> None:
    buses = [await join(), await join()]
    for payload in (BY_HAND + b"}", BY_HAND + b"}", BY_HAND + b" }"):
        buses[0].transport.publish(EVENTS_CHANNEL, payload)
    await heard_by(buses)
    assert len(await buses[0].transport.range(JOURNAL, count=10)) == 2


async def test_what_a_participant_says_is_not_adopted(join: Join) -> None:
    buses = [await join(), await join()]
    await bus_on(buses[0].transport).say(decision("p"))
    await heard_by(buses)
    assert [bus.adopted for bus in buses] == [0, 0]
    assert len(await buses[0].transport.range(JOURNAL, count=10)) == 1


@pytest.mark.parametrize(
    "meta", [b', "meta": {"id": "x1"}}', b',"meta":{"id":"x1"}}', b', "meta": {"seq": 1, "id": "x"}}']
)
async def test_a_frame_with_an_id_is_its_speakers_own_affair(join: Join, meta: bytes) -> None:
    bus = await join()
    bus.transport.publish(EVENTS_CHANNEL, BY_HAND + meta)
    await heard_by([bus])
    assert await bus.transport.range(JOURNAL, count=10) == []


async def test_what_the_person_wrote_into_meta_is_kept(join: Join) -> None:
    bus = await join()
    bus.transport.publish(
        EVENTS_CHANNEL, BY_HAND + b', "meta": {"key": "k", "expires": 1700000009.0, "source": "me", "cause": ["c"]}}'
    )
    await heard_by([bus])
    (entry,) = await bus.transport.range(JOURNAL, count=10)
    event = decode_frame(split_frame(entry.payload))
    assert event is not None
    assert event.meta is not None
    meta = event.meta
    assert (meta.key, meta.expires, meta.source, meta.cause) == ("k", 1700000009.0, "me", ("c",))
    assert meta.id


@pytest.mark.parametrize(("adopt", "adopted"), [("none", 0), (["pod_bound"], 0), (["scale_schedule"], 1)])
async def test_adoption_can_be_limited(join: Join, adopt: Adopt, adopted: int) -> None:
    bus = await join(adopt)
    bus.transport.publish(EVENTS_CHANNEL, BY_HAND + b"}")
    await heard_by([bus])
    assert bus.adopted == adopted
    assert len(await bus.transport.range(JOURNAL, count=10)) == adopted


async def test_other_events_by_hand_are_not_journaled(join: Join) -> None:
    bus = await join()
    for payload in (b"1.0 warm-up-over", b'1.0 pod_created {"pod": "p", "namespace": "default", "uid": "u"}'):
        bus.transport.publish(EVENTS_CHANNEL, payload)
    await heard_by([bus])
    assert bus.adopted == 0
    assert bus.rejections.counts.total() == 0


@pytest.mark.looptime
async def test_adoption_tries_again_when_the_server_does_not_take_it_at_once(memory_server: MemoryServer) -> None:
    class Reluctant(MemoryTransport):
        async def append(self, stream: str, payload: bytes, **rest: object) -> bool:
            if asyncio.get_running_loop().time() < 20:
                memory_server.available = False
            try:
                return await super().append(stream, payload, **rest)  # type: ignore[arg-type]
            finally:
                memory_server.available = True

    transport = Reluctant(memory_server)
    bus = bus_on(transport)
    bus.listen(ApiPressure, ignore)
    await bus.start()
    transport.publish(EVENTS_CHANNEL, BY_HAND + b"}")
    await asyncio.sleep(30)
    await bus.close()
    assert bus.adopted == 1
    assert len(await transport.range(JOURNAL, count=10)) == 1
