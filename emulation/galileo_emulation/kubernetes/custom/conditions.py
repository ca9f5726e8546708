"""The conditions of a definition: NamesAccepted, Established, Terminating, and so on."""

from ..apiobjects import JsonObject


def condition(kind: str, status: str, reason: str, message: str, now: str) -> JsonObject:
    """A condition; `now` is the moment of its last transition."""
    return {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def is_true(definition: JsonObject, kind: str) -> bool:
    """Whether a definition has a condition that is True."""
    conditions = definition.get("status", {}).get("conditions") or []
    return any(entry["type"] == kind and entry["status"] == "True" for entry in conditions)


def with_condition(conditions: list[JsonObject] | None, new: JsonObject) -> list[JsonObject]:
    """The conditions with `new` in place of the one of its type. The transition's time stays while the status does."""
    result = []
    replaced = False
    for entry in conditions or []:
        if entry["type"] != new["type"]:
            result.append(entry)
            continue
        replaced = True
        kept = {"lastTransitionTime": entry["lastTransitionTime"]} if entry["status"] == new["status"] else {}
        result.append({**new, **kept})
    return result if replaced else [*result, new]
