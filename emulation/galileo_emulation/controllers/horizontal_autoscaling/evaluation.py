"""What one metric of an autoscaler asks for, and how its status tells it; or why it cannot be evaluated.

Evaluated are the use of resources by pods (Resource) and by one of their containers (ContainerResource). The other
types need APIs that the emulated cluster does not have, and fail as they do in a cluster without them. Reasons and
messages are those of Kubernetes' autoscaler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from galileo_emulation.controllers.horizontal_autoscaling.pod_groups import Warming, grouped
from galileo_emulation.controllers.horizontal_autoscaling.pod_measurements import (
    Measurement,
    NoMeasurementError,
    milli,
    pod_use,
    requests,
)
from galileo_emulation.controllers.horizontal_autoscaling.proposal import (
    Average,
    Proposal,
    Target,
    Tolerances,
    Utilization,
    average,
    proposed,
)
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.label_selectors import selector_text
from galileo_emulation.kubernetes.types.quantities import canonical

_NO_CUSTOM_METRICS = (
    "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
)
_NO_RESOURCE_METRICS = (
    "unable to fetch metrics from resource metrics API: "
    "the server could not find the requested resource (get pods.metrics.k8s.io)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is seen of a target: the replicas asked for, its pods, their PodMetrics, and the time (Unix seconds).

    `metrics` is None where nobody measures.
    """

    namespace: str
    replicas: int
    pods: Sequence[JsonObject]
    metrics: Sequence[JsonObject] | None
    now: float


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The replicas that a metric asks for, the words by which events name the metric, and its status."""

    replicas: int
    name: str
    status: JsonObject


@dataclass(frozen=True, slots=True)
class Failed:
    """The reason in conditions and events, what went wrong, and that again as part of a longer sentence."""

    reason: str
    message: str
    in_sentence: str


def evaluated(metric: JsonObject, seen: Seen, tolerances: Tolerances, warming: Warming) -> Evaluated | Failed:
    """What a metric of the spec asks for."""
    match metric["type"]:
        case "Resource":
            return _resource(metric["resource"], "resource", "", seen, tolerances, warming)
        case "ContainerResource":
            source = metric["containerResource"]
            return _resource(source, "containerResource", source["container"], seen, tolerances, warming)
        case other:
            return _unavailable(other, metric, seen.namespace)


def _resource(
    source: JsonObject, field: str, container: str, seen: Seen, tolerances: Tolerances, warming: Warming
) -> Evaluated | Failed:
    resource, wanted = source["name"], source["target"]
    by_amount = "averageValue" in wanted
    try:
        measured = _measured(seen, resource, container)
        groups = grouped(seen.pods, measured, resource, warming, seen.now)
        target: Average | Utilization
        if by_amount:
            target = Average(milli(wanted["averageValue"]))
        else:
            target = Utilization(wanted["averageUtilization"], requests(seen.pods, resource, container))
        proposal = proposed(seen.replicas, measured, groups, target, tolerances)
    except NoMeasurementError as error:
        message = f"failed to get {resource} {'usage' if by_amount else 'utilization'}: {error}"
        what = f"{container} container" if container else f"{resource} resource"
        reason = "FailedGetContainerResourceMetric" if container else "FailedGetResourceMetric"
        return Failed(reason, message, f"failed to get {what} metric value: {message}")
    status = {"name": resource, **({"container": container} if container else {})}
    status["current"] = _current(proposal, target)
    kind = "ContainerResource" if container else "Resource"
    return Evaluated(proposal.replicas, _name(resource, container, by_amount), {"type": kind, field: status})


def _measured(seen: Seen, resource: str, container: str) -> Mapping[str, Measurement]:
    """Raises NoMeasurementError."""
    unable = f"unable to get metrics for resource {resource}"
    if seen.metrics is None:
        raise NoMeasurementError(f"{unable}: {_NO_RESOURCE_METRICS}")
    if not seen.metrics:
        raise NoMeasurementError(f"{unable}: no metrics returned from resource metrics API")
    try:
        measured = pod_use(seen.metrics, resource, container)
    except NoMeasurementError as error:
        raise NoMeasurementError(f"{unable}: {error}") from None
    if not seen.pods:
        raise NoMeasurementError("no pods returned by selector while calculating replica count")
    return measured


def _name(resource: str, container: str, by_amount: bool) -> str:
    if by_amount:
        return f"{resource} resource"
    return f"{resource} {'container ' if container else ''}resource utilization (percentage of request)"


def _current(proposal: Proposal, target: Target) -> JsonObject:
    current: JsonObject = {"averageValue": canonical(f"{average(proposal.use)}m")}
    if isinstance(target, Utilization):
        current["averageUtilization"] = target.current_percent(proposal.use)
    return current


def _unavailable(kind: str, metric: JsonObject, namespace: str) -> Failed:
    match kind:
        case "Pods":
            message = f"unable to get metric {metric['pods']['metric']['name']}: {_NO_CUSTOM_METRICS}"
            return Failed("FailedGetPodsMetric", message, f"failed to get pods metric value: {message}")
        case "Object":
            name, about = metric["object"]["metric"]["name"], metric["object"]["describedObject"]
            where = f"{about['kind']} on {namespace} {about['name']}"
            message = f"unable to get metric {name}: {where}/{_NO_CUSTOM_METRICS}"
            return Failed("FailedGetObjectMetric", message, f"failed to get object metric value: {message}")
        case "External":
            name = metric["external"]["metric"]["name"]
            selector = selector_text(metric["external"]["metric"].get("selector")) or "nil"
            message = (
                f"unable to get external metric {namespace}/{name}/{selector}: "
                "unable to fetch metrics from external metrics API: "
                f"the server could not find the requested resource (get {name}.external.metrics.k8s.io)"
            )
            return Failed("FailedGetExternalMetric", message, f"failed to get {name} external metric value: {message}")
        case _:
            message = f'unknown metric source type "{kind}"'
            return Failed("InvalidMetricSourceType", message, message)
