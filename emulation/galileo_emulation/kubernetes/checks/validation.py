"""What is wrong, in the API's terms; and what makes nodes and changed finalizers unacceptable.

Each check returns causes, with the field's path as the API writes it; no cause means acceptable. The checks of the
other kinds are in checks/.
"""

import orjson

from ..apiobjects import JsonObject
from ..errors import Cause
from ..types.quantities import value

_TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def wrong(field: str, found: object, rule: str) -> Cause:
    """A value that breaks a rule."""
    return Cause("FieldValueInvalid", f"Invalid value: {orjson.dumps(found).decode()}: {rule}", field)


def required(field: str, rule: str = "") -> Cause:
    """A value that is missing."""
    return Cause("FieldValueRequired", f"Required value: {rule}" if rule else "Required value", field)


def forbidden(field: str, rule: str) -> Cause:
    """A change that is not allowed."""
    return Cause("FieldValueForbidden", f"Forbidden: {rule}", field)


def duplicate(field: str, found: object) -> Cause:
    """A value that may occur once."""
    return Cause("FieldValueDuplicate", f'Duplicate value: "{found}"', field)


def unsupported(field: str, found: object, offered: tuple[str, ...]) -> Cause:
    """A value outside a fixed set."""
    names = ", ".join(f'"{name}"' for name in offered)
    return Cause("FieldValueNotSupported", f'Unsupported value: "{found}": supported values: {names}', field)


def quantity_causes(field: str, quantities: dict[str, str], *, brackets: bool = False) -> list[Cause]:
    """Quantities must not be negative."""
    return [
        wrong(f"{field}[{name}]" if brackets else f"{field}.{name}", text, "must be greater than or equal to 0")
        for name, text in quantities.items()
        if value(text) < 0
    ]


def node_status_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check what a node has of resources."""
    status = new.get("status", {})
    causes = quantity_causes("status.capacity", status.get("capacity", {}))
    return causes + quantity_causes("status.allocatable", status.get("allocatable", {}))


def node_causes(body: JsonObject) -> list[Cause]:
    """Check taints and resources."""
    causes = node_status_causes(body, body)
    seen = set()
    for index, taint in enumerate(body.get("spec", {}).get("taints", [])):
        pair = (taint.get("key"), taint.get("effect"))
        causes += _taint_causes(f"metadata.taints[{index}]", taint)
        if pair in seen:
            causes.append(duplicate(f"metadata.taints[{index}]", "{}:{}".format(*pair)))
        seen.add(pair)
    return causes


def _taint_causes(field: str, taint: JsonObject) -> list[Cause]:
    effect = taint.get("effect", "")
    causes = [] if taint.get("key") else [required(f"{field}.key")]
    if not effect:
        causes.append(required(f"{field}.effect"))
    elif effect not in _TAINT_EFFECTS:
        causes.append(unsupported(f"{field}.effect", effect, _TAINT_EFFECTS))
    return causes


def node_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """A pod address range is given once. (Taints are checked here a second time, as the API does.)"""
    causes = [cause for cause in node_causes(new) if cause.field.startswith("metadata.taints")]
    ranges = old.get("spec", {}).get("podCIDRs")
    if ranges and new.get("spec", {}).get("podCIDRs") != ranges:
        causes.append(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'))
    return causes


def finalizer_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """What is being deleted takes no further finalizers. (Reported twice, as the API does.)"""
    if "deletionTimestamp" not in old["metadata"]:
        return []
    present = old["metadata"].get("finalizers", [])
    added = [name for name in new["metadata"].get("finalizers", []) if name not in present]
    if not added:
        return []
    rule = f"no new finalizers can be added if the object is being deleted, found new finalizers {added}"
    return [forbidden("metadata.finalizers", rule)] * 2
