"""From a frame's name and value to a typed event and back.

Decoding is strict first, which is also the fast way. Only a value that does not fit is read again leniently: `NaN` and
`Infinity`, which some senders write, become null, `3.0` is an integer as in JSON Schema, and the event type's
`normalise` may translate an older shape. Writing is strict: what our own readers would refuse is not said.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec

from galileo_schemas import events as _events  # noqa: F401  (fills the registry)
from galileo_schemas.event import KINDS_BY_NAME, KINDS_BY_TYPE, Event, EventKind
from galileo_schemas.frame import FrameError, RawFrame
from galileo_schemas.refusal import refusal

_encoder = msgspec.json.Encoder()


def kind_of(event_or_type: Event | type[Event]) -> EventKind:
    """The registry row of an event or an event type. Raises `KeyError` for a type that was never registered."""
    cls = event_or_type if isinstance(event_or_type, type) else type(event_or_type)
    return KINDS_BY_TYPE[cls]


def kind_named(name: str) -> EventKind | None:
    """The registry row of a name, or None: then it is a user event, recorded as it is and never an error."""
    return KINDS_BY_NAME.get(name)


def decode_value(kind: EventKind, value: bytes) -> Event:
    """Decodes the JSON value of a frame. Raises `FrameError` with the event's name, the field and what was expected."""
    try:
        return kind.decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _decode_leniently(kind, value, error)


def decode_frame(frame: RawFrame) -> Event | None:
    """The typed event of a frame, None for a user event. Raises `FrameError` when a known event does not validate."""
    kind = kind_named(frame.name)
    return None if kind is None else decode_value(kind, frame.value)


def encode_frame(ts: float, event: Event) -> bytes:
    """Writes an event as a frame; `ts` is unix time in seconds.

    Raises `FrameError` when a reader would refuse it: a number that is required is none, or text is half a surrogate
    pair.
    """
    kind = kind_of(event)
    try:
        value = _encoder.encode(event)
        if b"null" in value:  # which is what the encoder writes for NaN; absent fields are left out, so it is rare
            kind.decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise FrameError(f"{kind.name} cannot be said: {error}, got {event!r:.200}") from error
    return b"%.6f %b %b" % (ts, kind.wire_name, value)


def _decode_leniently(kind: EventKind, value: bytes, strict_error: Exception) -> Event:
    rejected = refusal(kind, strict_error, value)
    try:
        loose: Any = json.loads(value, parse_constant=lambda _constant: None, parse_float=_number)
    except (ValueError, RecursionError):
        raise rejected from strict_error
    if not isinstance(loose, dict):
        raise rejected from strict_error
    if kind.normalise is not None:
        # Where it cannot, this is no older shape either, and the decoder below says what is wrong.
        with suppress(KeyError, TypeError, ValueError, AttributeError, OverflowError):
            loose = kind.normalise(loose)
    try:
        # By way of strict JSON: numbers too large for a float become null, half a surrogate pair is refused.
        return kind.decoder.decode(_encoder.encode(loose))
    except msgspec.ValidationError as error:
        # Where the JSON itself was at fault, what is wrong with it once that is forgiven tells more.
        told = rejected if isinstance(strict_error, msgspec.ValidationError) else refusal(kind, error, value)
        raise told from strict_error
    except (msgspec.MsgspecError, UnicodeEncodeError, OverflowError, RecursionError):
        raise rejected from strict_error


def _number(text: str) -> int | float:
    """Whole numbers as integers, whichever way they are written, as far as both are exact."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
