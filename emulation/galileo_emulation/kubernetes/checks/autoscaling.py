"""Horizontal autoscalers: how many at least and at most, by which measurements, how fast."""

from ..apiobjects import JsonObject
from ..errors import Cause
from ..types.quantities import value
from .numbers import LARGEST_ID, positive, required_texts, within
from .validation import forbidden, required, unsupported, wrong

_SOURCES = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
_TARGETS = ("AverageValue", "Utilization", "Value")
_SELECTIONS = ("Disabled", "Max", "Min")
_POLICIES = ("Percent", "Pods")
_LONGEST_WINDOW_S = 3600
_LONGEST_PERIOD_S = 1800


def autoscaler_causes(body: JsonObject) -> list[Cause]:
    """Check an autoscaler."""
    spec = body["spec"]
    least, most = spec["minReplicas"], spec.get("maxReplicas", 0)
    causes = required_texts("spec.scaleTargetRef", spec.get("scaleTargetRef", {}), ("kind", "name"))
    if least < 1:
        causes.append(wrong("spec.minReplicas", least, "must be greater than or equal to 1"))
    causes += positive("spec.maxReplicas", most)
    if most < least:
        causes.append(wrong("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    for index, metric in enumerate(spec.get("metrics", [])):
        causes += _metric_causes(f"spec.metrics[{index}]", metric)
    for direction, rules in spec.get("behavior", {}).items():
        causes += _rules_causes(f"spec.behavior.{direction}", rules)
    return causes


def _metric_causes(field: str, metric: JsonObject) -> list[Cause]:
    kind = metric.get("type", "")
    if not kind:
        return [required(f"{field}.type", "must specify a metric source type")]
    if kind not in _SOURCES:
        return [unsupported(f"{field}.type", kind, tuple(_SOURCES))]
    own = _SOURCES[kind]
    if own not in metric:
        return [required(f"{field}.{own}", "must populate information for the given metric source")]
    others = [name for name in metric if name not in ("type", own)]
    causes = [forbidden(f"{field}.{name}", "must populate the given metric source only") for name in others]
    source, here = metric[own], f"{field}.{own}"
    if own in ("resource", "containerResource"):
        causes += required_texts(here, source, ("name",))
        causes += required_texts(here, source, ("container",)) if own == "containerResource" else []
    else:
        causes += required_texts(f"{here}.metric", source.get("metric", {}), ("name",))
    if own == "object":
        causes += required_texts(f"{here}.describedObject", source.get("describedObject", {}), ("kind", "name"))
    return causes + _target_causes(f"{here}.target", own, source.get("target", {}))


def _target_causes(field: str, source: str, target: JsonObject) -> list[Cause]:
    kind = target.get("type", "")
    causes = [] if kind in _TARGETS else [unsupported(f"{field}.type", kind, _TARGETS)]
    causes += positive(f"{field}.averageUtilization", target.get("averageUtilization"))
    for name in ("value", "averageValue"):
        if name in target and value(target[name]) <= 0:
            causes.append(wrong(f"{field}.{name}", target[name], "must be positive"))
    if source in ("resource", "containerResource"):
        if "averageUtilization" not in target and "averageValue" not in target:
            causes.append(
                required(f"{field}.averageUtilization", "must set either a target raw value or a target utilization")
            )
        elif "averageUtilization" in target and "averageValue" in target:
            causes.append(
                forbidden(f"{field}.averageValue", "may not set both a target raw value and a target utilization")
            )
    elif source == "pods":
        causes += (
            []
            if "averageValue" in target
            else [required(f"{field}.averageValue", "must specify a positive target averageValue")]
        )
    elif "value" not in target and "averageValue" not in target:
        causes.append(
            required(f"{field}.averageValue", "must set either a target value for metric or a per-pod target")
        )
    return causes


def _rules_causes(field: str, rules: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    if "stabilizationWindowSeconds" in rules:
        window_s = rules["stabilizationWindowSeconds"]
        causes += within(f"{field}.stabilizationWindowSeconds", window_s, 0, _LONGEST_WINDOW_S)
    if rules.get("selectPolicy", "Max") not in _SELECTIONS:
        causes.append(unsupported(f"{field}.selectPolicy", rules["selectPolicy"], _SELECTIONS))
    if not rules.get("policies"):
        causes.append(required(f"{field}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(rules.get("policies", [])):
        here = f"{field}.policies[{index}]"
        if policy.get("type") not in _POLICIES:
            causes.append(unsupported(f"{here}.type", policy.get("type", ""), _POLICIES))
        causes += within(f"{here}.value", policy.get("value", 0), 1, LARGEST_ID)
        causes += within(f"{here}.periodSeconds", policy.get("periodSeconds", 0), 1, _LONGEST_PERIOD_S)
    return causes
