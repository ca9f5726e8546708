"""Observations that the recorder should have heard and did not, by the running numbers that their senders write.

It hears every channel, so that the bus's own count, which goes by the events that a service asks for, cannot do it.
"""

from __future__ import annotations

import msgspec
from galileo_bus.losses import LossCounter
from galileo_schemas.event import Meta
from galileo_schemas.frame import RawFrame


class _Numbered(msgspec.Struct):
    """What matters of any event; heartbeats tell the `last` number of each name."""

    meta: Meta | None = None
    last: dict[str, int] = {}


_decoder = msgspec.json.Decoder(_Numbered)


def note_numbers(losses: LossCounter, frame: RawFrame) -> None:
    """Counts what is missing before this frame, and before what a heartbeat tells of."""
    heartbeat = frame.name == "source_heartbeat"
    if not heartbeat and b'"seq":' not in frame.value:
        return
    try:
        event = _decoder.decode(frame.value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return  # somebody's own event, or one that is refused elsewhere
    if event.meta is None or not event.meta.source:
        return
    if heartbeat:
        losses.heartbeat(event.meta.source, event.last)
    elif event.meta.seq:
        losses.note(event.meta.source, frame.name, event.meta.seq)
