"""Where a function needs one pod more: near the clients whose pressure is above the threshold.

The pod goes to the clients' zone. When that is full, to the nearest zone with room on which these clients do not press
already, else to the nearest with room. A zone without a running gateway gets no pod: nobody could reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from galileo_context.cluster import Cluster
from galileo_schemas.events import ScaleImpossible, ScaleSchedule

from galileo_services.pressure_calculator.decision import creation
from galileo_services.pressure_calculator.open_decisions import OpenDecisions
from galileo_services.pressure_calculator.parameters import Parameters
from galileo_services.pressure_calculator.room import Need, Room, need_of
from galileo_services.pressure_calculator.table import PressureRow

RowKey = tuple[str, str, str]
"""Function, zone that serves, zone of the clients."""


@dataclass(slots=True, kw_only=True)
class ScaleUp:
    """What came of the violated thresholds."""

    decisions: list[ScaleSchedule]
    impossible: list[ScaleImpossible]


def scale_up(
    rows: Sequence[PressureRow],
    cluster: Cluster,
    open_decisions: OpenDecisions,
    parameters: Parameters,
    *,
    now: float,
    new_id: Callable[[], str],
) -> ScaleUp:
    """Decides for the rows above the threshold, the highest pressure first; one pod at most for each (fn, zone).

    `now` in unix seconds; `new_id` gives each decision its id. Decisions are entered into `open_decisions`.
    """
    result = ScaleUp(decisions=[], impossible=[])
    violating = violations(rows, parameters.max_threshold)
    if not violating:
        return result  # and spare the look at every node
    room = Room(cluster, open_decisions)
    products = {(row.fn, row.gateway_zone, row.client_zone): row.product for row in rows}
    for row in violating:
        # The clients' zone or the one taken instead: while a pod is on its way there, its effect has to show first.
        if is_under_way(cluster, open_decisions, row.fn, row.client_zone, parameters, now):
            continue
        template = cluster.functions.get(row.fn)
        if template is None:
            result.impossible.append(_impossible(row, parameters, "no pod has shown what the function looks like"))
            continue
        if replicas(cluster, open_decisions, row.fn) >= parameters.max_replicas:
            reason = f"the function has max_replicas ({parameters.max_replicas}) pods"
            result.impossible.append(_impossible(row, parameters, reason))
            continue
        need = need_of(template.resource_requests)
        zone = destination(row, products, cluster, room, need, parameters.max_threshold)
        if zone is None:
            result.impossible.append(_impossible(row, parameters, "no zone with a gateway has room"))
            continue
        if is_under_way(cluster, open_decisions, row.fn, zone, parameters, now):
            continue
        decision = creation(
            row.fn,
            zone,
            template,
            origin_zone=row.gateway_zone,
            gateway=row.gateway_node,
            value=row.product,
            threshold=parameters.max_threshold,
            decision_id=new_id(),
            expires=now + parameters.decision_expires_s,
        )
        room.take(zone, need)
        open_decisions.add(decision, until=now + parameters.decision_expires_s + parameters.decision_grace_s)
        result.decisions.append(decision)
    return result


def violations(rows: Sequence[PressureRow], max_threshold: float) -> list[PressureRow]:
    """The rows whose product is known and above the threshold, the highest first."""
    above = [(row.product, row) for row in rows if row.product is not None and row.product > max_threshold]
    above.sort(key=lambda pair: (-pair[0], pair[1].fn, pair[1].gateway_zone, pair[1].client_zone))
    return [row for _product, row in above]


def is_under_way(
    cluster: Cluster, open_decisions: OpenDecisions, fn: str, zone: str, parameters: Parameters, now: float
) -> bool:
    """Whether a pod of the function is asked for or starting in the zone, or has only just begun to serve."""
    if open_decisions.creations(fn, zone):
        return True
    # A pod that cannot start, for want of its image say, must not hold others back for ever.
    if any(not pod.created or now - pod.created < parameters.start_patience_s for pod in cluster.pending(fn, zone)):
        return True
    return any(now - pod.running_since < parameters.settle_s for pod in cluster.running(fn, zone))


def replicas(cluster: Cluster, open_decisions: OpenDecisions, fn: str) -> int:
    """The pods that the function has or will have: running, starting and asked for, less those to be deleted."""
    there = {(pod.namespace, pod.name) for pod in (*cluster.running(fn), *cluster.pending(fn))}
    return len(there - open_decisions.deletions(fn)) + len(open_decisions.creations(fn))


def destination(
    row: PressureRow,
    products: Mapping[RowKey, float | None],
    cluster: Cluster,
    room: Room,
    need: Need,
    max_threshold: float,
) -> str | None:
    """The zone for one pod more, None when no zone has room. Zones of unknown latency come last."""
    nearest = zones_with_room(cluster, row.client_zone, room, need)
    if row.client_zone in nearest:
        return row.client_zone
    for zone in nearest:
        pressure = products.get((row.fn, zone, row.client_zone), 0.0)
        if pressure is not None and pressure < max_threshold:
            return zone
    return nearest[0] if nearest else None


def zones_with_room(cluster: Cluster, origin: str, room: Room, need: Need) -> list[str]:
    """The zones that have room and a running gateway, the nearest to `origin` first; unknown latencies come last."""
    zones = {gateway.zone for gateway in cluster.gateways()}
    fitting = [zone for zone in zones if room.fits(zone, need)]
    return sorted(fitting, key=lambda zone: (zone != origin, _latency_or_far(cluster, origin, zone), zone))


def _latency_or_far(cluster: Cluster, origin: str, zone: str) -> float:
    ms = cluster.zone_latency_ms(origin, zone)
    return float("inf") if ms is None else ms


def _impossible(row: PressureRow, parameters: Parameters, reason: str) -> ScaleImpossible:
    return ScaleImpossible(
        fn=row.fn,
        origin_zone=row.gateway_zone,
        dest_zone=row.client_zone,
        reason=reason,
        value=row.product,
        threshold=parameters.max_threshold,
    )
