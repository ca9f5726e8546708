"""The pressure table: one row for each function, zone that served it, and zone of its clients, where there was traffic.

Traces tell which pod answered, not which of a zone's gateways passed the request on. A zone with several gateways
therefore has its rows once, under the first gateway's name, and each of its gateways is said to bear all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from galileo_context.cluster import Cluster, Gateway
from galileo_context.requests import RequestCounts
from galileo_context.sketch import percentile

from galileo_services.pressure_calculator.parameters import Parameters
from galileo_services.pressure_calculator.pressure import PRESSURES, Facts, product
from galileo_services.pressure_calculator.traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class PressureRow:
    """Pressure of one zone's clients on one function in one zone.

    `values`: every pressure by name, None where it is not known. `product`: of the configured ones, None when one of
    them is not known: then the row decides nothing.
    """

    fn: str
    gateway_node: str
    gateway_zone: str
    client_zone: str
    facts: Facts
    values: Mapping[str, float | None]
    product: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPressure:
    """The spread of the products of a gateway's rows; `std` is the sample's, None for a single row."""

    node: str
    zone: str
    mean: float
    median: float
    std: float | None
    min: float
    max: float
    rows: int


def pressure_rows(cluster: Cluster, traffic: Traffic, parameters: Parameters, now: float) -> list[PressureRow]:
    """The table at `now` (unix seconds), in the order of names. A zone without a running gateway has no rows."""
    rows: list[PressureRow] = []
    distances: dict[tuple[str, str], float | None] = {}
    for (fn, zone), by_client_zone in sorted(traffic.served.items()):
        gateways = cluster.gateways(zone)
        if not gateways:
            continue
        cpu = _measured_cpu(cluster, fn, zone, now, parameters.lookback_s)
        for client_zone in sorted(by_client_zone):
            if (zone, client_zone) not in distances:
                distances[zone, client_zone] = _distance_ms(cluster, gateways[0], client_zone)
            facts = Facts(
                requests=by_client_zone[client_zone].count,
                busiest=max(counts.count for counts in by_client_zone.values()),
                total=sum(counts.count for counts in by_client_zone.values()),
                client_zones=len(by_client_zone),
                percentile_ms=_percentile_ms(by_client_zone[client_zone], parameters),
                cpu_millicores=cpu,
                distance_ms=distances[zone, client_zone],
                max_latency_ms=max(parameters.max_latency_ms, cluster.latencies.max_ms),
                required_latency_ms=parameters.required_latency_ms(fn),
                logistic=parameters.logistic,
            )
            rows.append(_row(fn, gateways[0], client_zone, facts, parameters))
    return rows


def gateway_pressures(cluster: Cluster, rows: Sequence[PressureRow]) -> list[GatewayPressure]:
    """The pressure on each running gateway that has rows whose product is known."""
    products: dict[str, list[float]] = {}
    for row in rows:
        if row.product is not None:
            products.setdefault(row.gateway_zone, []).append(row.product)
    return [
        GatewayPressure(
            node=gateway.node,
            zone=zone,
            mean=fmean(values),
            median=median(values),
            std=stdev(values) if len(values) > 1 else None,
            min=min(values),
            max=max(values),
            rows=len(values),
        )
        for zone, values in products.items()
        for gateway in cluster.gateways(zone)
    ]


def _row(fn: str, gateway: Gateway, client_zone: str, facts: Facts, parameters: Parameters) -> PressureRow:
    values = {name: pressure(facts) for name, pressure in PRESSURES.items()}
    return PressureRow(
        fn=fn,
        gateway_node=gateway.node,
        gateway_zone=gateway.zone,
        client_zone=client_zone,
        facts=facts,
        values=values,
        product=product(values, parameters.pressures),
    )


def _percentile_ms(counts: RequestCounts, parameters: Parameters) -> float | None:
    return percentile(counts.rtt_ms, parameters.percentile)


def _measured_cpu(cluster: Cluster, fn: str, zone: str, now: float, lookback_s: float) -> tuple[float, ...]:
    used = (cluster.pod_cpu_millicores(pod, now, lookback_s) for pod in cluster.running(fn, zone))
    return tuple(millicores for millicores in used if millicores is not None)


def _distance_ms(cluster: Cluster, gateway: Gateway, client_zone: str) -> float | None:
    if client_zone != gateway.zone:
        return cluster.zone_latency_ms(client_zone, gateway.zone)
    others = [node.name for node in cluster.nodes_in(gateway.zone) if node.name != gateway.node]
    known = [ms for name in others if (ms := cluster.latencies.between(gateway.node, name)) is not None]
    if others and not known:
        return None
    return sum(known) / (len(known) + 1)  # the gateway's own node counts, at distance 0
