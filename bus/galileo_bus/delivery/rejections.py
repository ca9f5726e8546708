"""Messages that could not be taken: counted, logged once per kind, kept once in a bounded stream."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from galileo_schemas.events import InputRejected
from galileo_schemas.frame import excerpt, join_frame
from galileo_schemas.registry import encode_frame

from galileo_bus.delivery.streams import DEAD_LETTERS, EVENT_RECORDS
from galileo_bus.identity import frame_hash
from galileo_bus.transport import Transport, TransportUnavailableError

KEPT = 1000
EVENT_EVERY_S = 1.0

log = logging.getLogger(__name__)


class Rejections:
    """One service's rejected messages. Several services may reject the same message: one of them says so."""

    def __init__(self, transport: Transport, *, now: Callable[[], float], events_channel: str) -> None:
        self._transport = transport
        self._now = now
        self._channel = events_channel
        self._said_at: dict[str, float] = {}
        self.counts: Counter[str] = Counter()

    async def note(self, channel: str, kind: str, payload: bytes, reason: str) -> None:
        """A message on `channel` was not taken; `kind` groups alike ones (an event name, `frame`, `trace`)."""
        self.counts[kind] += 1
        if self.counts[kind] == 1:
            log.warning("rejected on %s: %s (further ones of this kind are counted)", channel, reason)
        now = self._now()
        letter = join_frame(now, "rejected", channel.encode() + b" " + payload[:10_000])
        identity = f"dead/{frame_hash(channel.encode() + payload)}"
        try:
            if not await self._transport.append(DEAD_LETTERS, letter, identity=identity, max_length=KEPT):
                return
            if now - self._said_at.get(kind, 0.0) < EVENT_EVERY_S:
                return
            self._said_at[kind] = now
            frame = encode_frame(
                now,
                InputRejected(
                    channel=channel, kind=kind, reason=reason, count=self.counts[kind], sample=excerpt(payload)
                ),
            )
            await self._transport.append(
                EVENT_RECORDS, frame, identity=f"said/{identity}", publish=[(self._channel, frame)]
            )
        except TransportUnavailableError as error:
            log.warning("a rejected message on %s could not be kept: %s", channel, error)
