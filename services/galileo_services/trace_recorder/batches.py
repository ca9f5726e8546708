"""A record entry as traces: many lines in one entry, some of which a foreign sender may have got wrong.

One bad line costs nothing but itself: it is handed back with its reason, and the rest of the entry is recorded.
"""

from __future__ import annotations

from typing import NamedTuple

from galileo_schemas.frame import FrameError
from galileo_schemas.raw.trace_line import Trace, parse_trace


class RejectedLine(NamedTuple):
    """A line that is no trace, and the one line that says why."""

    line: bytes
    reason: str


class TraceBatch(NamedTuple):
    """An entry's traces in its order, and what is none."""

    traces: list[Trace]
    rejected: list[RejectedLine]


def decode_batch(entry: bytes) -> TraceBatch:
    r"""Reads an entry of lines joined by `\n`; empty lines count for nothing. Raises nothing."""
    batch = TraceBatch([], [])
    for line in entry.split(b"\n"):
        if not line.strip():
            continue
        try:
            batch.traces.append(parse_trace(line))
        except FrameError as error:
            batch.rejected.append(RejectedLine(line, str(error)))
    return batch
