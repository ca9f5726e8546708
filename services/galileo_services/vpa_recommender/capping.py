"""Keeps a recommendation within what is allowed: at least this, at most that.

The least allowed is applied before the most, so that the most wins where they contradict. The uncapped target stays
what it was. Source: kubernetes/autoscaler, vertical-pod-autoscaler/pkg/utils/vpa/capping.go.
"""

from __future__ import annotations

from galileo_schemas.events import ContainerRecommendation, Resources

UNLIMITED = Resources()


def capped(
    recommendation: ContainerRecommendation,
    *,
    min_allowed: Resources = UNLIMITED,
    max_allowed: Resources = UNLIMITED,
    global_max: Resources = UNLIMITED,
) -> ContainerRecommendation:
    """The recommendation within the limits; None in a limit limits nothing.

    `max_allowed` is the container's own and goes before `global_max`, for each resource by itself.
    """
    most = Resources(
        cpu_millicores=_first(max_allowed.cpu_millicores, global_max.cpu_millicores),
        memory_bytes=_first(max_allowed.memory_bytes, global_max.memory_bytes),
    )
    return ContainerRecommendation(
        target=_within(recommendation.target, min_allowed, most),
        lower_bound=_within(recommendation.lower_bound, min_allowed, most),
        upper_bound=_within(recommendation.upper_bound, min_allowed, most),
        uncapped_target=recommendation.uncapped_target,
    )


def _within(resources: Resources, least: Resources, most: Resources) -> Resources:
    return Resources(
        cpu_millicores=_clamped(resources.cpu_millicores, least.cpu_millicores, most.cpu_millicores),
        memory_bytes=_clamped(resources.memory_bytes, least.memory_bytes, most.memory_bytes),
    )


def _clamped(amount: float | None, least: float | None, most: float | None) -> float | None:
    if amount is None:
        return None
    if least is not None:
        amount = max(amount, least)
    return amount if most is None else min(amount, most)


def _first(own: float | None, common: float | None) -> float | None:
    return common if own is None else own
