"""Takes messages off the wire and drops them: what the protocol's own parsing costs, below the bus."""

from __future__ import annotations

from dataclasses import dataclass

from galileo_bus.service import Service, Settings
from galileo_schemas.frame import EVENTS_CHANNEL


@dataclass(frozen=True)
class NoSettings(Settings):
    """Nothing to set."""


class BenchReceiver(Service):
    """Receives all that is said and looks at nothing."""

    name = "bench_receiver"
    settings: NoSettings

    async def started(self) -> None:
        await self.bus.transport.subscribe(_drop, channels=[EVENTS_CHANNEL])


def _drop(_channel: str, _payload: bytes) -> None:
    return None
