"""Functions that have lost pods get new ones, up to the least number: where no pod answers, no pressure asks for one.

Pods on nodes that do not answer are lost, and so are those that were deleted by somebody else. A new pod goes to where
most requests for the function come from, else to where a lost one was; when that is full, to the nearest zone with
room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from galileo_context.cluster import Cluster
from galileo_schemas.event import Event
from galileo_schemas.events import NodeUpdate, PodDelete, PodShutdown, PodState, ScaleImpossible

from galileo_services.pressure_calculator.decision import creation
from galileo_services.pressure_calculator.open_decisions import OpenDecisions
from galileo_services.pressure_calculator.parameters import Parameters
from galileo_services.pressure_calculator.room import Room, need_of
from galileo_services.pressure_calculator.scale_up import ScaleUp, replicas, zones_with_room


def restore(
    cluster: Cluster,
    open_decisions: OpenDecisions,
    parameters: Parameters,
    *,
    now: float,
    new_id: Callable[[], str],
) -> ScaleUp:
    """Decides for the functions that have fewer pods than `min_replicas`; as many as are missing.

    Nothing before an inventory was heard: pods that nobody has told of yet are not lost. `now` in unix seconds;
    `new_id` gives each decision its id. Decisions are entered into `open_decisions`.
    """
    result = ScaleUp(decisions=[], impossible=[])
    if not cluster.complete:
        return result
    missing = {fn: parameters.min_replicas - replicas(cluster, open_decisions, fn) for fn in cluster.functions}
    if all(count <= 0 for count in missing.values()):
        return result  # and spare the look at every node
    room = Room(cluster, open_decisions)
    for fn, template in sorted(cluster.functions.items()):
        for _ in range(missing[fn]):
            there = parameters.min_replicas - missing[fn]
            reason = f"{there} of at least {parameters.min_replicas} pods are there"
            need = need_of(template.resource_requests)
            origin = wanted_in(cluster, fn, now, parameters.lookback_s)
            zones = zones_with_room(cluster, origin, room, need)
            if not zones:
                result.impossible.append(_impossible(fn, origin, f"{reason}, and no zone with a gateway has room"))
                break
            gateways = cluster.gateways(origin)
            decision = creation(
                fn,
                zones[0],
                template,
                origin_zone=origin,
                gateway=gateways[0].node if gateways else "",
                decision_id=new_id(),
                expires=now + parameters.decision_expires_s,
                reason=reason,
            )
            room.take(zones[0], need)
            open_decisions.add(decision, until=now + parameters.decision_expires_s + parameters.decision_grace_s)
            result.decisions.append(decision)
    return result


def wanted_in(cluster: Cluster, fn: str, now: float, lookback_s: float) -> str:
    """The zone from which most requests for a function came of late, answered or not; else where a lost pod was."""
    asked: Counter[str] = Counter()
    for key, counts in cluster.requests.merged(now, lookback_s).items():
        zone = cluster.zone_of_client(key.client) if key.fn == fn else None
        if zone is not None:
            asked[zone] += counts.count
    if asked:
        return min(asked, key=lambda zone: (-asked[zone], zone))
    lost = sorted(zone for pod in cluster.stranded(fn) if (zone := cluster.zone_of(pod)) is not None)
    return lost[0] if lost else next(iter(cluster.zones()), "")


def functions_losing_pods(cluster: Cluster, event: Event) -> set[str]:
    """The functions that lose a pod by what an event tells: a pod that goes, or a node that does not answer."""
    match event:
        case NodeUpdate(ready=False):
            return {pod.function for pod in cluster.pods_on(event.name) if pod.function}
        case PodDelete() | PodShutdown():
            return _function_of(cluster, event)
    return set()


def _function_of(cluster: Cluster, event: PodState) -> set[str]:
    pod = cluster.pod_named(event.name, event.namespace)
    return {pod.function} if pod is not None and pod.function else set()


def _impossible(fn: str, zone: str, reason: str) -> ScaleImpossible:
    return ScaleImpossible(fn=fn, origin_zone=zone, dest_zone=zone, reason=reason)
