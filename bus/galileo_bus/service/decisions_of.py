"""Between the worker that reads journals and a service's decision handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from galileo_schemas.event import Event
from galileo_schemas.frame import RawFrame, join_frame, split_frame

from galileo_bus.delivery.streams import DEAD_LETTERS
from galileo_bus.service.service import Service
from galileo_bus.transport import StreamEntry


class DecisionsOf:
    """Binds a service's decision handler to the worker's interface, and buries what cannot be acted on."""

    def __init__(self, service: Service, act: Callable[[Event, RawFrame], Awaitable[None]]) -> None:
        self._service = service
        self._act = act

    async def handle(self, event: Event, entry: StreamEntry) -> None:
        await self._act(event, split_frame(entry.payload))

    async def expired(self, event: Event, entry: StreamEntry) -> None:
        await self._service.expired(event)

    async def dead(self, event: Event | None, entry: StreamEntry, reason: str) -> None:
        letter = join_frame(self._service.now(), "dead", f"{self._service.name} {reason} ".encode() + entry.payload)
        await self._service.bus.transport.append(
            DEAD_LETTERS, letter, identity=f"dead/{self._service.name}/{entry.stream}/{entry.id}", max_length=1000
        )
        await self._service.given_up(event, reason)
