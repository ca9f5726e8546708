"""Messages that could not be taken: counted, logged once per kind, kept once in a bounded stream."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from galileo_schemas.event import Meta
from galileo_schemas.events import InputRejected
from galileo_schemas.frame import excerpt
from galileo_schemas.registry import encode_frame

from galileo_bus.delivery.dead_letters import keep, rejected, rejection_identity
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_bus.identity import frame_hash
from galileo_bus.transport import DEFAULT_BUS_RETENTION, BusRetention, Transport, TransportUnavailableError

AT_ONCE = 4
EVENT_EVERY_S = 1.0

log = logging.getLogger(__name__)


class Rejections:
    """One service's rejected messages. Several services may reject the same message: one of them says so."""

    def __init__(
        self,
        transport: Transport,
        *,
        now: Callable[[], float],
        events_channel: str,
        service: str = "",
        retention: BusRetention = DEFAULT_BUS_RETENTION,
    ) -> None:
        self._service = service
        self._retention = retention
        self._transport = transport
        self._now = now
        self._channel = events_channel
        self._said_at: dict[str, float] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self.counts: Counter[str] = Counter()

    async def note(self, channel: str, kind: str, payload: bytes, reason: str) -> None:
        """A message on `channel` was not taken; `kind` groups alike ones (an event name, `frame`, `trace`)."""
        self.counts[kind] += 1
        if self.counts[kind] == 1:
            log.warning("rejected on %s: %s (further ones of this kind are counted)", channel, reason)
        if self._waiting >= self._retention.dead_letters.max_length:  # a flood: no more are kept, the rest is counted
            return
        self._waiting += 1
        try:
            async with self._turns:
                await self._keep(channel, kind, payload, reason)
        except TransportUnavailableError as error:
            log.warning("a rejected message on %s could not be kept: %s", channel, error)
        finally:
            self._waiting -= 1

    async def _keep(self, channel: str, kind: str, payload: bytes, reason: str) -> None:
        now = self._now()
        letter = rejected(channel, payload, service=self._service, reason=reason, now=now)
        identity = rejection_identity(channel, payload)
        if not await keep(self._transport, letter, identity=identity, retention=self._retention.dead_letters):
            return
        said_at = self._said_at.get(kind)
        if said_at is not None and now - said_at < EVENT_EVERY_S:
            return
        self._said_at[kind] = now
        told = InputRejected(
            meta=Meta(id=frame_hash(b"%.6f %b" % (now, identity.encode()))),
            channel=channel,
            kind=kind,
            reason=reason,
            count=self.counts[kind],
            sample=excerpt(payload),
        )
        frame = encode_frame(now, told)
        await self._transport.append(
            EVENT_RECORDS,
            frame,
            identity=said_as(identity),
            publish=[(self._channel, frame)],
            retention=self._retention.records,
        )


def said_as(identity: str) -> str:
    """By what the event about a rejected message is known."""
    return f"said/{identity}"
