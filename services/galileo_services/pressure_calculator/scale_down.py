"""Where a function has a pod too many: little pressure on a zone for a while, or nobody asks for it there.

Never from silence alone: when no recorder speaks, or a pressure is not known, nothing goes. Never the last replica,
nothing young, and nothing where a pod is about to come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

from galileo_context.cluster import Cluster
from galileo_context.pod import Pod
from galileo_schemas.events import ScaleSchedule

from galileo_services.pressure_calculator.decision import deletion
from galileo_services.pressure_calculator.open_decisions import OpenDecisions
from galileo_services.pressure_calculator.parameters import Parameters
from galileo_services.pressure_calculator.table import PressureRow
from galileo_services.pressure_calculator.traffic import Place, Traffic


def low_places(
    rows: Sequence[PressureRow], traffic: Traffic, cluster: Cluster, min_threshold: float
) -> dict[Place, float | None]:
    """Functions and zones with running pods and little pressure: its mean over client zones, None without traffic."""
    products: dict[Place, list[float | None]] = {}
    for row in rows:
        products.setdefault((row.fn, row.gateway_zone), []).append(row.product)
    low: dict[Place, float | None] = {}
    for fn, zone in _places(cluster):
        values = products.get((fn, zone))
        if values is None:
            if traffic.is_idle(fn, zone):
                low[fn, zone] = None
            continue
        known = [value for value in values if value is not None]
        if len(known) == len(values) and fmean(known) < min_threshold:
            low[fn, zone] = fmean(known)
    return low


def low_since(before: Mapping[Place, float], low: Iterable[Place], now: float) -> dict[Place, float]:
    """Since when (unix seconds) each place has been low without a break, given the same of the run before."""
    return {place: before.get(place, now) for place in low}


def scale_down(
    low: Mapping[Place, float | None],
    since: Mapping[Place, float],
    cluster: Cluster,
    open_decisions: OpenDecisions,
    parameters: Parameters,
    *,
    now: float,
    new_id: Callable[[], str],
) -> list[ScaleSchedule]:
    """Decides for the places that have been low long enough; one pod at most for each.

    `now` in unix seconds; `new_id` gives each decision its id. Decisions are entered into `open_decisions`, where
    those to scale up of the same run must be already.
    """
    decisions: list[ScaleSchedule] = []
    for fn, zone in sorted(low):
        if now - since[fn, zone] < parameters.scale_down_delay_s:
            continue
        if open_decisions.creations(fn, zone) or cluster.pending(fn, zone):
            continue
        doomed = open_decisions.deletions(fn)
        staying = [pod for pod in cluster.running(fn) if (pod.namespace, pod.name) not in doomed]
        if len(staying) <= parameters.min_replicas:
            continue
        pod = victim([pod for pod in staying if cluster.zone_of(pod) == zone], cluster, parameters, now)
        if pod is None:
            continue
        gateways = cluster.gateways(zone)
        decision = deletion(
            pod,
            fn,
            zone,
            gateway=gateways[0].node if gateways else "",
            value=low[fn, zone],
            decision_id=new_id(),
            threshold=parameters.min_threshold,
            expires=now + parameters.decision_expires_s,
        )
        open_decisions.add(decision, until=now + parameters.decision_expires_s + parameters.decision_grace_s)
        decisions.append(decision)
    return decisions


def victim(pods: Sequence[Pod], cluster: Cluster, parameters: Parameters, now: float) -> Pod | None:
    """The pod that uses the least CPU, among those old enough whose use is known; the youngest of equals."""
    candidates = [
        (millicores, pod)
        for pod in pods
        if now - pod.running_since >= parameters.min_age_s
        and (millicores := cluster.pod_cpu_millicores(pod, now, parameters.lookback_s)) is not None
    ]
    if not candidates:
        return None
    return min(candidates, key=lambda pair: (pair[0], -pair[1].running_since, pair[1].name))[1]


def _places(cluster: Cluster) -> list[Place]:
    places = {
        (fn, zone)
        for fn in cluster.functions
        for pod in cluster.running(fn)
        if (zone := cluster.zone_of(pod)) is not None
    }
    return sorted(places)
