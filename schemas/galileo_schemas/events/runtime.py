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


@event("load_status", Delivery.OBSERVATION, topic="load")
class LoadStatus(Event, kw_only=True):
    """What the load clients have done so far, each second. `sent` counts requests whose moment has come."""

    experiment: str
    sent: int
    succeeded: int
    failed: int
    in_flight: int = 0
    rates: dict[str, float] = {}
    """Requests a second that are asked for now, per client zone."""


@event("load_moved", Delivery.RECORD)
class LoadMoved(Event, kw_only=True):
    """Clients of a function have moved from one zone to another, as the scenario says or somebody asked."""

    fn: str
    origin_zone: str
    dest_zone: str
    rps: float


@event("service_status", Delivery.OBSERVATION, topic="runtime")
class ServiceStatus(Event, kw_only=True):
    """How a service is, every two seconds: `not_ready` and `unhealthy` say why, and are empty when all is well.

    `figures` are those of its /metrics page; `rates` are events a second said and heard since the last status, none
    in the first one. `lag` is how many journal and record entries wait for it, `lost` how many numbered events it
    missed.
    """

    service: str
    instance: str
    host: str
    pid: int
    started: float
    not_ready: str = ""
    unhealthy: str = ""
    port: int = 0
    rates: dict[str, float] = {}
    lag: int = 0
    lost: int = 0
    figures: dict[str, float] = {}
