"""Whether labels fulfil a LabelSelector, the structure with matchLabels and matchExpressions that specs hold."""

from __future__ import annotations

from collections.abc import Mapping

from galileo_emulation.kubernetes.apiobjects import JsonObject

Labels = Mapping[str, str]


def is_empty(selector: JsonObject) -> bool:
    """Whether a selector demands nothing, so that it selects everything."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def matches(selector: JsonObject, labels: Labels) -> bool:
    """Whether `labels` fulfil all that the selector demands; an empty selector demands nothing."""
    wanted: Labels = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(term, labels) for term in selector.get("matchExpressions") or ())


def selects(selector: JsonObject, body: JsonObject) -> bool:
    """Whether an object's labels fulfil the selector."""
    return matches(selector, body["metadata"].get("labels") or {})


def _holds(term: JsonObject, labels: Labels) -> bool:
    key, operator, values = term["key"], term["operator"], term.get("values", ())
    match operator:
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
