"""Handlers hear what other systems write, as the bus takes it off the wire: dates, NaN, whole numbers with a point."""

from __future__ import annotations

import pytest
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, Scale
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame

from tests.bus.delivery.acting import bus_on, unix_now
from tests.bus.hearing import until


@pytest.mark.parametrize(
    ("payload", "heard"),
    [
        (b'2023-11-14 22:13:20.250000 scale {"function_name": "f", "value": 2}', Scale(function_name="f", value=2)),
        (b'1700000000.25 scale {"function_name": "f", "value": -1.0}\n', Scale(function_name="f", value=-1)),
        (
            b' 1700000000.25 api_pressure {"ts": 1, "node": "n", "zone": "z", "mean": 0.5, "std": NaN}',
            ApiPressure(node="n", zone="z", value=0.5),
        ),
    ],
)
async def test_a_handler_hears_it_with_its_time(payload: bytes, heard: Event) -> None:
    transport = MemoryTransport(MemoryServer(now=unix_now))
    bus = bus_on(transport)
    found: list[tuple[Event, RawFrame]] = []

    async def note(event: Event, frame: RawFrame) -> None:
        found.append((event, frame))

    bus.listen(type(heard), note)
    await bus.start()
    transport.publish(EVENTS_CHANNEL, payload)
    await until(lambda: bool(found))
    [(event, frame)] = found
    assert event == heard
    assert frame.ts == 1700000000.25
    assert frame.value.startswith(b"{")
    await bus.close()
