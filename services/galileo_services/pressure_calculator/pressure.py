"""The pressures: each says in one number how badly a function is placed for the clients of one zone.

Notation: f a function, a the zone that served the requests, x the zone of the clients. The formulas are those of the
osmotic scaler that this service replaces; where it crashed or took missing data for zero, the answer here is None:
not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean

from galileo_context.logistic import Logistic


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the pressures of one (f, a, x) are computed from.

    `requests`: of f, served in a, from x; `busiest`: the same from the zone that sends most; `total`: from all zones,
    of which there are `client_zones`. `percentile_ms`: of the response times of `requests`. `cpu_millicores`: mean use
    of each running pod of f in a that is measured. `distance_ms`: network latency between x and a; within a, the mean
    from its gateway to its nodes. None: not known.
    """

    requests: int
    busiest: int
    total: int
    client_zones: int
    percentile_ms: float | None = None
    cpu_millicores: tuple[float, ...] = ()
    distance_ms: float | None = None
    max_latency_ms: float = 0.0
    required_latency_ms: float | None = None
    logistic: Logistic = field(default_factory=Logistic)


def request(facts: Facts) -> float | None:
    """R_x / max over zones of R: 1 for the zone that sends most. None without requests."""
    return facts.requests / facts.busiest if facts.busiest > 0 else None


def rtt_log(facts: Facts) -> float | None:
    """L(D) / a, with D the percentile of the response times in ms. None without a response."""
    return None if facts.percentile_ms is None else facts.logistic.share(facts.percentile_ms)


def cpu_usage(facts: Facts) -> float | None:
    """Mean over the running pods of f in a of the cores that they use: 1 is one full core. None without data."""
    return fmean(facts.cpu_millicores) / 1000.0 if facts.cpu_millicores else None


def network_distance(facts: Facts) -> float | None:
    """Network latency in relation to the largest latency. None while one of them is not known."""
    if facts.distance_ms is None or facts.max_latency_ms <= 0.0:
        return None
    return facts.distance_ms / facts.max_latency_ms


def latency_req_unbound(facts: Facts) -> float | None:
    """Network latency in relation to what f requires; above 1 the requirement is missed. None without either."""
    if facts.distance_ms is None or not facts.required_latency_ms:
        return None
    return facts.distance_ms / facts.required_latency_ms


def latency_req_log(facts: Facts) -> float | None:
    """L(latency) / a, with the requirement as the curve's midpoint. None without either."""
    if facts.distance_ms is None or facts.required_latency_ms is None:
        return None
    return facts.logistic.share(facts.distance_ms, midpoint_ms=facts.required_latency_ms)


PRESSURES: Mapping[str, Callable[[Facts], float | None]] = {
    "request": request,
    "rtt_log": rtt_log,
    "cpu_usage": cpu_usage,
    "network_distance": network_distance,
    "latency_req_unbound": latency_req_unbound,
    "latency_req_log": latency_req_log,
}


def product(values: Mapping[str, float | None], names: Iterable[str]) -> float | None:
    """The product of the pressures named; None when one of them is not known."""
    result = 1.0
    for name in names:
        value = values[name]
        if value is None:
            return None
        result *= value
    return result
