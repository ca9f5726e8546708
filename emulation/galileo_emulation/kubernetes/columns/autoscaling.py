"""Autoscalers in `kubectl get`: what each of their measurements is, of what it should be."""

from typing import Any

from ..apiobjects import JsonObject
from .tables import NAME, Cell, Column, Columns, age

_MANY_METRICS = 2


def _autoscaler_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    target = spec.get("scaleTargetRef", {})
    return [
        body["metadata"]["name"],
        f"{target.get('kind', '')}/{target.get('name', '')}",
        _metrics_cell(spec.get("metrics", []), status.get("currentMetrics") or []),
        str(spec.get("minReplicas", "<unset>")),
        spec.get("maxReplicas", 0),
        status.get("currentReplicas", 0),
        age(body, now),
    ]


def _metrics_cell(wanted: list[JsonObject], measured: list[JsonObject]) -> str:
    if not wanted:
        return "<none>"
    cells = []
    for index, metric in enumerate(wanted):
        cells.append(_metric_cell(metric, measured[index] if index < len(measured) else {}))
    more = len(cells) - _MANY_METRICS
    text = ", ".join(cells[:_MANY_METRICS])
    return f"{text} + {more} more..." if more > 0 else text


def _metric_cell(metric: JsonObject, measured: JsonObject) -> str:
    source = next((name for name in metric if name != "type"), "")
    wanted, current = metric.get(source, {}), measured.get(source, {}).get("current", {})
    target = wanted.get("target", {})
    own = f"{wanted.get('name', '')}: " if source in ("resource", "containerResource") else ""
    if own and "averageValue" not in target:
        return f"{own}{_percent(current)}/{_percent(target, '<auto>')}"
    if "averageValue" in target:
        average = "" if own or source == "pods" else " (avg)"
        return f"{own}{current.get('averageValue', '<unknown>')}/{target['averageValue']}{average}"
    return f"{current.get('value', '<unknown>')}/{target.get('value', '')}"


def _percent(values: Any, absent: str = "<unknown>") -> str:
    return f"{values['averageUtilization']}%" if "averageUtilization" in values else absent


AUTOSCALER_COLUMNS = Columns(
    (
        NAME,
        Column("Reference"),
        Column("Targets"),
        Column("MinPods"),
        Column("MaxPods"),
        Column("Replicas"),
        Column("Age"),
    ),
    _autoscaler_cells,
)
