"""Whether a node fulfils what a pod demands of it: node selector and required node affinity."""

from __future__ import annotations

from collections.abc import Mapping

from galileo_emulation.kubernetes.apiobjects import JsonObject


def fits(spec: JsonObject, node: JsonObject) -> bool:
    """Whether a pod with this spec may be on the node, as far as selector and affinity go."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return False
    required = _node_affinity(spec).get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return True
    fields = {"metadata.name": node["metadata"]["name"]}
    return any(_term_fits(term, labels, fields) for term in required.get("nodeSelectorTerms", ()))


def named_node(spec: JsonObject) -> str:
    """The node that a pod is bound to, or else the one that its affinity names; empty when there is none."""
    if spec.get("nodeName"):
        name: str = spec["nodeName"]
        return name
    required = _node_affinity(spec).get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    for term in required.get("nodeSelectorTerms", ()):
        for field in term.get("matchFields", ()):
            if field["key"] == "metadata.name" and field["operator"] == "In" and len(field.get("values", ())) == 1:
                chosen: str = field["values"][0]
                return chosen
    return ""


def pinned(affinity: JsonObject | None, node: str) -> JsonObject:
    """An affinity with which a pod fits that node alone, whatever nodes `affinity` named; its other terms stay."""
    affinity = dict(affinity or {})
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    node_affinity = dict(affinity.get("nodeAffinity") or {})
    required = node_affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = [{**term, "matchFields": [field]} for term in required.get("nodeSelectorTerms", ())]
    node_affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {
        "nodeSelectorTerms": terms or [{"matchFields": [field]}]
    }
    return {**affinity, "nodeAffinity": node_affinity}


def _node_affinity(spec: JsonObject) -> JsonObject:
    found: JsonObject = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    return found


def _term_fits(term: JsonObject, labels: Mapping[str, str], fields: Mapping[str, str]) -> bool:
    """Whether all of a term holds; an empty term holds for no node."""
    expressions, named = term.get("matchExpressions", ()), term.get("matchFields", ())
    if not expressions and not named:
        return False
    return all(_holds(found, labels) for found in expressions) and all(_holds(found, fields) for found in named)


def _holds(expression: JsonObject, texts: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values", ())
    found = texts.get(key)
    match expression["operator"]:
        case "In":
            return found in values
        case "NotIn":
            return found not in values
        case "Exists":
            return key in texts
        case "DoesNotExist":
            return key not in texts
        case "Gt" | "Lt":
            return _is_beyond(found, values, above=expression["operator"] == "Gt")
    return False


def _is_beyond(found: str | None, values: list[str], *, above: bool) -> bool:
    try:
        number, bound = int(found or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return number > bound if above else number < bound
