"""The event log across a recorder's lives: what an earlier one wrote is not written again.

An earlier life may have ended between writing and acknowledging, so that the same events are delivered once more, or in
the middle of a line, which would run into the next one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import msgspec
from galileo_schemas.frame import FrameError, RawFrame, split_frame


class _MetaOnly(msgspec.Struct):
    class Id(msgspec.Struct):
        id: str | None = None

    meta: Id | None = None


_meta_decoder = msgspec.json.Decoder(_MetaOnly)


def frame_id(frame: RawFrame) -> str | None:
    """The event's `meta.id`, None when it carries none."""
    if b'"meta"' not in frame.value:
        return None
    try:
        decoded = _meta_decoder.decode(frame.value)
    except msgspec.MsgspecError:
        return None  # a person's own event may hold anything
    return decoded.meta.id if decoded.meta else None


def continue_log(path: Path) -> tuple[TextIO, set[str]]:
    """Opens a log to append to, without a last line that was half written; also the ids that are in it.

    Raises `OSError`.
    """
    known: set[str] = set()
    whole_bytes = 0
    if path.exists():
        with path.open("rb") as log:
            for line in log:
                if not line.endswith(b"\n"):
                    break
                whole_bytes += len(line)
                identity = _line_id(line)
                if identity is not None:
                    known.add(identity)
        with path.open("r+b") as log:
            log.truncate(whole_bytes)
    return path.open("a", encoding="utf-8"), known


def _line_id(line: bytes) -> str | None:
    try:
        return frame_id(split_frame(line))
    except FrameError:
        return None  # not written by a recorder; it is left as it is
