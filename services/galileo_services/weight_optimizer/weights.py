"""Load-balancer weights: near and idle pods get more requests, and every healthy one gets some.

For a function and a zone z there are two kinds of targets. A pod p that runs in z weighs 100 · idle(p) · near(p), where
idle is one less its share of its node's cores, and near falls along the logistic curve with its latency from z's
gateway. Another zone o in which the function runs is reached through its gateway and weighs 100 · P(o) · near(o), with
P(o) the mean of idle · near over o's own pods. A zone without running pods is never a target: its gateway would only
send the request on. The formulas are those of the optimiser that this one replaces, with its integer cut of remote
weights, its zero and negative weights and its empty lists repaired.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from galileo_context.cluster import Cluster
from galileo_context.logistic import Logistic
from galileo_context.pod import Pod
from galileo_schemas.events import Weights

from galileo_services.weight_optimizer.settings import Strategy, WeightSettings

SCALE = 100
LEAST_NEARNESS = 0.01

ZoneAndFunction = tuple[str, str]
_Target = tuple[str, int]


def weights_for(cluster: Cluster, settings: WeightSettings, now: float) -> dict[ZoneAndFunction, Weights | None]:
    """The weights of every function in every zone at `now` (unix seconds).

    None: no pod can be reached from the zone; its key is to be deleted, never written with empty lists.
    """
    result: dict[ZoneAndFunction, Weights | None] = {}
    for fn in sorted(cluster.functions):
        attraction = _attraction_by_zone(cluster, fn, settings, now)
        for zone in cluster.zones():
            local = [
                (address, weight_of(share, settings.strategy)) for address, share in attraction.get(zone, {}).items()
            ]
            remote = [
                target
                for other, by_address in attraction.items()
                if other != zone
                for target in _remote(cluster, zone, other, fmean(by_address.values()), settings)
            ]
            result[zone, fn] = _weights([*local, *remote])
    return result


def weight_of(share: float, strategy: Strategy) -> int:
    """A target's integer weight from its attraction of 0 to 1: at least 1, so that it is not forgotten."""
    return 1 if strategy is Strategy.ROUND_ROBIN else max(1, round(SCALE * share))


def nearness(latency_ms: float, logistic: Logistic) -> float:
    """How much of its weight a target keeps at a round-trip latency: 1 - L(latency)/a, 0.01 at least."""
    return max(LEAST_NEARNESS, 1.0 - logistic.share(latency_ms))


def idleness(cpu_millicores: float | None, node_millicores: float | None) -> float:
    """One less the pod's share of its node's cores, 0 to 1; 1 while either is not known."""
    if cpu_millicores is None or not node_millicores:
        return 1.0
    return min(1.0, max(0.0, 1.0 - cpu_millicores / node_millicores))


def changed(old: Weights | None, new: Weights | None, tolerance: float) -> bool:
    """Whether an update is worth sending: other addresses, or one whose share of the requests moved by more.

    `tolerance` 0 to 1, where 0.02 is two percent of all requests. None stands for no key.
    """
    if old is None or new is None:
        return old is not new
    before, after = _shares(old), _shares(new)
    if before.keys() != after.keys():
        return True
    return any(abs(after[address] - share) > tolerance for address, share in before.items())


def _attraction_by_zone(cluster: Cluster, fn: str, settings: WeightSettings, now: float) -> dict[str, dict[str, float]]:
    """By zone, the attraction (0 to 1) of each pod of the function that serves there, by its address."""
    result: dict[str, dict[str, float]] = {}
    for pod in sorted(cluster.running(fn), key=lambda pod: pod.address):
        zone = cluster.zone_of(pod)
        if zone is not None and pod.ip:
            result.setdefault(zone, {})[pod.address] = _attraction(cluster, pod, zone, settings, now)
    return dict(sorted(result.items()))


def _attraction(cluster: Cluster, pod: Pod, zone: str, settings: WeightSettings, now: float) -> float:
    node = cluster.node(pod.node)
    cpu = cluster.pod_cpu_millicores(pod, now, settings.lookback_s)
    idle = idleness(cpu, node.cpu_millicores if node is not None else None)
    return idle * nearness(_latency_within_ms(cluster, pod, zone), settings.logistic)


def _latency_within_ms(cluster: Cluster, pod: Pod, zone: str) -> float:
    """From the zone's gateway to a pod there. Not known: 0, since a zone is what lies close together."""
    to_pod = (cluster.latencies.between(gateway.node, pod.node) for gateway in cluster.gateways(zone))
    return min((ms for ms in to_pod if ms is not None), default=0.0)


def _remote(cluster: Cluster, zone: str, other: str, attraction: float, settings: WeightSettings) -> Iterable[_Target]:
    """The other zone's gateways, which share the zone's weight. A latency not known counts as the largest known."""
    gateways = cluster.gateways(other)
    if not gateways:
        return
    latency_ms = cluster.zone_latency_ms(zone, other)
    near = nearness(cluster.latencies.max_ms if latency_ms is None else latency_ms, settings.logistic)
    for gateway in gateways:
        yield gateway.address, weight_of(attraction * near / len(gateways), settings.strategy)


def _weights(targets: list[_Target]) -> Weights | None:
    if not targets:
        return None
    return Weights(ips=[address for address, _weight in targets], weights=[weight for _address, weight in targets])


def _shares(weights: Weights) -> dict[str, float]:
    total = sum(weights.weights)
    return {ip: weight / total if total else 0.0 for ip, weight in zip(weights.ips, weights.weights, strict=False)}
