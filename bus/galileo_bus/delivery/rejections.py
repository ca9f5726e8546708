"""Messages that could not be taken: counted, logged once per kind, kept once in a bounded stream."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from galileo_schemas.event import Meta
from galileo_schemas.events import InputRejected
from galileo_schemas.frame import excerpt, join_frame
from galileo_schemas.registry import encode_frame

from galileo_bus.delivery.streams import DEAD_LETTERS, EVENT_RECORDS
from galileo_bus.identity import frame_hash
from galileo_bus.transport import Transport, TransportUnavailableError

KEPT = 1000
AT_ONCE = 4
EVENT_EVERY_S = 1.0

log = logging.getLogger(__name__)


class Rejections:
    """One service's rejected messages. Several services may reject the same message: one of them says so."""

    def __init__(self, transport: Transport, *, now: Callable[[], float], events_channel: str) -> None:
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
        if self._waiting >= KEPT:  # a flood: the stream keeps no more than these, and the rest is counted
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
        letter = join_frame(now, "rejected", channel.encode() + b" " + payload[:10_000])
        identity = f"dead/{frame_hash(channel.encode() + payload)}"
        if not await self._transport.append(DEAD_LETTERS, letter, identity=identity, max_length=KEPT):
            return
        said_at = self._said_at.get(kind)
        if said_at is not None and now - said_at < EVENT_EVERY_S:
            return
        self._said_at[kind] = now
        rejected = InputRejected(
            meta=Meta(id=frame_hash(letter)),
            channel=channel,
            kind=kind,
            reason=reason,
            count=self.counts[kind],
            sample=excerpt(payload),
        )
        frame = encode_frame(now, rejected)
        await self._transport.append(
            EVENT_RECORDS, frame, identity=f"said/{identity}", publish=[(self._channel, frame)]
        )
