"""Merging what a client applies into an object, and taking fields out of it: the two halves of server-side apply.

Where both have a value, the applied one counts; lists that are maps or sets keep the elements of both, those that were
applied in the order in which they were applied. Nothing is changed in place, and results share parts with arguments.
"""

from typing import Any

from ..types.elements import by_step, step_to
from ..types.structures import ABSENT, Deduced, ListOf, Structure, Value, part
from .field_sets import MEMBER, FieldSet


def merged(structure: Structure, live: Value, applied: Value) -> Value:
    """`live` with `applied` merged in; either may be ABSENT. Raises ElementError."""
    if live is ABSENT or applied is ABSENT:
        return live if applied is ABSENT else applied
    if structure.whole or not (live or applied):
        return applied
    if isinstance(structure, ListOf):
        return _merged_list(structure, live or [], applied or [])
    if isinstance(structure, Deduced) and not (isinstance(live, dict) and isinstance(applied, (dict, type(None)))):
        return applied
    return _merged_map(structure, live or {}, applied or {})


def _merged_map(structure: Structure, live: dict[str, Any], applied: dict[str, Any]) -> dict[str, Any]:
    result = dict(live)
    for name, value in applied.items():
        result[name] = merged(part(structure, name), live.get(name, ABSENT), value)
    return result


def _merged_list(structure: ListOf, live: list[Any], applied: list[Any]) -> list[Any]:
    new = {step: elements[0] for step, elements in by_step(structure, applied).items()}
    old = by_step(structure, live)
    result: list[Any] = []
    taken: set[str] = set()

    def take(step: str) -> None:
        taken.add(step)
        counterparts = old.get(step, [])
        # Elements that cannot be told apart are not merged, but replaced by the applied one.
        before = counterparts[0] if len(counterparts) == 1 else ABSENT
        result.append(merged(structure.items, before, new[step]))

    shared = [step for step in new if step in old]
    waiting = list(new)
    for element in live:
        step = step_to(structure, element)
        if step not in new:
            result.append(element)
        elif shared and step == shared[0]:
            # What was applied before an element that both have comes before it.
            while waiting:
                following = waiting.pop(0)
                take(following)
                if following == step:
                    break
            shared = [step for step in shared if step not in taken]
    for step in waiting:
        take(step)
    return result


def without(structure: Structure, value: Value, fields: FieldSet) -> Value:
    """`value` without the fields of the set; None where a map or list lost all that it had. Raises ElementError."""
    if isinstance(value, dict):
        return _map_without(structure, value, fields)
    if isinstance(value, list) and isinstance(structure, ListOf):
        return _list_without(structure, value, fields)
    return value


def _map_without(structure: Structure, value: dict[str, Any], fields: FieldSet) -> Value:
    if not value or structure.whole:
        return None
    result: dict[str, Any] = {}
    for name, item in value.items():
        node = fields.get(f"f:{name}")
        if node is None:
            result[name] = item
        elif node and MEMBER not in node:
            result[name] = without(part(structure, name), item, node)
    return result or None


def _list_without(structure: ListOf, value: list[Any], fields: FieldSet) -> Value:
    if not value or structure.whole:
        return None
    result = []
    for element in value:
        node = fields.get(step_to(structure, element))
        if node is None:
            result.append(element)
        elif node and MEMBER not in node:
            result.append(without(structure.items, element, node))
    return result or None
