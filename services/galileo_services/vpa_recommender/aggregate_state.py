"""What all containers of one name in the pods of one function have used, put together: two decaying histograms.

Every pod's samples go into the same aggregate, so that a pod that begins tomorrow is recommended what those of today
used. First and last sample and their number count CPU samples only; they tell how much the history is worth. Source:
kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/model/aggregate_container_state.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from galileo_services.vpa_recommender.decaying_histogram import DecayingHistogram
from galileo_services.vpa_recommender.histogram_options import CPU_BUCKETS, MEMORY_BUCKETS
from galileo_services.vpa_recommender.resource_amounts import cores_from_cpu_amount

CpuSampleWeight = Literal["constant", "request"]
CPU_SAMPLE_WEIGHTS: tuple[CpuSampleWeight, ...] = ("constant", "request")
MIN_SAMPLE_WEIGHT = 0.1
MEMORY_SAMPLE_WEIGHT = 1.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregationParameters:
    """How samples are put together; the defaults are the upstream recommender's.

    `cpu_sample_weight`: `constant` weighs each CPU sample 0.1, as upstream does; `request` weighs it by the cores that
    were requested when it was taken (at least 0.1), as upstream's documents say, so that starving containers are
    believed sooner.
    """

    cpu_half_life_s: float = DAY_S
    memory_half_life_s: float = DAY_S
    memory_interval_s: float = DAY_S
    memory_interval_count: int = 8
    oom_bump_up_ratio: float = 1.2
    oom_min_bump_up_bytes: float = 100.0 * 1024 * 1024
    cpu_sample_weight: CpuSampleWeight = "constant"

    @property
    def history_s(self) -> float:
        """How long an aggregate without new samples is kept."""
        return self.memory_interval_s * self.memory_interval_count


class AggregateState:
    """Plain state. Times are unix seconds; `created_s` is when the aggregate was begun."""

    def __init__(self, parameters: AggregationParameters, *, created_s: float) -> None:
        self._parameters = parameters
        self.cpu_cores = DecayingHistogram(CPU_BUCKETS, half_life_s=parameters.cpu_half_life_s)
        self.memory_bytes = DecayingHistogram(MEMORY_BUCKETS, half_life_s=parameters.memory_half_life_s)
        self.created_s = created_s
        self.first_sample_s: float | None = None
        self.last_sample_s: float | None = None
        self.samples = 0

    def add_cpu(self, millicores: int, *, at_s: float, request_millicores: int) -> None:
        """Counts in a sample of CPU use."""
        weight = MIN_SAMPLE_WEIGHT
        if self._parameters.cpu_sample_weight == "request":
            weight = max(cores_from_cpu_amount(request_millicores), MIN_SAMPLE_WEIGHT)
        self.cpu_cores.add(cores_from_cpu_amount(millicores), weight, at_s)
        self.first_sample_s = at_s if self.first_sample_s is None else min(self.first_sample_s, at_s)
        self.last_sample_s = at_s if self.last_sample_s is None else max(self.last_sample_s, at_s)
        self.samples += 1

    def add_memory_peak(self, amount_bytes: int, *, at_s: float) -> None:
        """Counts in a container's largest memory of an interval, stamped with the interval's end."""
        self.memory_bytes.add(float(amount_bytes), MEMORY_SAMPLE_WEIGHT, at_s)

    def subtract_memory_peak(self, amount_bytes: int, *, at_s: float) -> None:
        """Takes out a peak that turned out not to be the largest."""
        self.memory_bytes.subtract(float(amount_bytes), MEMORY_SAMPLE_WEIGHT, at_s)

    def merge(self, other: AggregateState) -> None:
        """Counts in all that another aggregate holds. Raises `ValueError` when it decays differently."""
        self.cpu_cores.merge(other.cpu_cores)
        self.memory_bytes.merge(other.memory_bytes)
        firsts = [at for at in (self.first_sample_s, other.first_sample_s) if at is not None]
        lasts = [at for at in (self.last_sample_s, other.last_sample_s) if at is not None]
        self.first_sample_s = min(firsts, default=None)
        self.last_sample_s = max(lasts, default=None)
        self.samples += other.samples

    def is_expired(self, now: float) -> bool:
        """Whether nothing was heard for so long that what is known means nothing any more."""
        heard_s = self.created_s if self.last_sample_s is None else self.last_sample_s
        return now - heard_s >= self._parameters.history_s
