"""The requests of the lookback by function, the zone that served them and the zone of the clients.

A function's name is the label of the pod that answered; what the client calls it counts only when that pod carries no
label.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from galileo_context import sketch
from galileo_context.cluster import Cluster
from galileo_context.requests import RequestCounts

Place = tuple[str, str]
"""A function and the zone that serves it."""


@dataclass(slots=True)
class Traffic:
    """Requests that clients made.

    `served[f, a][x]`: of f, answered in zone a, from clients in zone x. `zoneless[f, a]`: from clients whose zone is
    not known; they press on nobody's behalf, but the pods are not idle. `unanswered[x]`: requests that no pod answered,
    or a gateway by itself; they belong to no serving zone and so to no row. `strangers`: requests by function that
    were answered by pods that nobody knows (any more). `heard`: whether a recorder spoke at all.
    """

    served: dict[Place, dict[str, RequestCounts]] = field(default_factory=dict)
    zoneless: Counter[Place] = field(default_factory=Counter)
    unanswered: Counter[str | None] = field(default_factory=Counter)
    strangers: Counter[str] = field(default_factory=Counter)
    heard: bool = False

    def is_idle(self, fn: str, zone: str) -> bool:
        """Whether it is known that nobody asked for the function in that zone."""
        silent = (fn, zone) not in self.served and not self.zoneless[fn, zone]
        # A stranger may have run in any zone.
        return self.heard and silent and not self.strangers[fn]


def traffic_of(cluster: Cluster, now: float, lookback_s: float) -> Traffic:
    """Groups the requests whose windows ended within the lookback before `now` (unix seconds)."""
    traffic = Traffic(heard=cluster.requests.heard(now, lookback_s))
    zones: dict[str, str | None] = {}
    for key, counts in cluster.requests.merged(now, lookback_s).items():
        if key.client not in zones:
            zones[key.client] = cluster.zone_of_client(key.client)
        client_zone = zones[key.client]
        pod = cluster.pod_at(key.pod) if key.pod else None
        if not key.pod or (pod is not None and pod.gateway):
            traffic.unanswered[client_zone] += counts.count
            continue
        zone = cluster.zone_of(pod) if pod is not None else None
        if pod is None or zone is None:
            traffic.strangers[key.fn] += counts.count
            continue
        place = (pod.function or key.fn, zone)
        if client_zone is None:
            traffic.zoneless[place] += counts.count
        else:
            _add(traffic.served.setdefault(place, {}), client_zone, counts)
    return traffic


def _add(by_zone: dict[str, RequestCounts], zone: str, counts: RequestCounts) -> None:
    sums = by_zone.setdefault(zone, RequestCounts())
    sums.count += counts.count
    sums.failed += counts.failed
    sketch.merge(sums.rtt_ms, counts.rtt_ms)
