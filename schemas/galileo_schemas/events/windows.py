"""Periodic aggregates of raw telemetry and traces, so that deciders need not read every sample."""

from __future__ import annotations

import msgspec

from galileo_schemas.event import Delivery, Event, event


class ContainerUsage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A container's use in the window: mean CPU in thousandths of a core (None: one sample only), largest memory."""

    cpu_millicores: float | None = None
    memory_bytes: float | None = None


@event("telemetry_window", Delivery.OBSERVATION, topic="telemetry")
class TelemetryWindow(Event, kw_only=True):
    """One node between `start` and `end` (unix seconds): means of its metrics, and its containers by 12-digit id."""

    node: str
    start: float
    end: float
    metrics: dict[str, float] = {}
    containers: dict[str, ContainerUsage] = {}


class TraceWindowRow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Requests of one function from one client group to one pod (`ip:port`; "" when none answered).

    `rtt_ms` is a histogram of response times in logarithmic buckets, see `galileo_context.sketch`.
    """

    fn: str
    client: str
    pod: str = ""
    count: int = 0
    failed: int = 0
    rtt_ms: dict[int, int] = {}


@event("trace_window", Delivery.OBSERVATION, topic="traces")
class TraceWindow(Event, kw_only=True):
    """All traces recorded between `start` and `end` (unix seconds), by function, client group and pod."""

    start: float
    end: float
    rows: list[TraceWindowRow] = []
