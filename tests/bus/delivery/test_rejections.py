"""Messages that nobody can take: counted by each, logged once per kind, said once, kept once; nobody is stopped."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from galileo_bus.bus import Bus
from galileo_bus.delivery.dead_letters import read_letter
from galileo_bus.delivery.streams import DEAD_LETTERS, EVENT_RECORDS
from galileo_bus.transport import BusRetention, StreamEntry, Transport
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, InputRejected, ScaleSchedule
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame, split_frame
from galileo_schemas.registry import decode_frame

from tests.bus.delivery.acting import JOURNAL, bus_on
from tests.bus.hearing import until

Connect = Callable[[], Awaitable[Transport]]
GOOD = b'1.0 api_pressure {"node": "n", "zone": "z", "value": 0.5}'
BAD_PRESSURE = b'1.0 api_pressure {"node": "n", "zone": "z", "value": "high"}'
BAD_DECISION = b'1.0 scale_schedule {"fn": 7}'
KEPT = BusRetention().dead_letters.max_length


class Trio:
    """Three services, each connected on its own, that hear pressures and act on decisions."""

    def __init__(self, buses: list[Bus], values: list[float]) -> None:
        self.buses = buses
        self._values = values

    async def hear(self, *payloads: bytes) -> None:
        """Publishes these and then a good pressure; returns when all three have taken the latter."""
        for payload in (*payloads, GOOD):
            self.buses[0].transport.publish(EVENTS_CHANNEL, payload)
        before = len(self._values)
        await until(lambda: len(self._values) == before + 3 and not any(bus.inbox.side_tasks for bus in self.buses))

    async def dead_letters(self) -> list[StreamEntry]:
        return await self.buses[0].transport.range(DEAD_LETTERS, count=10_000)

    async def said(self) -> list[InputRejected]:
        entries = await self.buses[0].transport.range(EVENT_RECORDS, count=10_000)
        events = [decode_frame(split_frame(line)) for entry in entries for line in entry.payload.split(b"\n")]
        return [event for event in events if isinstance(event, InputRejected)]


@pytest.fixture
async def trio(connect: Connect) -> AsyncIterator[Trio]:
    values: list[float] = []

    async def note(event: Event, _frame: RawFrame) -> None:
        assert isinstance(event, ApiPressure)
        values.append(event.value)

    async def ignore(_event: Event, _frame: RawFrame) -> None:
        return None

    async with AsyncExitStack() as stack:
        buses = []
        for number in range(3):
            bus = bus_on(await connect(), f"service-{number}")
            bus.listen(ApiPressure, note)
            bus.listen(ScaleSchedule, ignore)
            await bus.start()
            stack.push_async_callback(bus.close)
            buses.append(bus)
        yield Trio(buses, values)


@pytest.mark.parametrize(
    ("payload", "kind", "reason"),
    [
        (b"nonsense", "frame", "a frame"),
        (b"yesterday api_pressure {}", "frame", "a frame starts with a unix time"),
        (BAD_PRESSURE, "api_pressure", "Expected `float`, got `str` - at `$.value`"),
        (b"1.0 api_pressure", "api_pressure", "Input data was truncated"),
        (b"1.0 api_pressure {broken", "api_pressure", "malformed"),
        (BAD_DECISION, "scale_schedule", "Expected `str`, got `int` - at `$.fn`"),
    ],
)
async def test_three_services_hear_it_and_it_is_kept_and_said_once(
    trio: Trio, payload: bytes, kind: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    await trio.hear(payload)
    assert [dict(bus.rejections.counts) for bus in trio.buses] == [{kind: 1}] * 3
    (letter,) = await trio.dead_letters()
    kept = read_letter(letter.payload)
    assert kept is not None
    assert (kept.kind, kept.where, kept.message, kept.is_whole) == ("rejected", EVENTS_CHANNEL, payload, True)
    assert kept.service.startswith("service-")
    assert reason in kept.reason
    (rejected,) = await trio.said()
    assert (rejected.channel, rejected.kind, rejected.count) == (EVENTS_CHANNEL, kind, 1)
    assert reason in rejected.reason
    assert rejected.sample == repr(payload.decode())
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 3, "each service says it once"
    assert all(reason in record.getMessage() for record in warnings)


async def test_further_ones_of_a_kind_are_counted_and_not_logged(trio: Trio, caplog: pytest.LogCaptureFixture) -> None:
    await trio.hear(*(b"1.0 api_pressure [%d]" % number for number in range(20)), b"nonsense")
    assert [dict(bus.rejections.counts) for bus in trio.buses] == [{"api_pressure": 20, "frame": 1}] * 3
    assert len(await trio.dead_letters()) == 21
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 6
    # one a second and service, so that a flood of bad frames does not become a flood of events
    assert 2 <= len(await trio.said()) <= 6


async def test_the_same_message_again_is_counted_and_not_kept_again(trio: Trio) -> None:
    await trio.hear(BAD_PRESSURE, BAD_PRESSURE)
    await trio.hear(BAD_PRESSURE)
    assert [bus.rejections.counts["api_pressure"] for bus in trio.buses] == [3, 3, 3]
    assert len(await trio.dead_letters()) == 1


async def test_a_broken_decision_is_not_journaled(trio: Trio) -> None:
    await trio.hear(BAD_DECISION)
    assert await trio.buses[0].transport.range(JOURNAL, count=10) == []


@pytest.mark.parametrize("payload", [b"1.0 warm-up-over", b"1.0 phase 2", b"1.0 note {not json", b'1.0 x {"a": NaN}'])
async def test_a_name_that_no_schema_knows_is_never_an_error(trio: Trio, payload: bytes) -> None:
    await trio.hear(payload)
    assert [bus.rejections.counts.total() for bus in trio.buses] == [0, 0, 0]
    assert await trio.dead_letters() == []


async def test_a_flood_of_bad_frames_is_counted_and_the_letters_stay_bounded(memory_server: MemoryServer) -> None:
    class Counting(MemoryTransport):
        at_once = most_at_once = 0

        async def append(self, stream: str, payload: bytes, **rest: object) -> bool:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                return await super().append(stream, payload, **rest)  # type: ignore[arg-type]
            finally:
                self.at_once -= 1

    transport = Counting(memory_server)
    bus = bus_on(transport)

    async def ignore(_event: Event, _frame: RawFrame) -> None:
        return None

    bus.listen(ApiPressure, ignore)
    await bus.start()
    for number in range(3 * KEPT):
        transport.publish(EVENTS_CHANNEL, b"%d" % number)
    await until(lambda: not bus.inbox.side_tasks)
    await bus.close()
    assert bus.rejections.counts["frame"] == 3 * KEPT
    assert len(await transport.range(DEAD_LETTERS, count=10_000)) == KEPT
    assert transport.most_at_once <= 4


@pytest.mark.looptime
async def test_the_first_rejection_is_said_even_when_time_begins_at_zero(memory: MemoryTransport) -> None:
    from galileo_bus.delivery.rejections import Rejections

    rejections = Rejections(memory, now=lambda: 0.0, events_channel=EVENTS_CHANNEL)
    await rejections.note("c", "trace", b"1,2", "expected 11 fields")
    assert len(await memory.range(EVENT_RECORDS, count=10)) == 1


async def test_without_a_server_a_rejection_is_counted_and_logged(
    memory_server: MemoryServer, memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    bus = bus_on(memory)
    memory_server.available = False
    await bus.rejections.note("c", "trace", b"1,2", "expected 11 fields")
    assert bus.rejections.counts["trace"] == 1
    assert "expected 11 fields" in caplog.text
    assert "could not be kept" in caplog.text
