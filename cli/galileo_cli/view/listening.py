"""An ear on the bus for a view, and its voice: hears everything that the view shows, and acts on nothing."""

from __future__ import annotations

import random
from collections.abc import Callable

from galileo_bus.bus import Bus
from galileo_bus.transport import Transport
from galileo_schemas.event import Event
from galileo_schemas.frame import RawFrame

from galileo_cli.view.live_state import SHOWN, LiveState


def listening_bus(transport: Transport, state: LiveState, *, source: str, now: Callable[[], float]) -> Bus:
    """A participant that feeds `state` once it is started; `now` is unix time in seconds."""
    bus = Bus(transport, source=source, now=now, rng=random.Random(), adopt="none")

    async def take(event: Event, frame: RawFrame) -> None:
        state.note(event, frame.ts, now())

    for event_type in SHOWN:
        bus.listen(event_type, take)
    return bus
