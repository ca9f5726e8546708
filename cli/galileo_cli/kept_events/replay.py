"""`galileo events replay`: what journals and record streams hold since a moment, printed or read again by a service.

streams → entries since then → lines in the order in which they were said
streams → the groups of a service → taken back, so that they read the same entries again
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from galileo_bus.delivery.looking_back import entries_after
from galileo_bus.delivery.streams import EVENT_RECORDS, is_journal, journal_of
from galileo_bus.transport import StreamEntry, Transport
from galileo_bus.transport.places import just_before, taken_at
from galileo_schemas.event import KINDS_BY_NAME, Delivery
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.raw.trace_line import TRACES_STREAM

from galileo_cli.kept_events.shown_frame import matches, shown_frame


@dataclass(frozen=True)
class Span:
    """From a moment on, up to another one: unix seconds of the server's clock, both included."""

    since: float
    until: float | None = None


def journals() -> list[str]:
    """Of all decisions that are known here."""
    return [journal_of(name) for name, kind in KINDS_BY_NAME.items() if kind.delivery is Delivery.DECISION]


async def print_span(transport: Transport, span: Span, *, patterns: Sequence[str], raw: bool) -> int:
    """Prints the events in the order in which they were said."""
    lines: list[tuple[float, str]] = []
    for stream in (EVENT_RECORDS, *journals()):
        async for entry in entries_after(transport, stream, after=just_before(span.since)):
            if span.until is not None and taken_at(entry.id) > span.until:
                break
            lines += _lines(entry, patterns, raw=raw)
    for _, line in sorted(lines, key=lambda timed: timed[0]):
        print(line)
    return 0


def _lines(entry: StreamEntry, patterns: Sequence[str], *, raw: bool) -> Iterable[tuple[float, str]]:
    for data in entry.payload.split(b"\n") if not is_journal(entry.stream) else [entry.payload]:
        try:
            frame = split_frame(data)
        except FrameError as error:
            yield taken_at(entry.id), f"(not a frame) {error}"
            continue
        if matches(frame.name, patterns):
            yield frame.ts, data.decode("utf-8", "replace") if raw else shown_frame(frame)


async def read_again(transport: Transport, service: str, since: float, *, patterns: Sequence[str]) -> int:
    """Lets a service read its streams again; `patterns` choose among journals by the decision's name.

    1 when it reads none of them.
    """
    streams = [stream for stream in journals() if matches(stream.removeprefix(journal_of("")), patterns)]
    streams += [EVENT_RECORDS, TRACES_STREAM] if "*" in patterns else []
    groups = {stream: await transport.groups(stream) for stream in streams}
    read = [stream for stream in streams if service in groups[stream]]
    if not read:
        there = sorted({group for found in groups.values() for group in found})
        those = f"those that do: {', '.join(there)}" if there else "nobody does"
        print(f"galileo: {service} reads no such stream; {those}", file=sys.stderr)
        return 1
    for stream in read:
        count = await transport.rewind(stream, group=service, after=just_before(since))
        print(f"{service} reads {count:,} {'entry' if count == 1 else 'entries'} of {stream} again")
    return 0
