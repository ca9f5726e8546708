"""The recommender's settings: upstream's flags under their own names, and what of scaled time needs one besides.

Flags of parts that are not built (checkpoints, Prometheus, workers, leader election, memory in words) have no setting,
but for `storage`, which refuses what it cannot do.
"""

from __future__ import annotations

from dataclasses import dataclass

from galileo_bus.service import SettingError, Settings, setting
from galileo_schemas.events import Resources
from galileo_schemas.quantities import cpu_millicores, memory_bytes

from galileo_services.vpa_recommender.aggregate_state import CPU_SAMPLE_WEIGHTS, DAY_S, AggregationParameters
from galileo_services.vpa_recommender.recommendation import Percentiles, RecommendationParameters

_PREFIX = "vpa_recommender"


@dataclass(frozen=True)
class VpaRecommenderSettings(Settings):
    recommender_interval: float = setting(
        60.0, f"{_PREFIX}_recommender_interval", doc="s between recommendations", above=0
    )
    sample_interval: float = setting(
        60.0, f"{_PREFIX}_sample_interval", doc="s of telemetry that make one sample of use", above=0
    )
    cpu_sample_weight: str = setting(
        "constant",
        f"{_PREFIX}_cpu_sample_weight",
        doc="constant: all CPU samples weigh the same; request: as many cores as were requested",
        choices=CPU_SAMPLE_WEIGHTS,
    )
    margin_fraction: float = setting(
        0.15, f"{_PREFIX}_recommendation_margin_fraction", doc="share added to the use as a margin", at_least=0
    )
    pod_min_cpu: float = setting(
        25.0,
        f"{_PREFIX}_pod_recommendation_min_cpu_millicores",
        doc="millicores that a pod is recommended at least",
        at_least=0,
    )
    pod_min_memory: float = setting(
        250.0, f"{_PREFIX}_pod_recommendation_min_memory_mb", doc="MiB that a pod is recommended at least", at_least=0
    )
    target_cpu: float = setting(
        0.9, f"{_PREFIX}_target_cpu_percentile", doc="share of the CPU use that the target covers", above=0
    )
    lower_cpu: float = setting(
        0.5, f"{_PREFIX}_recommendation_lower_bound_cpu_percentile", doc="the same of the lower bound", above=0
    )
    upper_cpu: float = setting(
        0.95, f"{_PREFIX}_recommendation_upper_bound_cpu_percentile", doc="the same of the upper bound", above=0
    )
    target_memory: float = setting(
        0.9, f"{_PREFIX}_target_memory_percentile", doc="share of the memory peaks that the target covers", above=0
    )
    lower_memory: float = setting(
        0.5, f"{_PREFIX}_recommendation_lower_bound_memory_percentile", doc="the same of the lower bound", above=0
    )
    upper_memory: float = setting(
        0.95, f"{_PREFIX}_recommendation_upper_bound_memory_percentile", doc="the same of the upper bound", above=0
    )
    confidence_cpu: float = setting(
        DAY_S, f"{_PREFIX}_confidence_interval_cpu", doc="s of history by which bounds of CPU are wide", above=0
    )
    confidence_memory: float = setting(
        DAY_S, f"{_PREFIX}_confidence_interval_memory", doc="s of history by which bounds of memory are wide", above=0
    )
    cpu_half_life: float = setting(
        DAY_S, f"{_PREFIX}_cpu_histogram_decay_half_life", doc="s in which a CPU sample loses half its weight", above=0
    )
    memory_half_life: float = setting(
        DAY_S,
        f"{_PREFIX}_memory_histogram_decay_half_life",
        doc="s in which a memory peak loses half its weight",
        above=0,
    )
    memory_interval: float = setting(
        DAY_S, f"{_PREFIX}_memory_aggregation_interval", doc="s of which one memory peak counts", above=0
    )
    memory_interval_count: int = setting(
        8,
        f"{_PREFIX}_memory_aggregation_interval_count",
        doc="such intervals after which a history without samples is forgotten",
        above=0,
    )
    oom_bump_up_ratio: float = setting(
        1.2, f"{_PREFIX}_oom_bump_up_ratio", doc="by how much a kill for want of memory raises the use", at_least=1
    )
    oom_min_bump_up: int = setting(
        104_857_600, f"{_PREFIX}_oom_min_bump_up_bytes", doc="bytes by which it does so at least", at_least=0
    )
    round_cpu: int = setting(
        1, f"{_PREFIX}_round_cpu_millicores", doc="millicores to whose multiple CPU is rounded up", above=0
    )
    round_memory: int = setting(
        1, f"{_PREFIX}_round_memory_bytes", doc="bytes to whose multiple memory is rounded up", above=0
    )
    max_allowed_cpu: str = setting(
        "", f"{_PREFIX}_container_recommendation_max_allowed_cpu", doc="most CPU of a container, such as 2 or 500m"
    )
    max_allowed_memory: str = setting(
        "", f"{_PREFIX}_container_recommendation_max_allowed_memory", doc="most memory of a container, such as 2Gi"
    )
    storage: str = setting(
        "none",
        f"{_PREFIX}_storage",
        doc="where history outlives the service; neither checkpoints nor Prometheus are built",
        choices=("none",),
    )


def aggregation_parameters(settings: VpaRecommenderSettings) -> AggregationParameters:
    """How samples are put together."""
    return AggregationParameters(
        cpu_half_life_s=settings.cpu_half_life,
        memory_half_life_s=settings.memory_half_life,
        memory_interval_s=settings.memory_interval,
        memory_interval_count=settings.memory_interval_count,
        oom_bump_up_ratio=settings.oom_bump_up_ratio,
        oom_min_bump_up_bytes=settings.oom_min_bump_up,
        cpu_sample_weight="request" if settings.cpu_sample_weight == "request" else "constant",
    )


def recommendation_parameters(settings: VpaRecommenderSettings) -> RecommendationParameters:
    """What is made of them. Raises `SettingError`."""
    _check_percentiles(settings)
    return RecommendationParameters(
        cpu_percentiles=Percentiles(target=settings.target_cpu, lower=settings.lower_cpu, upper=settings.upper_cpu),
        memory_percentiles=Percentiles(
            target=settings.target_memory, lower=settings.lower_memory, upper=settings.upper_memory
        ),
        margin_fraction=settings.margin_fraction,
        cpu_confidence_interval_s=settings.confidence_cpu,
        memory_confidence_interval_s=settings.confidence_memory,
        sample_interval_s=settings.sample_interval,
        pod_min_cpu_millicores=settings.pod_min_cpu,
        pod_min_memory_mb=settings.pod_min_memory,
        round_cpu_millicores=settings.round_cpu,
        round_memory_bytes=settings.round_memory,
        max_allowed=_max_allowed(settings),
    )


def _check_percentiles(settings: VpaRecommenderSettings) -> None:
    percentiles = {
        "target_cpu_percentile": settings.target_cpu,
        "recommendation_lower_bound_cpu_percentile": settings.lower_cpu,
        "recommendation_upper_bound_cpu_percentile": settings.upper_cpu,
        "target_memory_percentile": settings.target_memory,
        "recommendation_lower_bound_memory_percentile": settings.lower_memory,
        "recommendation_upper_bound_memory_percentile": settings.upper_memory,
    }
    for name, share in percentiles.items():
        if share > 1.0:
            raise SettingError(f"{_PREFIX}_{name}={share:g}: expected a share between 0 and 1, such as 0.9")


def _max_allowed(settings: VpaRecommenderSettings) -> Resources:
    most = Resources()
    variable = f"{_PREFIX}_container_recommendation_max_allowed_cpu"
    text = settings.max_allowed_cpu
    try:
        if text:
            most.cpu_millicores = cpu_millicores(text)
        variable, text = f"{_PREFIX}_container_recommendation_max_allowed_memory", settings.max_allowed_memory
        if text:
            most.memory_bytes = float(memory_bytes(text))
    except ValueError as error:
        raise SettingError(f"{variable}={text}: {error}") from None
    return most
