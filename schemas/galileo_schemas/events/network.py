"""Round-trip latencies between nodes or zones, in milliseconds."""

from __future__ import annotations

from galileo_schemas.event import Delivery, Event, event


@event("latency_update", Delivery.OBSERVATION, topic="network")
class LatencyUpdate(Event, kw_only=True):
    """Round-trip milliseconds from a node or zone to another: `{from: {to: ms}}`; symmetric unless both are given."""

    latencies: dict[str, dict[str, float]]
    origin: str = ""


@event("latency_missing", Delivery.RECORD)
class LatencyMissing(Event, kw_only=True):
    """Two places between which no latency is known, needed `count` times so far; `effect` says what happens instead."""

    origin: str
    destination: str
    effect: str = ""
    count: int = 1
