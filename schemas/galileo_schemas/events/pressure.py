"""How hard clients press on the gateways: one event a gateway (`api_pressure`), one per row and pressure behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galileo_schemas.event import Delivery, Event, event


def _mean_as_value(loose: dict[str, Any]) -> Mapping[str, Any]:
    """The original's code says `mean` where its documents say `value`."""
    return {**loose, "value": loose["mean"]} if "value" not in loose else loose


@event("api_pressure", Delivery.OBSERVATION, normalise=_mean_as_value)
class ApiPressure(Event, kw_only=True):
    """Pressure on one gateway: the mean over its rows (function × client zone), and their spread."""

    node: str
    zone: str
    value: float
    median: float | None = None
    std: float | None = None
    min: float | None = None
    max: float | None = None
    rows: int | None = None


class PressureRow(Event, kw_only=True):
    """What rows have in common. `gateway` is the gateway's node, `client` the clients' gateway (`gateway-<zone>`)."""

    value: float
    client: str
    gateway: str = ""
    zone: str = ""
    fn: str = ""
    client_zone: str = ""


@event("pressure_req", Delivery.OBSERVATION)
class PressureReq(PressureRow, kw_only=True):
    """Share of requests: `weight` requests of this client zone, `utilization` requests per client zone on average."""

    weight: float
    utilization: float


class _DistanceRow(PressureRow, kw_only=True):
    """A pressure that grows with a distance or a duration, in milliseconds."""

    distance: float
    max_value: float | None = None
    scaled_value: float | None = None


@event("pressure_latency_requirement", Delivery.OBSERVATION)
class PressureLatencyRequirement(_DistanceRow, kw_only=True):
    """Network latency in relation to what the function requires; unbounded."""

    required_latency: float


@event("pressure_latency_req", Delivery.OBSERVATION)
class PressureLatencyReq(_DistanceRow, kw_only=True):
    """The same under the name that the original's code uses."""

    required_latency: float | None = None
    type: str = ""


@event("pressure_latency_req_log", Delivery.OBSERVATION)
class PressureLatencyReqLog(_DistanceRow, kw_only=True):
    """Logistic function of the network latency, its midpoint at the requirement."""

    required_latency: float | None = None
    type: str = ""


@event("pressure_rtt_log", Delivery.OBSERVATION)
class PressureRttLog(_DistanceRow, kw_only=True):
    """Logistic function of a percentile of the response times; `distance` is that percentile in milliseconds."""

    required_latency: float | None = None
    type: str = "rtt"


@event("pressure_dist", Delivery.OBSERVATION)
class PressureDist(_DistanceRow, kw_only=True):
    """Network latency in relation to the largest latency known."""

    avg_distance: float | None = None


@event("pressure_fn", Delivery.OBSERVATION, normalise=_mean_as_value)
class PressureFn(Event, kw_only=True):
    """Pressure of one client zone on a function's pods in `fn_zone`: the mean over its rows, and their spread."""

    fn: str
    fn_zone: str
    client_zone: str
    value: float
    std: float | None = None
    min: float | None = None
    max: float | None = None


@event("pressure_client", Delivery.OBSERVATION)
class PressureClient(Event, kw_only=True):
    """Pressure of a single client, by its own id, on a function's pods in `fn_zone`."""

    client: str
    client_zone: str
    fn: str
    fn_zone: str
    value: float


@event("cpu_usage_pressure", Delivery.OBSERVATION)
class CpuUsagePressure(Event, kw_only=True):
    """Mean CPU use of a function's running pods in a zone; 1 is one full core."""

    fn: str
    running_pods: int
    cpu_mean: float
    zone: str


@event("pressure_rows_limited", Delivery.OBSERVATION)
class PressureRowsLimited(Event, kw_only=True):
    """More pressure rows than may be said on galileo/events: `total` went to galileo/events/pressure only."""

    total: int
    limit: int
