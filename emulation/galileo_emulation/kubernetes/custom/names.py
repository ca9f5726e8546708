"""Whether a definition gets the names that it asks for, and whether its kind is therefore established.

The names of a group are given to whoever came first. A definition that asks for a taken name keeps the names that it
had, and is told which one is in use; when that one becomes free, it is looked at again.
"""

from collections.abc import Iterable

from ..apiobjects import JsonObject
from .conditions import condition, is_true, with_condition

_NAMES = ("plural", "singular", "shortNames", "kind", "listKind", "categories")
ANNOTATION = "api-approved.kubernetes.io"
_PROTECTED = (".k8s.io", ".kubernetes.io")


def is_protected(group: str) -> bool:
    """Whether a group is the Kubernetes project's own, so that a definition in it needs an approval."""
    return group in ("k8s.io", "kubernetes.io") or group.endswith(_PROTECTED)


def settled(definition: JsonObject, others: Iterable[JsonObject], now: str) -> JsonObject:
    """The status of a definition as it has to be, given the other definitions; `now` is an API time.

    A definition becomes established in a step of its own, after its names were accepted, so that watchers see both.
    """
    status = definition["status"]
    accepted, conflict = _accepted(definition, [other for other in others if _same_group(other, definition)])
    if conflict is None:
        names = condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", now)
    else:
        names = condition("NamesAccepted", "False", conflict[0], conflict[1], now)
    conditions = with_condition(status["conditions"], names)
    established = _established(definition, accepted_all=conflict is None, now=now)
    if established is not None:
        conditions = with_condition(conditions, established)
    if is_protected(definition["spec"]["group"]):
        conditions = with_condition(conditions, _approval(definition, now))
    return {**status, "conditions": conditions, "acceptedNames": accepted}


def _same_group(other: JsonObject, definition: JsonObject) -> bool:
    same_name = other["metadata"]["name"] == definition["metadata"]["name"]
    return other["spec"]["group"] == definition["spec"]["group"] and not same_name


def _accepted(definition: JsonObject, others: list[JsonObject]) -> tuple[JsonObject, tuple[str, str] | None]:
    resources: set[str] = set()
    kinds: set[str] = set()
    for other in others:
        names = other["status"]["acceptedNames"]
        resources |= {names["plural"], names.get("singular", ""), *names.get("shortNames", [])}
        kinds |= {names["kind"], names.get("listKind", "")}
    wanted = definition["spec"]["names"]
    accepted: JsonObject = {**definition["status"]["acceptedNames"]}
    conflict = None
    for name, reason, taken in (
        ("plural", "PluralConflict", resources),
        ("singular", "SingularConflict", resources),
        ("shortNames", "ShortNamesConflict", resources),
        ("kind", "KindConflict", kinds),
        ("listKind", "ListKindConflict", kinds),
    ):
        asked = wanted.get(name, [] if name == "shortNames" else "")
        clash = next((one for one in ([asked] if isinstance(asked, str) else asked) if one in taken), None)
        if clash is not None:
            conflict = (reason, f'"{clash}" is already in use')
        elif asked:
            accepted[name] = asked
        else:
            accepted.pop(name, None)
    if conflict is None:
        accepted.pop("categories", None)
        if wanted.get("categories"):
            accepted["categories"] = wanted["categories"]
    return {name: accepted[name] for name in _NAMES if name in accepted}, conflict


def _established(definition: JsonObject, *, accepted_all: bool, now: str) -> JsonObject | None:
    """The condition Established where it has to be set; once it is True, it stays."""
    if is_true(definition, "Established"):
        return None
    if not accepted_all:
        return condition("Established", "False", "NotAccepted", "not all names are accepted", now)
    message = "the initial names have been accepted"
    if is_true(definition, "NamesAccepted"):
        return condition("Established", "True", "InitialNamesAccepted", message, now)
    return condition("Established", "False", "Installing", message, now)


def _approval(definition: JsonObject, now: str) -> JsonObject:
    kind = "KubernetesAPIApprovalPolicyConformant"
    said = definition["metadata"].get("annotations", {}).get(ANNOTATION, "")
    if said.startswith("unapproved"):
        return condition(kind, "False", "UnapprovedAnnotation", f'not approved: "{said}"', now)
    return condition(kind, "True", "ApprovedAnnotation", f"approved in {said}", now)
