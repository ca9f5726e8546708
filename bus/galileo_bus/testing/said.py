"""An ear on the bus that remembers: channel and frame of everything heard, in order."""

from __future__ import annotations

from typing import TypeVar

from galileo_schemas.event import Event
from galileo_schemas.frame import EVENTS_CHANNEL, FrameError, RawFrame, split_frame
from galileo_schemas.registry import decode_frame, kind_of

E = TypeVar("E", bound=Event)


class Said:
    """Everything that was said on galileo/events and below; subscribe it to a transport."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, RawFrame]] = []

    def __call__(self, channel: str, payload: bytes) -> None:
        try:
            self.messages.append((channel, split_frame(payload)))
        except FrameError:
            return  # a test says something wrong on purpose

    def of(self, event_type: type[E], *, channel: str | None = None) -> list[E]:
        """The events of a type, on any channel or on one."""
        name = kind_of(event_type).name
        found = [frame for on, frame in self.messages if frame.name == name and channel in (None, on)]
        decoded = [decode_frame(frame) for frame in found]
        return [event for event in decoded if isinstance(event, event_type)]

    def names(self, channel: str = EVENTS_CHANNEL) -> list[str]:
        """What was said on one channel, by name."""
        return [frame.name for on, frame in self.messages if on == channel]

    def forget(self) -> None:
        """Begins anew."""
        self.messages.clear()
