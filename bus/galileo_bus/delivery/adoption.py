"""Adoption: a decision that somebody published by hand, without an id, is journaled by whoever hears it.

Exactly once however many participants hear it: its identity is the hash of its bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Literal

import msgspec
from galileo_schemas.event import EventKind, Meta
from galileo_schemas.frame import FrameError, RawFrame
from galileo_schemas.registry import decode_value, encode_frame

from galileo_bus.delivery.rejections import Rejections
from galileo_bus.delivery.streams import journal_of
from galileo_bus.identity import frame_hash
from galileo_bus.transport import Transport, TransportUnavailableError
from galileo_bus.transport.interface import IDENTITY_LIFETIME_S
from galileo_bus.transport.retention import Retention

ADOPT_AGAIN_S = 0.5

Adopt = Literal["all", "none"] | Collection[str]


class Adoption:
    """One participant's; `policy` says whose hand-published decisions are journaled, by event name."""

    def __init__(self, transport: Transport, policy: Adopt, *, rejections: Rejections, retention: Retention) -> None:
        self._transport = transport
        self._policy: Adopt = policy
        self._rejections = rejections
        self._retention = retention
        self.adopted = 0

    def adopts(self, event_name: str) -> bool:
        """Whether hand-published decisions of that name are journaled."""
        return self._policy == "all" or (self._policy != "none" and event_name in self._policy)

    async def adopt(self, channel: str, payload: bytes, frame: RawFrame, kind: EventKind, *, is_heard: bool) -> None:
        """Journals a decision that was published without an id, unless another participant already has.

        `is_heard`: it is also handed out, and rejected there when it cannot be read.
        """
        if not self.adopts(kind.name):
            return
        try:
            event = decode_value(kind, frame.value)
        except FrameError as error:
            if not is_heard:
                await self._rejections.note(channel, kind.name, payload, str(error))
            return
        if event.meta is not None and event.meta.id:
            return  # said by a participant, which has journaled it
        identity = frame_hash(payload)
        written = event.meta or Meta()
        event.meta = msgspec.structs.replace(written, id=identity, source=written.source or "by-hand")
        entry = encode_frame(frame.ts, event)
        journal, adopted_as = journal_of(kind.name), f"adopted/{identity}"
        give_up_at = asyncio.get_running_loop().time() + IDENTITY_LIFETIME_S / 2
        while True:
            try:
                if await self._transport.append(journal, entry, identity=adopted_as, retention=self._retention):
                    self.adopted += 1
                return
            except TransportUnavailableError:
                if asyncio.get_running_loop().time() > give_up_at:
                    raise
                await asyncio.sleep(ADOPT_AGAIN_S)
