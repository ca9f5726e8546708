"""The older form of autoscalers, autoscaling/v1: the same stored objects, of which only the target for CPU has a field.

Stored is the form of autoscaling/v2. What the older form has no field for (other metrics, what was measured,
conditions, behavior) is in annotations there, as JSON, and is taken from them again, so that nothing is lost on the
way. Text in these annotations that is not well formed is dropped. Source: the behaviour of kube-apiserver 1.36.
"""

from collections.abc import Callable
from typing import Any

import orjson

from ..apiobjects import JsonObject, copied
from ..types.fields import FieldError, read
from .autoscaler_metrics import metric_in_annotation, metric_of_annotation

_PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, MEASURED = f"{_PREFIX}metrics", f"{_PREFIX}current-metrics"
CONDITIONS, BEHAVIOR = f"{_PREFIX}conditions", f"{_PREFIX}behavior"
_ANNOTATIONS = (METRICS, MEASURED, CONDITIONS, BEHAVIOR)

_TARGET, _MEASURED_PERCENT = "targetCPUUtilizationPercentage", "currentCPUUtilizationPercentage"
_SAME_IN_SPEC = ("scaleTargetRef", "minReplicas", "maxReplicas")
_SAME_IN_STATUS = ("observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas")


def older_autoscaler(body: JsonObject) -> JsonObject:
    """A stored autoscaler in the older form."""
    spec, status = body.get("spec", {}), body.get("status", {})
    metrics, measured = spec.get("metrics") or [], status.get("currentMetrics") or []
    older_spec = {name: spec[name] for name in _SAME_IN_SPEC if name in spec}
    percent = next((_cpu_percent(metric, "target") for metric in metrics if _is_cpu(metric)), None)
    older_spec |= {} if percent is None else {_TARGET: percent}
    older_status = {"currentReplicas": 0, "desiredReplicas": 0}
    older_status |= {name: status[name] for name in _SAME_IN_STATUS if name in status}
    for metric in filter(_is_cpu, measured):
        percent = _cpu_percent(metric, "current")
        older_status |= {} if percent is None else {_MEASURED_PERCENT: percent}
    told = {
        METRICS: [metric_in_annotation(metric) for metric in metrics if _cpu_percent(metric, "target") is None],
        MEASURED: [metric_in_annotation(metric) for metric in measured],
        CONDITIONS: status.get("conditions"),
        BEHAVIOR: _renamed(spec.get("behavior"), lambda name: name[0].upper() + name[1:]),
    }
    metadata = dict(body["metadata"])
    texts = {name: orjson.dumps(value).decode() for name, value in told.items() if value}
    if texts:
        metadata["annotations"] = {**(metadata.get("annotations") or {}), **texts}
    return {**body, "metadata": metadata, "spec": older_spec, "status": older_status}


def stored_autoscaler(body: JsonObject) -> JsonObject:
    """An autoscaler of the older form as it is stored."""
    spec, status, metadata = body.get("spec", {}), body.get("status", {}), dict(body.get("metadata", {}))
    annotations = metadata.pop("annotations", None) or {}
    kept = {name: text for name, text in annotations.items() if name not in _ANNOTATIONS}
    metadata |= {"annotations": kept} if kept else {}

    stored_spec = {name: spec[name] for name in _SAME_IN_SPEC if name in spec}
    cpu = [_cpu_metric("target", spec[_TARGET])] if _TARGET in spec else []
    metrics = [*cpu, *_read_list("V2MetricSpec", annotations.get(METRICS), metric_of_annotation)]
    stored_spec |= {"metrics": metrics} if metrics else {}
    behavior = _read(
        "V2HorizontalPodAutoscalerBehavior",
        _renamed(_parsed(annotations.get(BEHAVIOR)), lambda name: name[0].lower() + name[1:]),
    )
    stored_spec |= {"behavior": behavior} if behavior else {}

    stored_status = {name: status[name] for name in _SAME_IN_STATUS if name in status}
    measured = _read_list("V2MetricStatus", annotations.get(MEASURED), metric_of_annotation)
    if not measured and _MEASURED_PERCENT in status:
        measured = [_cpu_metric("current", status[_MEASURED_PERCENT])]
    stored_status |= {"currentMetrics": measured} if measured else {}
    conditions = _read_list("V2HorizontalPodAutoscalerCondition", annotations.get(CONDITIONS), lambda entry: entry)
    stored_status |= {"conditions": conditions} if conditions else {}
    return {**body, "metadata": metadata, "spec": stored_spec, "status": stored_status}


def _is_cpu(metric: JsonObject) -> bool:
    return metric.get("type") == "Resource" and bool(metric.get("resource", {}).get("name") == "cpu")


def _cpu_percent(metric: JsonObject, part: str) -> int | None:
    """The percentage of CPU that is wanted or was measured; None for any other metric."""
    percent: int | None = metric["resource"].get(part, {}).get("averageUtilization") if _is_cpu(metric) else None
    return percent


def _cpu_metric(part: str, percent: int) -> JsonObject:
    kind = {"type": "Utilization"} if part == "target" else {}
    return {"type": "Resource", "resource": {"name": "cpu", part: {**kind, "averageUtilization": percent}}}


def _renamed(tree: Any, spelled: Callable[[str], str]) -> Any:
    """The tree with its fields' names spelled otherwise: the annotation has those of the server's own types."""
    if isinstance(tree, list):
        return [_renamed(item, spelled) for item in tree]
    if isinstance(tree, dict):
        return {spelled(name) if name else name: _renamed(value, spelled) for name, value in tree.items()}
    return tree


def _parsed(text: str | None) -> Any:
    try:
        return None if text is None else orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _read(schema: str, tree: Any) -> JsonObject | None:
    """The tree as that type; None where it is not well formed."""
    try:
        return None if tree is None else read(schema, copied(tree)).body
    except FieldError:
        return None


def _read_list(schema: str, text: str | None, known: Callable[[JsonObject], JsonObject]) -> list[JsonObject]:
    entries = _parsed(text)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return []
    found = [_read(schema, known(entry)) for entry in entries]
    return [entry for entry in found if entry is not None] if None not in found else []
