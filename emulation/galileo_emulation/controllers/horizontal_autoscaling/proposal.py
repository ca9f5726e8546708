"""How many replicas one measurement asks for: ceil(replicas x ratio), with care where not all pods are measured.

    use of the pods that count -> ratio of use to target -> within the tolerance: as many as now
                                                         -> else ceil(ratio x pods that count)

Pods without a measurement are taken to use all that they may when the ratio asks for fewer, nothing when it asks for
more; pods that are not ready use nothing when it asks for more. If that turns the direction, nothing changes.

Source: the Kubernetes documentation on horizontal pod autoscaling, "Algorithm details".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from galileo_emulation.controllers.horizontal_autoscaling.pod_groups import Groups
from galileo_emulation.controllers.horizontal_autoscaling.pod_measurements import Measurement, NoMeasurementError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """By how much the ratio may be off 1 before something is done, as shares."""

    down: float = 0.1
    up: float = 0.1

    def hold(self, ratio: float) -> bool:
        """Whether the ratio is near enough to 1."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


class Target(Protocol):
    """What the pods should use. Amounts are in thousandths."""

    def ratio(self, use: Mapping[str, int]) -> float:
        """What pods use, as a multiple of what they should. Raises NoMeasurementError."""

    def full(self, pod: str) -> int:
        """What a pod without a measurement is taken to use when fewer pods are asked for."""


@dataclass(frozen=True, slots=True)
class Utilization:
    """A percentage of what the pods requested."""

    percent: int
    requested: Mapping[str, int]

    def current_percent(self, use: Mapping[str, int]) -> int:
        """The pods' use, in whole percent of their requests. Raises NoMeasurementError where they requested nothing."""
        known = [pod for pod in use if pod in self.requested]
        requested = sum(self.requested[pod] for pod in known)
        if requested == 0:
            raise NoMeasurementError("no metrics returned matched known pods")
        return sum(use[pod] for pod in known) * 100 // requested

    def ratio(self, use: Mapping[str, int]) -> float:
        """Whole percent over percent, which is what Kubernetes computes with."""
        return self.current_percent(use) / self.percent

    def full(self, pod: str) -> int:
        """All that it requested, or more where the target is more."""
        return self.requested[pod] * max(100, self.percent) // 100


@dataclass(frozen=True, slots=True)
class Average:
    """An amount for each pod."""

    milli: int

    def ratio(self, use: Mapping[str, int]) -> float:
        """The pods' average over the amount."""
        return average(use) / self.milli

    def full(self, pod: str) -> int:
        """The target itself."""
        return self.milli


@dataclass(frozen=True, slots=True)
class Proposal:
    """Replicas, and the use of the pods that count, by which they were computed."""

    replicas: int
    use: Mapping[str, int]


def average(use: Mapping[str, int]) -> int:
    """The average use in whole thousandths."""
    return sum(use.values()) // len(use)


def proposed(
    replicas: int, measured: Mapping[str, Measurement], groups: Groups, target: Target, tolerances: Tolerances
) -> Proposal:
    """How many replicas there should be when there are `replicas` now. Raises NoMeasurementError."""
    left_out = groups.ignored | groups.unready
    use = {pod: measurement.milli for pod, measurement in measured.items() if pod not in left_out}
    if not use:
        raise NoMeasurementError("did not receive metrics for targeted pods (pods might be unready)")
    ratio = target.ratio(use)
    if not groups.missing and not (groups.unready and ratio > 1.0):
        wanted = replicas if tolerances.hold(ratio) else math.ceil(ratio * groups.ready)
        return Proposal(wanted, use)
    assumed = {**use, **_assumed(ratio, groups, target)}
    return Proposal(_reconsidered(replicas, ratio, assumed, target, tolerances), use)


def _assumed(ratio: float, groups: Groups, target: Target) -> dict[str, int]:
    """What the pods without a usable measurement are taken to use."""
    if ratio < 1.0:
        return {pod: target.full(pod) for pod in groups.missing}
    if ratio > 1.0:
        return dict.fromkeys(groups.missing | groups.unready, 0)
    return {}


def _reconsidered(replicas: int, before: float, use: Mapping[str, int], target: Target, tolerances: Tolerances) -> int:
    """The replicas by the assumed use, unless the direction is another than without the assumptions."""
    ratio = target.ratio(use)
    if tolerances.hold(ratio) or (before < 1.0 < ratio) or (ratio < 1.0 < before):
        return replicas
    wanted = math.ceil(ratio * len(use))
    turned = (ratio < 1.0 and wanted > replicas) or (ratio > 1.0 and wanted < replicas)
    return replicas if turned else wanted
