"""Dead letters: what nobody could act on or read, kept as data, so that a person can look at it and try it again.

    given up by an actor | rejected by a listener → DeadLetter → a JSON object in the stream `galileo/dead` → DeadEntry

An entry that was written in another form is shown as it is.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec
from galileo_schemas.frame import FrameError, split_frame

from galileo_bus.delivery.looking_back import entries_after
from galileo_bus.delivery.streams import DEAD_LETTERS
from galileo_bus.identity import frame_hash
from galileo_bus.transport import Retention, StreamEntry, Transport

KEPT_BYTES = 10_000
"""Of a rejected message, which anybody may have sent; a decision is kept whole."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One letter. `ts`: when it was given up, unix seconds. `payload` is base64 where the message is no UTF-8."""

    kind: Literal["given_up", "rejected"]
    ts: float
    service: str
    where: str
    """The stream it was read from, or the channel it came by."""
    reason: str
    event: str = ""
    """The event's name; empty where there is no frame."""
    entry: str = ""
    """Its id in the stream."""
    payload: str = ""
    encoding: Literal["text", "base64"] = "text"
    size_bytes: int = 0
    """Of the whole message."""

    @property
    def message(self) -> bytes:
        """The bytes of the message, as far as they were kept."""
        return self.payload.encode() if self.encoding == "text" else base64.b64decode(self.payload)

    @property
    def is_whole(self) -> bool:
        """Whether all of it was kept."""
        return len(self.message) == self.size_bytes

    @property
    def rejected_as(self) -> str:
        """By what the same message, rejected again by anybody, is known."""
        return rejection_identity(self.where, self.message)


@dataclass(frozen=True, slots=True)
class DeadEntry:
    """An entry of the stream; `letter` is None where it was written in another form."""

    entry: StreamEntry
    letter: DeadLetter | None


def given_up(entry: StreamEntry, *, service: str, reason: str, now: float) -> DeadLetter:
    """The letter about a decision that a service could not act on."""
    return _letter(
        "given_up", entry.payload, where=entry.stream, entry=entry.id, service=service, reason=reason, ts=now
    )


def rejected(channel: str, payload: bytes, *, service: str, reason: str, now: float) -> DeadLetter:
    """The letter about a message that could not be read; `channel` may be a stream."""
    return _letter("rejected", payload, where=channel, service=service, reason=reason, ts=now, limit=KEPT_BYTES)


def rejection_identity(channel: str, payload: bytes) -> str:
    """However many services reject a message, one letter is kept of it."""
    return f"dead/{frame_hash(channel.encode() + payload)}"


async def keep(transport: Transport, letter: DeadLetter, *, identity: str, retention: Retention) -> bool:
    """Writes a letter; says whether it was new."""
    return await transport.append(DEAD_LETTERS, msgspec.json.encode(letter), identity=identity, retention=retention)


async def dead_entries(transport: Transport) -> list[DeadEntry]:
    """All that there are, the oldest first."""
    return [DeadEntry(entry, read_letter(entry.payload)) async for entry in entries_after(transport, DEAD_LETTERS)]


async def drop(transport: Transport, ids: Iterable[str]) -> int:
    """Deletes letters; says how many were there."""
    return await transport.delete_entries(DEAD_LETTERS, list(ids))


def read_letter(payload: bytes) -> DeadLetter | None:
    """None where it is no letter."""
    try:
        return msgspec.json.decode(payload, type=DeadLetter)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _letter(
    kind: Literal["given_up", "rejected"],
    payload: bytes,
    *,
    where: str,
    service: str,
    reason: str,
    ts: float,
    entry: str = "",
    limit: int | None = None,
) -> DeadLetter:
    text, encoding = _as_text(payload, limit)
    return DeadLetter(
        kind=kind,
        ts=ts,
        service=service,
        where=where,
        reason=reason,
        event=_event_name(payload),
        entry=entry,
        payload=text,
        encoding=encoding,
        size_bytes=len(payload),
    )


def _as_text(payload: bytes, limit: int | None) -> tuple[str, Literal["text", "base64"]]:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return base64.b64encode(payload[:limit]).decode(), "base64"
    return payload[:limit].decode(errors="ignore"), "text"  # a character that the limit cuts is left out


def _event_name(payload: bytes) -> str:
    try:
        return split_frame(payload).name
    except FrameError:
        return ""
