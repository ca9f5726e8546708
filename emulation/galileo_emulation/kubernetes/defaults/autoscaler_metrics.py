"""A metric of an autoscaler as autoscaling/v1 writes it into an annotation: flat, with the field names of that version.

{"resource": {"name": "memory", "target": {"averageValue": "64Mi"}}} is there
{"resource": {"name": "memory", "targetAverageValue": "64Mi"}}
"""

from typing import Any

from ..apiobjects import JsonObject

_TARGET, _CURRENT = "target", "current"
_AMOUNTS = ("averageUtilization", "averageValue", "value")
_TYPES = {"averageUtilization": "Utilization", "averageValue": "AverageValue", "value": "Value"}
_SOURCES = ("containerResource", "external", "object", "pods", "resource")


def metric_in_annotation(metric: JsonObject) -> JsonObject:
    """A metric, wanted or measured, in the form of the annotation."""
    source = next((name for name in _SOURCES if name in metric), None)
    flat: JsonObject = {"type": metric.get("type", "")}
    return flat if source is None else {**flat, source: _flat(source, metric[source])}


def metric_of_annotation(flat: JsonObject) -> JsonObject:
    """The metric of an entry of the annotation, whose fields are not known to be well formed."""
    source = next((name for name in _SOURCES if name in flat), None)
    metric: JsonObject = {"type": flat.get("type", "")}
    return metric if source is None else {**metric, source: _deep(source, flat[source])}


def _flat(source: str, fields: JsonObject) -> JsonObject:
    part = _TARGET if _TARGET in fields else _CURRENT
    known: JsonObject = {name: fields[name] for name in ("name", "container") if name in fields}
    if "metric" in fields:
        known["metricName"] = fields["metric"].get("name", "")
        selector = fields["metric"].get("selector")
        known |= {} if selector is None else {_selector_field(source): selector}
    if "describedObject" in fields:
        known["target"] = fields["describedObject"]
    for amount in _AMOUNTS:
        if amount in fields.get(part, {}):
            known[_amount_field(source, part, amount)] = fields[part][amount]
    return known


def _deep(source: str, flat: Any) -> Any:
    if not isinstance(flat, dict):
        return flat
    known: JsonObject = {name: flat[name] for name in ("name", "container") if name in flat}
    if "metricName" in flat:
        known["metric"] = {"name": flat["metricName"]}
        selector = flat.get(_selector_field(source))
        known["metric"] |= {} if selector is None else {"selector": selector}
    if source == "object" and "target" in flat:
        known["describedObject"] = flat["target"]
    measured = any(name.startswith(_CURRENT) for name in flat)
    part = _CURRENT if measured else _TARGET
    amounts = {
        amount: flat[_amount_field(source, part, amount)]
        for amount in _AMOUNTS
        if _amount_field(source, part, amount) in flat
    }
    if part == _TARGET and amounts:
        # An average goes before the value that the older form demands beside it.
        amounts = {"type": _TYPES[next(iter(amounts))], **amounts}
    return {**known, part: amounts}


def _selector_field(source: str) -> str:
    return "metricSelector" if source == "external" else "selector"


def _amount_field(source: str, part: str, amount: str) -> str:
    if source == "object" and amount == "averageValue":
        return amount
    return part + amount[0].upper() + amount[1:]
