"""What the containers of a function should request: a target, and the bounds within which a request may stay.

    aggregates by container -> estimators for target, lower and upper bound -> rounding -> capping

A resource of which nothing is known yet is left out (upstream would recommend its minimum). The bounds are wide at
first and narrow with confidence, so that nothing is changed on the word of a few samples. Source:
kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/logic/recommender.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from galileo_schemas.events import ContainerRecommendation, Resources

from galileo_services.vpa_recommender.aggregate_state import DAY_S, AggregateState
from galileo_services.vpa_recommender.capping import UNLIMITED, capped
from galileo_services.vpa_recommender.estimators import (
    Estimator,
    confidence,
    cpu_percentile,
    memory_percentile,
    with_confidence,
    with_margin,
    with_minimum,
)
from galileo_services.vpa_recommender.resource_amounts import (
    MIB,
    cpu_amount_from_cores,
    memory_amount_from_bytes,
    rounded_up,
    scaled,
)

Kind = Literal["target", "lower", "upper"]

UPPER_CONFIDENCE = (1.0, 1.0)
"""Multiplier and exponent: after half a day times 3, after a day times 2, after a week times 1.14."""

LOWER_CONFIDENCE = (0.001, -2.0)
"""Multiplier and exponent: after 5 minutes times 0.6, after half an hour times 0.9, after an hour times 0.95."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Shares (0 to 1) of the use that target, lower and upper bound cover."""

    target: float = 0.9
    lower: float = 0.5
    upper: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationParameters:
    """The defaults are the upstream recommender's. `sample_interval_s`: how often a sample is taken."""

    cpu_percentiles: Percentiles = Percentiles()
    memory_percentiles: Percentiles = Percentiles()
    margin_fraction: float = 0.15
    cpu_confidence_interval_s: float = DAY_S
    memory_confidence_interval_s: float = DAY_S
    sample_interval_s: float = 60.0
    pod_min_cpu_millicores: float = 25.0
    pod_min_memory_mb: float = 250.0
    round_cpu_millicores: int = 1
    round_memory_bytes: int = 1
    max_allowed: Resources = UNLIMITED


class Recommender:
    """The estimators of one set of parameters. No state: the same aggregates give the same recommendation."""

    def __init__(self, parameters: RecommendationParameters) -> None:
        self._parameters = parameters
        self._cpu = _estimators(
            cpu_percentile, parameters.cpu_percentiles, parameters.cpu_confidence_interval_s, parameters
        )
        self._memory = _estimators(
            memory_percentile, parameters.memory_percentiles, parameters.memory_confidence_interval_s, parameters
        )

    def recommend(self, containers: Mapping[str, AggregateState]) -> dict[str, ContainerRecommendation]:
        """By container, in the order of their names; without those of which no CPU sample is known.

        A pod's minimum is shared out equally among its containers.
        """
        known = {name: state for name, state in sorted(containers.items()) if state.samples}
        return {name: self._recommend(state, share=1.0 / len(known)) for name, state in known.items()}

    def confidence(self, containers: Mapping[str, AggregateState]) -> float:
        """How much history the least known container has, in confidence intervals of CPU (days, as a rule)."""
        parameters = self._parameters
        known = [
            confidence(
                state,
                interval_s=parameters.cpu_confidence_interval_s,
                sample_interval_s=parameters.sample_interval_s,
            )
            for state in containers.values()
            if state.samples
        ]
        return min(known, default=0.0)

    def _recommend(self, state: AggregateState, *, share: float) -> ContainerRecommendation:
        """`share`: of the pod's minimum, what this container is to have."""
        parameters = self._parameters
        least_cpu = scaled(cpu_amount_from_cores(parameters.pod_min_cpu_millicores * 0.001), share)
        least_memory = scaled(memory_amount_from_bytes(parameters.pod_min_memory_mb * MIB), share)
        cpu = None if state.cpu_cores.is_empty else self._cpu
        memory = None if state.memory_bytes.is_empty else self._memory

        def resources(kind: Kind) -> Resources:
            return Resources(
                cpu_millicores=_rounded(cpu, kind, state, least_cpu, parameters.round_cpu_millicores),
                memory_bytes=_rounded(memory, kind, state, least_memory, parameters.round_memory_bytes),
            )

        target = resources("target")
        uncapped = ContainerRecommendation(
            target=target,
            lower_bound=resources("lower"),
            upper_bound=resources("upper"),
            uncapped_target=target,
        )
        return capped(uncapped, global_max=parameters.max_allowed)


def _estimators(
    percentile: Callable[[float], Estimator],
    fractions: Percentiles,
    interval_s: float,
    parameters: RecommendationParameters,
) -> dict[Kind, Estimator]:
    def bound(fraction: float, multiplier: float, exponent: float) -> Estimator:
        return with_confidence(
            multiplier,
            exponent,
            with_margin(parameters.margin_fraction, percentile(fraction)),
            interval_s=interval_s,
            sample_interval_s=parameters.sample_interval_s,
        )

    return {
        "target": with_margin(parameters.margin_fraction, percentile(fractions.target)),
        "lower": bound(fractions.lower, *LOWER_CONFIDENCE),
        "upper": bound(fractions.upper, *UPPER_CONFIDENCE),
    }


def _rounded(
    estimators: Mapping[Kind, Estimator] | None, kind: Kind, state: AggregateState, least: int, scale: int
) -> float | None:
    if estimators is None:
        return None
    return float(rounded_up(with_minimum(least, estimators[kind])(state), scale))
