"""What services say about themselves."""

from __future__ import annotations

from galileo_schemas.event import Delivery, Event, event


@event("resync", Delivery.OBSERVATION)
class Resync(Event, kw_only=True):
    """A late or restarted service asks the owners of facts to say them again; empty `wants` means all."""

    wants: list[str] = []


@event("source_heartbeat", Delivery.OBSERVATION, topic="runtime")
class SourceHeartbeat(Event, kw_only=True):
    """The last sequence number per event name, each second, so that a lost tail shows."""

    last: dict[str, int] = {}


@event("input_rejected", Delivery.RECORD)
class InputRejected(Event, kw_only=True):
    """Messages on `channel` were not taken: `count` so far of this kind; `reason` and `sample` are of the latest."""

    channel: str
    kind: str
    reason: str
    count: int
    sample: str = ""
