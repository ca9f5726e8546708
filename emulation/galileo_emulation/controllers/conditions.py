"""Conditions in a status: finding one by its type, and replacing it without moving its transition time needlessly."""

from __future__ import annotations

from collections.abc import Iterable

from galileo_emulation.kubernetes.apiobjects import JsonObject


def condition(body: JsonObject, type_: str) -> JsonObject | None:
    """The condition of a type in an object's status."""
    for found in body.get("status", {}).get("conditions", ()):
        if found.get("type") == type_:
            entry: JsonObject = found
            return entry
    return None


def has_status(body: JsonObject, type_: str, status: str = "True") -> bool:
    """Whether an object has the condition in that status."""
    found = condition(body, type_)
    return found is not None and found.get("status") == status


def without(conditions: Iterable[JsonObject], type_: str) -> list[JsonObject]:
    """The conditions of other types."""
    return [found for found in conditions if found.get("type") != type_]


def with_condition(conditions: Iterable[JsonObject], new: JsonObject) -> list[JsonObject]:
    """The conditions with `new` as the last, in place of the one of its type.

    One that has the same status and reason already stays as it is, where it is. The transition time is kept while the
    status is the same.
    """
    present = list(conditions)
    old = next((found for found in present if found.get("type") == new["type"]), None)
    if old is not None and old.get("status") == new["status"] and old.get("reason") == new.get("reason"):
        return present
    if old is not None and old.get("status") == new["status"] and "lastTransitionTime" in old:
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [*without(present, new["type"]), new]
