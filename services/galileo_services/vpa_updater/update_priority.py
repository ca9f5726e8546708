"""How much a pod is in need of a change, by what it requests and what it is recommended.

Pods that want to grow go first, among them those that are further off. Source: kubernetes/autoscaler,
vertical-pod-autoscaler/pkg/updater/priority/priority_processor.go and update_priority_calculator.go.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from galileo_context.pod import Pod
from galileo_schemas.events import VpaRecommendation

from galileo_services.vpa_updater.container_amounts import RESOURCES, container_amounts, recommended_amounts

_MILLI = {"cpu": 1, "memory": 1000}
"""Upstream compares thousandths of either unit; it matters where nothing is requested."""


@dataclass(frozen=True, slots=True)
class UpdatePriority:
    """`outside_range`: some request is below the lower bound, above the upper, or missing.

    `resource_diff` sums, for CPU and memory, by which share of itself the pod's whole request would change.
    """

    outside_range: bool = False
    scale_up: bool = False
    resource_diff: float = 0.0

    @property
    def rank(self) -> tuple[bool, float]:
        """The greater, the sooner."""
        return self.scale_up, self.resource_diff


def update_priority(pod: Pod, recommendation: VpaRecommendation) -> UpdatePriority:
    """Raises `ValueError` that names a container whose quantities cannot be read."""
    outside_range = scale_up = False
    requested: Counter[str] = Counter()
    recommended: Counter[str] = Counter()
    for name, spec in pod.specs.items():
        wanted = recommendation.containers.get(name)
        if wanted is None:
            continue
        requests = container_amounts(spec).requests
        lower, upper = recommended_amounts(wanted.lower_bound), recommended_amounts(wanted.upper_bound)
        for resource, target in recommended_amounts(wanted.target).items():
            recommended[resource] += target
            request = requests.get(resource)
            if request is None:
                outside_range = scale_up = True
                continue
            requested[resource] += request
            scale_up = scale_up or target > request
            outside_range = outside_range or not (
                lower.get(resource, request) <= request <= upper.get(resource, request)
            )
    return UpdatePriority(outside_range, scale_up, _difference(requested, recommended))


def _difference(requested: Counter[str], recommended: Counter[str]) -> float:
    difference = 0.0
    for resource in RESOURCES:
        if resource in recommended:
            milli = _MILLI[resource]
            request = max(float(requested[resource] * milli), 1.0)
            difference += abs(request - recommended[resource] * milli) / request
    return difference
