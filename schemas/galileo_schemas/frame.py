"""The frame: how every event looks on the wire, `<unix time in seconds> <event name> <JSON object>`.

People write frames by hand with `redis-cli publish`, so the value may be missing and the time any decimal number. The
metric logger of galileo-faas writes `2024-03-01 12:00:00.5` instead, in the time of its container: it is read as UTC.
This module splits and joins frames and knows nothing of the events in them; `galileo_schemas.registry` decodes them.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import NamedTuple

EVENTS_CHANNEL = "galileo/events"

_DATED = re.compile(rb"\s*([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?)\s+")


class FrameError(ValueError):
    """A message is not a frame, or its value does not fit the event's name; the text says what was expected."""


class RawFrame(NamedTuple):
    """A frame whose value has not been looked at. `ts` is unix time in seconds as the sender wrote it."""

    ts: float
    name: str
    value: bytes


def split_frame(data: bytes) -> RawFrame:
    """Splits a frame into time, name and value (`b""` when the frame has none).

    White space between them may be any, and a line break at the end is none of the name's: `redis-cli -x` adds one.
    Raises `FrameError` when there is no name or the first word is no finite number.
    """
    parts = data.split(None, 2)
    if len(parts) < 2:
        raise FrameError(f"a frame is '<unix time> <event name> [<value>]', got {excerpt(data)}")
    try:
        ts = float(parts[0])
        name = parts[1].decode()
    except ValueError as error:  # UnicodeDecodeError is one too
        if (dated := _DATED.match(data)) is not None:
            return split_frame(_unix_time(dated, data) + b" " + data[dated.end() :])
        raise FrameError(f"a frame starts with a unix time in seconds and a name, got {excerpt(data)}") from error
    if not math.isfinite(ts):
        raise FrameError(f"a frame's time is a finite number of seconds, got {excerpt(data)}")
    if not name.isprintable():
        raise FrameError(f"an event name is one printable word, got {excerpt(data)}")
    return RawFrame(ts, name, parts[2] if len(parts) == 3 else b"")


def split_value(data: bytes) -> bytes:
    """The value of what is known to be a frame; `b""` when it has none."""
    if (dated := _DATED.match(data)) is not None:
        data = b"0 " + data[dated.end() :]
    parts = data.split(None, 2)
    return parts[2] if len(parts) == 3 else b""


def join_frame(ts: float, name: str, value: bytes = b"") -> bytes:
    """Writes a frame; `ts` with microseconds. The name must be one printable word."""
    check_name(name)
    head = f"{ts:.6f} {name}".encode()
    return head + b" " + value if value else head


def check_name(name: str) -> None:
    """Raises `FrameError` for a name that a frame cannot hold."""
    if not name or " " in name or not name.isprintable():
        raise FrameError(f"an event name is one printable word, got {name!r}")


def excerpt(data: bytes, limit: int = 80) -> str:
    """A short quotable piece of a message, for error texts."""
    text = data[:limit].decode("utf-8", "replace")
    return repr(text + ("…" if len(data) > limit else ""))


def _unix_time(dated: re.Match[bytes], data: bytes) -> bytes:
    try:
        moment = datetime.fromisoformat(f"{dated[1].decode()}T{dated[2].decode()}").replace(tzinfo=UTC)
    except ValueError as error:
        raise FrameError(f"a frame starts with a unix time in seconds and a name, got {excerpt(data)}") from error
    return f"{moment.timestamp():.6f}".encode()
