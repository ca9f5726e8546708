"""What an autoscaler does with its target at one moment: how many replicas, and what its status and events tell of it.

    autoscaler, the target as seen -> each metric's proposal -> the greatest -> stabilised and limited -> Decision

Nothing here reads or writes: the time is an argument, and what was decided before is in a History. Source: the
Kubernetes documentation on horizontal pod autoscaling; reasons and messages are those of its controller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from galileo_emulation.controllers.horizontal_autoscaling.evaluation import Evaluated, Failed, Seen, evaluated
from galileo_emulation.controllers.horizontal_autoscaling.limits import Bounds, History, limit
from galileo_emulation.controllers.horizontal_autoscaling.pod_groups import Warming
from galileo_emulation.controllers.horizontal_autoscaling.proposal import Tolerances
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.types.quantities import value

ConditionType = Literal["AbleToScale", "ScalingActive", "ScalingLimited"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What holds for all autoscalers of a cluster. Times in seconds, the tolerance as a share."""

    tolerance: float = 0.1
    down_window_s: float = 300.0
    warming: Warming = field(default_factory=Warming)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a condition is to say."""

    type: ConditionType
    holds: bool
    reason: str
    message: str


@dataclass(slots=True)
class Decision:
    """`replicas` None: the target's size could not be computed, and stays. `why` is the reason of a change of size.

    `metrics` is what the status tells of the metrics, None where they were not looked at; `warnings` are (reason,
    message) of events.
    """

    replicas: int | None
    why: str = ""
    metrics: list[JsonObject] | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def decide_by_bounds(autoscaler: JsonObject, replicas: int) -> Decision | None:
    """What follows from the number of replicas alone; None where the metrics have to be asked."""
    bounds = _bounds(autoscaler)
    if replicas == 0 and bounds.least > 0:
        message = "scaling is disabled since the replica count of the target is zero"
        return Decision(0, verdicts=[Verdict("ScalingActive", False, "ScalingDisabled", message)])
    if replicas > bounds.most:
        return Decision(bounds.most, "Current number of replicas above Spec.MaxReplicas")
    if replicas < bounds.least:
        return Decision(bounds.least, "Current number of replicas below Spec.MinReplicas")
    return None


def decide_by_metrics(autoscaler: JsonObject, seen: Seen, history: History, habits: Habits) -> Decision:
    """How many replicas the target gets by what its pods use. `history` takes note of what is recommended."""
    bounds = _bounds(autoscaler)
    tolerances = _tolerances(bounds.behavior, habits.tolerance)
    results = [evaluated(metric, seen, tolerances, habits.warming) for metric in autoscaler["spec"]["metrics"]]
    return _greatest(results, seen, bounds, history, habits)


def _bounds(autoscaler: JsonObject) -> Bounds:
    spec = autoscaler["spec"]
    return Bounds(least=spec.get("minReplicas", 1), most=spec["maxReplicas"], behavior=spec.get("behavior"))


def _tolerances(behavior: JsonObject | None, default: float) -> Tolerances:
    def of(direction: str) -> float:
        return float(value((behavior or {}).get(direction, {}).get("tolerance", default)))

    return Tolerances(down=of("scaleDown"), up=of("scaleUp"))


def _greatest(
    results: list[Evaluated | Failed], seen: Seen, bounds: Bounds, history: History, habits: Habits
) -> Decision:
    failures = [result for result in results if isinstance(result, Failed)]
    found = [result for result in results if isinstance(result, Evaluated)]
    decision = Decision(None)
    decision.metrics = [result.status if isinstance(result, Evaluated) else {"type": ""} for result in results]
    decision.warnings = [(failure.reason, failure.message) for failure in failures]
    greatest = max(found, key=lambda result: result.replicas, default=None)
    # What the failed metrics would have asked for is not known, so that it may not become fewer.
    if greatest is None or (failures and greatest.replicas < seen.replicas):
        first = failures[0]
        message = f"the HPA was unable to compute the replica count: {first.message}"
        decision.verdicts.append(Verdict("ScalingActive", False, first.reason, message))
        counts = f"{len(failures)} invalid out of {len(results)}"
        told = f"invalid metrics ({counts}), first error is: {first.in_sentence}"
        decision.warnings.append(("FailedComputeMetricsReplicas", told))
        return decision
    message = f"the HPA was able to successfully calculate a replica count from {greatest.name}"
    decision.verdicts.append(Verdict("ScalingActive", True, "ValidMetricFound", message))
    if greatest.replicas > seen.replicas:
        decision.why = f"{greatest.name} above target"
    elif greatest.replicas < seen.replicas:
        decision.why = "All metrics below target"
    limited = limit(seen.replicas, greatest.replicas, bounds, history, down_window_s=habits.down_window_s, now=seen.now)
    decision.replicas = limited.replicas
    decision.verdicts += [
        Verdict("AbleToScale", True, *limited.able),
        Verdict("ScalingLimited", limited.limited, *limited.limit),
    ]
    return decision
