"""How much a container should get, from what it has used: small functions, each put around the one before.

    percentile of the use -> plus a margin -> times what confidence says (bounds only) -> at least a minimum

An estimator takes an aggregate and gives an amount: whole millicores or whole bytes. Source: kubernetes/autoscaler,
vertical-pod-autoscaler/pkg/recommender/logic/estimator.go.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from galileo_services.vpa_recommender.aggregate_state import AggregateState
from galileo_services.vpa_recommender.resource_amounts import cpu_amount_from_cores, memory_amount_from_bytes, scaled

Estimator = Callable[[AggregateState], int]


def cpu_percentile(fraction: float) -> Estimator:
    """Millicores that `fraction` (0 to 1) of the use does not exceed."""
    return lambda state: cpu_amount_from_cores(state.cpu_cores.percentile(fraction))


def memory_percentile(fraction: float) -> Estimator:
    """Bytes that `fraction` (0 to 1) of the intervals' peaks do not exceed."""
    return lambda state: memory_amount_from_bytes(state.memory_bytes.percentile(fraction))


def with_margin(fraction: float, base: Estimator) -> Estimator:
    """`base` and that share of it."""

    def estimate(state: AggregateState) -> int:
        amount = base(state)
        return amount + scaled(amount, fraction)

    return estimate


def with_confidence(
    multiplier: float, exponent: float, base: Estimator, *, interval_s: float, sample_interval_s: float
) -> Estimator:
    """`base` times (1 + multiplier / confidence)^exponent: the shorter the history, the wider a bound."""

    def estimate(state: AggregateState) -> int:
        known = confidence(state, interval_s=interval_s, sample_interval_s=sample_interval_s)
        return scaled(base(state), math.pow(1.0 + (multiplier / known if known > 0.0 else math.inf), exponent))

    return estimate


def with_minimum(minimum: int, base: Estimator) -> Estimator:
    """`base`, but at least that much."""
    return lambda state: max(base(state), minimum)


def confidence(state: AggregateState, *, interval_s: float, sample_interval_s: float) -> float:
    """How much history there is, in intervals of `interval_s` (a day, as a rule); 0 without any.

    The time between the first and the last CPU sample, or what so many samples would span that come every
    `sample_interval_s`: whichever is less, so that gaps do not count.
    """
    if state.first_sample_s is None or state.last_sample_s is None:
        return 0.0
    lifespan = (state.last_sample_s - state.first_sample_s) / interval_s
    return min(lifespan, state.samples * sample_interval_s / interval_s)
