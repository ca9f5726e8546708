"""Where a pod may run: node selectors, affinity, tolerations and topology spread."""

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import dns_label, label_value, name_causes, qualified_name
from .numbers import within
from .selectors import selector_causes
from .validation import duplicate, forbidden, required, unsupported, wrong

_NODE_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_UNSATISFIABLE = ("DoNotSchedule", "ScheduleAnyway")
_NODE_POLICIES = ("Honor", "Ignore")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def affinity_causes(field: str, affinity: JsonObject) -> list[Cause]:
    """Check all three kinds of affinity."""
    causes: list[Cause] = []
    if "nodeAffinity" in affinity:
        causes += _node_affinity_causes(f"{field}.nodeAffinity", affinity["nodeAffinity"])
    for name in ("podAffinity", "podAntiAffinity"):
        if name in affinity:
            causes += _pod_affinity_causes(f"{field}.{name}", affinity[name])
    return causes


def _node_affinity_causes(field: str, affinity: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    if _REQUIRED in affinity:
        here = f"{field}.{_REQUIRED}.nodeSelectorTerms"
        terms = affinity[_REQUIRED].get("nodeSelectorTerms", [])
        causes += [] if terms else [required(here, "must have at least one node selector term")]
        for index, term in enumerate(terms):
            causes += node_term_causes(f"{here}[{index}]", term)
    for index, preference in enumerate(affinity.get(_PREFERRED, [])):
        here = f"{field}.{_PREFERRED}[{index}]"
        causes += within(f"{here}.weight", preference.get("weight", 0), 1, 100)
        causes += node_term_causes(f"{here}.preference", preference.get("preference", {}))
    return causes


def node_term_causes(field: str, term: JsonObject) -> list[Cause]:
    """Check one alternative of a node selector."""
    causes: list[Cause] = []
    for index, expression in enumerate(term.get("matchExpressions", [])):
        here = f"{field}.matchExpressions[{index}]"
        causes += _node_values_causes(here, expression)
        causes += name_causes(f"{here}.key", expression.get("key", ""), qualified_name)
    for index, expression in enumerate(term.get("matchFields", [])):
        causes += _node_field_causes(f"{field}.matchFields[{index}]", expression)
    return causes


def _node_values_causes(field: str, expression: JsonObject) -> list[Cause]:
    operator, values = expression.get("operator", ""), expression.get("values", [])
    if operator in ("In", "NotIn"):
        return [] if values else [required(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'")]
    if operator in ("Exists", "DoesNotExist"):
        rule = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        return [forbidden(f"{field}.values", rule)] if values else []
    if operator in ("Gt", "Lt"):
        rule = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        return [] if len(values) == 1 else [required(f"{field}.values", rule)]
    return [wrong(f"{field}.operator", operator, "not a valid selector operator")]


def _node_field_causes(field: str, expression: JsonObject) -> list[Cause]:
    operator, values = expression.get("operator", ""), expression.get("values", [])
    if operator not in ("In", "NotIn"):
        return [wrong(f"{field}.operator", operator, "not a valid selector operator")]
    causes = (
        []
        if len(values) == 1
        else [
            required(
                f"{field}.values", "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
            )
        ]
    )
    if expression.get("key") != "metadata.name":
        causes.append(wrong(f"{field}.key", expression.get("key", ""), "not a valid field selector key"))
    return causes


def _pod_affinity_causes(field: str, affinity: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    for index, term in enumerate(affinity.get(_REQUIRED, [])):
        causes += _pod_term_causes(f"{field}.{_REQUIRED}[{index}]", term)
    for index, preference in enumerate(affinity.get(_PREFERRED, [])):
        here = f"{field}.{_PREFERRED}[{index}]"
        causes += within(f"{here}.weight", preference.get("weight", 0), 1, 100)
        causes += _pod_term_causes(f"{here}.podAffinityTerm", preference.get("podAffinityTerm", {}))
    return causes


def _pod_term_causes(field: str, term: JsonObject) -> list[Cause]:
    causes = selector_causes(f"{field}.labelSelector", term.get("labelSelector"))
    causes += selector_causes(f"{field}.namespaceSelector", term.get("namespaceSelector"))
    for name in term.get("namespaces", []):
        causes += name_causes(f"{field}.namespace", name, dns_label)
    key = term.get("topologyKey", "")
    if not key:
        return [*causes, required(f"{field}.topologyKey", "can not be empty")]
    return causes + name_causes(f"{field}.topologyKey", key, qualified_name)


def toleration_causes(field: str, tolerations: list[JsonObject]) -> list[Cause]:
    """Check what taints a pod tolerates."""
    causes: list[Cause] = []
    for index, toleration in enumerate(tolerations):
        here = f"{field}[{index}]"
        key, operator = toleration.get("key", ""), toleration.get("operator", "Equal")
        effect, text = toleration.get("effect", ""), toleration.get("value", "")
        if key:
            causes += name_causes(f"{here}.key", key, qualified_name)
        elif operator != "Exists":
            rule = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            causes.append(wrong(f"{here}.operator", operator, rule))
        if "tolerationSeconds" in toleration and effect != "NoExecute":
            causes.append(wrong(f"{here}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
        if operator == "Equal":
            causes += name_causes(f"{here}.operator", text, label_value)
        elif operator == "Exists":
            causes += (
                [wrong(f"{here}.operator", text, "value must be empty when `operator` is 'Exists'")] if text else []
            )
        else:
            causes.append(unsupported(f"{here}.operator", operator, ("Equal", "Exists")))
        if effect and effect not in _EFFECTS:
            causes.append(unsupported(f"{here}.effect", effect, _EFFECTS))
    return causes


def spread_causes(field: str, constraints: list[JsonObject]) -> list[Cause]:
    """Check how pods are to be spread over a topology."""
    causes: list[Cause] = []
    seen: set[tuple[str, str]] = set()
    for index, constraint in enumerate(constraints):
        here = f"{field}[{index}]"
        if constraint.get("maxSkew", 0) <= 0:
            causes.append(wrong(f"{here}.maxSkew", constraint.get("maxSkew", 0), "must be greater than zero"))
        key, otherwise = constraint.get("topologyKey", ""), constraint.get("whenUnsatisfiable", "")
        causes += (
            name_causes(f"{here}.topologyKey", key, qualified_name)
            if key
            else [required(f"{here}.topologyKey", "can not be empty")]
        )
        if otherwise not in _UNSATISFIABLE:
            causes.append(unsupported(f"{here}.whenUnsatisfiable", otherwise, _UNSATISFIABLE))
        if (key, otherwise) in seen:
            causes.append(duplicate(f"{here}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {otherwise}}}"))
        seen.add((key, otherwise))
        causes += _spread_detail_causes(here, constraint, otherwise)
    return causes


def _spread_detail_causes(field: str, constraint: JsonObject, otherwise: str) -> list[Cause]:
    causes = selector_causes(f"{field}.labelSelector", constraint.get("labelSelector"))
    domains = constraint.get("minDomains")
    if domains is not None and domains <= 0:
        causes.append(wrong(f"{field}.minDomains", domains, "must be greater than zero"))
    if domains is not None and otherwise != "DoNotSchedule":
        rule = "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"
        causes.append(wrong(f"{field}.minDomains", domains, rule))
    for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        if constraint.get(name, "Honor") not in _NODE_POLICIES:
            causes.append(unsupported(f"{field}.{name}", constraint[name], _NODE_POLICIES))
    return causes
