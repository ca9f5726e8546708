"""What a view that comes late can still learn: decisions and records lie in their streams for a while."""

from __future__ import annotations

from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.transport import Transport
from galileo_schemas.event import KINDS_BY_NAME, Delivery
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.registry import decode_frame

from galileo_cli.view.live_state import LiveState

ENTRIES = 300
"""So many of each stream's newest; an entry of records holds several lines."""


async def recall(transport: Transport, state: LiveState, now: float) -> float | None:
    """Feeds the state with what was said before, oldest first. Raises `TransportUnavailableError`.

    Returns the moment of the oldest (unix seconds), None where there is nothing.
    """
    journals = [journal_of(name) for name, kind in KINDS_BY_NAME.items() if kind.delivery is Delivery.DECISION]
    frames = []
    for stream in (EVENT_RECORDS, *journals):
        for entry in await transport.range(stream, count=ENTRIES, newest_first=True):
            for line in entry.payload.split(b"\n"):
                try:
                    frame = split_frame(line)
                    event = decode_frame(frame)
                except FrameError:
                    continue  # its recorder says so, and buries it
                if event is not None:
                    frames.append((frame.ts, event))
    for ts, event in sorted(frames, key=lambda row: row[0]):
        state.note(event, ts, now)
    return min((ts for ts, _ in frames), default=None)
