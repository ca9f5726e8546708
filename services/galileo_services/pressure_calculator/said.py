"""Pressure rows as the events that say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from galileo_schemas.event import Event
from galileo_schemas.events import (
    ApiPressure,
    CpuUsagePressure,
    PressureDist,
    PressureLatencyReqLog,
    PressureLatencyRequirement,
    PressureReq,
    PressureRttLog,
)

from galileo_services.pressure_calculator.table import GatewayPressure, PressureRow


def gateway_events(gateways: Iterable[GatewayPressure]) -> list[ApiPressure]:
    """One `api_pressure` for each gateway."""
    return [
        ApiPressure(
            node=gateway.node,
            zone=gateway.zone,
            value=gateway.mean,
            median=gateway.median,
            std=gateway.std,
            min=gateway.min,
            max=gateway.max,
            rows=gateway.rows,
        )
        for gateway in gateways
    ]


def row_events(rows: Sequence[PressureRow]) -> list[Event]:
    """One event for each pressure of each row that is known; CPU use once for each function and zone."""
    said: list[Event] = []
    cpu_said: set[tuple[str, str]] = set()
    for row in rows:
        said += _request_and_time(row)
        said += _distances(row)
        cpu = row.values["cpu_usage"]
        if cpu is not None and (row.fn, row.gateway_zone) not in cpu_said:
            cpu_said.add((row.fn, row.gateway_zone))
            pods = len(row.facts.cpu_millicores)
            said.append(CpuUsagePressure(fn=row.fn, running_pods=pods, cpu_mean=cpu, zone=row.gateway_zone))
    return said


def _client(row: PressureRow) -> str:
    return f"gateway-{row.client_zone}"


def _request_and_time(row: PressureRow) -> Iterable[Event]:
    facts = row.facts
    request, rtt = row.values["request"], row.values["rtt_log"]
    if request is not None:
        yield PressureReq(
            value=request,
            weight=facts.requests,
            utilization=facts.total / facts.client_zones,
            client=_client(row),
            fn=row.fn,
            gateway=row.gateway_node,
            zone=row.gateway_zone,
            client_zone=row.client_zone,
        )
    if rtt is not None and facts.percentile_ms is not None:
        yield PressureRttLog(
            value=rtt,
            distance=facts.percentile_ms,
            scaled_value=facts.percentile_ms,
            required_latency=facts.required_latency_ms,
            max_value=facts.max_latency_ms,
            client=_client(row),
            fn=row.fn,
            gateway=row.gateway_node,
            zone=row.gateway_zone,
            client_zone=row.client_zone,
        )


def _distances(row: PressureRow) -> Iterable[Event]:
    distance, far = row.values["network_distance"], row.facts.max_latency_ms
    unbound, bound = row.values["latency_req_unbound"], row.values["latency_req_log"]
    required, ms = row.facts.required_latency_ms, row.facts.distance_ms
    if ms is None:
        return
    scaled = ms / far if far > 0 else None
    where = (_client(row), row.gateway_node, row.gateway_zone, row.fn, row.client_zone)
    client, gateway, zone, fn, client_zone = where
    if distance is not None:
        yield PressureDist(
            value=distance,
            distance=ms,
            avg_distance=ms,
            max_value=far,
            scaled_value=scaled,
            client=client,
            gateway=gateway,
            zone=zone,
            fn=fn,
            client_zone=client_zone,
        )
    if unbound is not None and required is not None:
        yield PressureLatencyRequirement(
            value=unbound,
            distance=ms,
            required_latency=required,
            max_value=far,
            scaled_value=scaled,
            client=client,
            gateway=gateway,
            zone=zone,
            fn=fn,
            client_zone=client_zone,
        )
    if bound is not None:
        yield PressureLatencyReqLog(
            value=bound,
            distance=ms,
            required_latency=required,
            max_value=far,
            scaled_value=scaled,
            type="network_latency",
            client=client,
            gateway=gateway,
            zone=zone,
            fn=fn,
            client_zone=client_zone,
        )
