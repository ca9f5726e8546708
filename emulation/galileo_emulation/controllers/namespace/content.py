"""What is left in a namespace that is being deleted, and how its conditions tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp
from galileo_emulation.kubernetes.kind import Kind

# Groups of kinds in the order in which their content goes: what makes new pods would only be refused, so pods first.
_FIRST = ("", "apps", "batch")

Remaining = Sequence[tuple[Kind, Sequence[JsonObject]]]


def in_order(kinds: Sequence[Kind]) -> list[Kind]:
    """The kinds with content of namespaces, pods first; one row where a kind has several versions."""
    own = {kind.key: kind for kind in kinds if kind.namespaced}.values()

    def place(kind: Kind) -> tuple[bool, int, str, str]:
        group = _FIRST.index(kind.group) if kind.group in _FIRST else len(_FIRST)
        return (kind.plural != "pods", group, kind.group, kind.plural)

    return sorted(own, key=place)


def conditions(namespace: JsonObject, remaining: Remaining, now: float) -> list[JsonObject]:
    """The conditions of a namespace in which these objects are left."""
    finalizers = Counter(
        name for _, found in remaining for body in found for name in body["metadata"].get("finalizers", ())
    )
    held = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(finalizers.items()))
    left = ", ".join(f"{kind.resource} has {len(found)} resource instances" for kind, found in remaining if found)
    wanted = (
        ("NamespaceDeletionDiscoveryFailure", False, "ResourcesDiscovered", "All resources successfully discovered"),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            False,
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure",
            False,
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        (
            ("NamespaceContentRemaining", True, "SomeResourcesRemain", f"Some resources are remaining: {left}")
            if left
            else ("NamespaceContentRemaining", False, "ContentRemoved", "All content successfully removed")
        ),
        (
            (
                "NamespaceFinalizersRemaining",
                True,
                "SomeFinalizersRemain",
                f"Some content in the namespace has finalizers remaining: {held}",
            )
            if held
            else (
                "NamespaceFinalizersRemaining",
                False,
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished",
            )
        ),
    )
    return [_condition(namespace, *row, now=now) for row in wanted]


def _condition(namespace: JsonObject, type_: str, holds: bool, reason: str, message: str, *, now: float) -> JsonObject:
    status = "True" if holds else "False"
    before = condition(namespace, type_)
    since = before["lastTransitionTime"] if before and before["status"] == status else timestamp(now)
    return {"type": type_, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
