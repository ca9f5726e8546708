"""Which of the frames heard on the channels are recorded from there.

Records and decisions come to the recorder by their streams, which lose nothing; their published twins are left alone.
Observations and people's own events are only published. What is merely said again is no news.
"""

from __future__ import annotations

from galileo_schemas.event import Delivery
from galileo_schemas.events.cluster import CLUSTER_TOPIC
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame
from galileo_schemas.registry import kind_named

_NOT_RECORDED = frozenset({"source_heartbeat", "service_status"})
_REPEATS_CHANNEL = f"{EVENTS_CHANNEL}/{CLUSTER_TOPIC}"


def recorded_from_channel(channel: str, frame: RawFrame, *, adopted: bool) -> bool:
    """Whether a frame heard on a channel is to be recorded now; `adopted`: hand-published decisions get journaled."""
    kind = kind_named(frame.name)
    if kind is None:
        return True
    if kind.delivery is Delivery.OBSERVATION:
        return frame.name not in _NOT_RECORDED
    if channel == _REPEATS_CHANNEL:
        return False
    return said_by_hand(frame) and not (adopted and kind.delivery is Delivery.DECISION)


def said_by_hand(frame: RawFrame) -> bool:
    """Whether no service of ours said it: those write the id first. Only such a frame may fail to validate."""
    return b'"meta":{"id"' not in frame.value
