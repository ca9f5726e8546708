"""Between the worker that reads journals and a service's decision handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from galileo_schemas.event import Event
from galileo_schemas.frame import RawFrame, split_frame

from galileo_bus.delivery.dead_letters import given_up, keep
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
        service = self._service
        letter = given_up(entry, service=service.name, reason=reason, now=service.now())
        identity = f"dead/{service.name}/{entry.stream}/{entry.id}"
        await keep(service.bus.transport, letter, identity=identity, retention=service.bus.retention.dead_letters)
        await self._service.given_up(event, reason)
