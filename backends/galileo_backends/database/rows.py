"""The rows of the experiment database. All times are Unix seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class TraceRow(NamedTuple):
    """One request of a client, in the order of the 11 fields of the trace channel.

    `created` is when the request was due, `sent` when it left (-1: it never did), `done` when the answer was complete.
    `status` is the HTTP status, -1 where there was no answer. `exp_id` is what the client believed; rows are kept under
    the experiment that they are written to.
    """

    request_id: str
    client: str
    service: str
    created: float
    sent: float
    done: float
    status: int
    server: str | None = None
    exp_id: str | None = None
    headers: str | None = None
    response: str | None = None


class EventRow(NamedTuple):
    """One event. With an `id`, writing it again changes nothing; without, every write is a new event."""

    timestamp: float
    name: str
    value: str | None = None
    id: str | None = None


class TelemetryRow(NamedTuple):
    """One measurement of a node, or of a part of it (`subsystem`: a container, a device)."""

    timestamp: float
    metric: str
    node: str
    value: float
    subsystem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One experiment. `status` is RUNNING until it is finalized, then FINISHED or FAILED; `end` is None until then."""

    id: str
    name: str
    creator: str
    start: float
    end: float | None
    status: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows an experiment has."""

    traces: int
    events: int
    telemetry: int
    nodeinfo: int
