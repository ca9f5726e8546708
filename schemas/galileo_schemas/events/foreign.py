"""What the systems that this one replaces say on galileo/events, and nobody here does: typed, so that it can be read.

`decision` comes from their horizontal autoscalers, the rest from the metric logger of their function platform, which
writes `{…tags, "value": …}`. Names with a variable part (`pressure/<zone>`, `autoscaler-<zone>-parameters/…`) are no
types: they are user events, recorded as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from galileo_schemas.event import Delivery, Event, event


@event("decision", Delivery.OBSERVATION)
class AutoscalerDecision(Event, kw_only=True):
    """What a horizontal autoscaler computed for a function, in `zone` unless that is empty; `scale_schedule` follows.

    By CPU: `cpu_mean`, `recalculated_cpu_mean` and `target_utilization` in percent of one core. By latency:
    `duration_agg`, the `percentile` of response times, and `target_duration`, both in milliseconds.
    `base_scale_ratio` is what was measured over its target.
    """

    fn: str
    running_pods: int
    pending_pods: int
    desired_replicas: int
    base_scale_ratio: float | None = None
    threshold_tolerance: float | None = None
    zone: str = ""
    cpu_mean: float | None = None
    recalculated_cpu_mean: float | None = None
    target_utilization: float | None = None
    missing_cpu: int | None = None
    recalculated_desired_replicas: int | None = None
    duration_agg: float | None = None
    percentile: float | None = None
    target_duration: float | None = None


@event("function_deployments", Delivery.OBSERVATION)
class FunctionDeployments(Event, kw_only=True):
    """A function was deployed, suspended or removed."""

    name: str
    type: Literal["deploy", "suspend", "remove"]
    labels: dict[str, str] = {}


@event("functions_containers", Delivery.OBSERVATION)
class FunctionsContainers(Event, kw_only=True):
    """One of the images that a deployed function may run as; `name` is the function's."""

    name: str
    image: str
    labels: dict[str, str] = {}
    resource_config: Any = None


@event("function_replicas", Delivery.OBSERVATION)
class FunctionReplicas(Event, kw_only=True):
    """What a replica is; `replica_deployment` tells its life."""

    replica_id: str
    function: str
    image: str
    labels: dict[str, str] = {}


@event("scale", Delivery.OBSERVATION)
class Scale(Event, kw_only=True):
    """So many replicas (`value`) of a function were started, or taken down where it is negative."""

    value: int
    function_name: str


@event("replica_deployment", Delivery.OBSERVATION)
class ReplicaDeployment(Event, kw_only=True):
    """A replica has reached a state: `value` 1 conceived, 2 pending, 3 running, 4 shut down, 5 deleted, or its word."""

    value: int | str
    replica_id: str
    function_name: str
    node_name: str = ""


@event("schedule", Delivery.OBSERVATION)
class Schedule(Event, kw_only=True):
    """How far the scheduling of a replica is; `value` is the scheduler's word for it."""

    value: int | str
    replica_id: str
    function_name: str
    image: str = ""


def _functions_as_weights(loose: dict[str, Any]) -> Mapping[str, Any]:
    """The original writes a key per function beside the zone."""
    weights = {key: value for key, value in loose.items() if isinstance(value, dict) and key not in ("meta", "weights")}
    return loose if "weights" in loose else {"value": loose["value"], "weights": weights}


@event("wrr-weights", Delivery.OBSERVATION, normalise=_functions_as_weights)
class WrrWeights(Event, kw_only=True):
    """Weights of a zone's load balancer, per function and replica; `value` is the zone, null where there is but one."""

    value: str | None
    weights: dict[str, dict[str, float]]


@event("scaling-duration", Delivery.OBSERVATION)
class ScalingDuration(Event, kw_only=True):
    """A run of an autoscaler took `value` seconds."""

    value: float


@event("nodes-available", Delivery.OBSERVATION)
class NodesAvailable(Event, kw_only=True):
    """A scheduler's search for nodes with enough room took `value` seconds."""

    value: float


class _SchedulerDelay(Event, kw_only=True):
    """`value` is a duration in seconds, `start_ts` and `end_ts` are unix seconds."""

    value: float
    pod_name: str
    start_ts: float | None = None
    end_ts: float | None = None


@event("global-scheduler-delay", Delivery.OBSERVATION)
class GlobalSchedulerDelay(_SchedulerDelay, kw_only=True):
    """A global scheduler took so long to find a zone for a pod."""


@event("local-scheduler-delay", Delivery.OBSERVATION)
class LocalSchedulerDelay(_SchedulerDelay, kw_only=True):
    """A zone's scheduler took so long to find a node for a pod."""
