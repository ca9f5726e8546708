"""Says when what the scenario wants broken is to be broken; those who can break it hear it as anybody's ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import msgspec
from galileo_bus.bus import Bus
from galileo_experiments.scenario import ScheduledFault


async def play_faults(bus: Bus, faults: Iterable[ScheduledFault], *, start: float, now: Callable[[], float]) -> None:
    """Says each fault at its time after `start` (unix seconds), and returns after the last."""
    for scheduled in sorted(faults, key=lambda fault: fault.at_s):
        await asyncio.sleep(max(0.0, start + scheduled.at_s - now()))
        await bus.say(msgspec.structs.replace(scheduled.fault))
