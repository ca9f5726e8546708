"""Which fields an object has, and which of them a change wrote or removed: the sets that managers own.

    what a client applies  -> fields_of   -> what its manager owns
    object before, after   -> differences -> what the writer now owns (written), what nobody owns any more (removed)

The rules are those of the API's own merging (sigs.k8s.io/structured-merge-diff): a value that is replaced whole is one
field; a map's values and a list's elements are members themselves, a structure's fields are so only as far as nothing
is below them; but what a change adds, it adds with all that is above its parts.
"""

from collections.abc import Container
from typing import Any, NamedTuple, TypeAlias

from ..types.elements import by_step, step_to
from ..types.structures import ABSENT, DEDUCED, Deduced, FieldOf, ListOf, MapOf, Struct, Structure, Value, field_of
from .field_sets import EMPTY, LEAF, MEMBER, FieldSet, member, union


class Differences(NamedTuple):
    """The fields that a change wrote (added or gave another value), and those that it removed."""

    written: FieldSet = EMPTY
    removed: FieldSet = EMPTY


NONE = Differences()
# Nodes of the two sets; None where nothing is in a set.
_Pair: TypeAlias = tuple[FieldSet | None, FieldSet | None]
_SAME: _Pair = (None, None)
_CHANGED: _Pair = (LEAF, None)
# Null counts as an empty list or map.
_LIST, _MAP = (list, type(None)), (dict, type(None))


def fields_of(structure: Structure, value: Value) -> FieldSet:
    """The fields that a document states. Raises ElementError."""
    if structure.whole:
        return EMPTY
    if isinstance(value, dict):
        return _stated_in_map(structure, value)
    if isinstance(value, list) and isinstance(structure, ListOf):
        return _stated_in_list(structure, value)
    return EMPTY


def _stated_in_map(structure: Structure, value: dict[str, Any]) -> FieldSet:
    stated: FieldSet = {}
    for name, part in value.items():
        named = structure.fields.get(name) if isinstance(structure, Struct) else None
        below = named.structure if named is not None else _further(structure)
        if below.whole or part is None or part == {} or not isinstance(part, dict | list):
            stated[f"f:{name}"] = LEAF
            continue
        parts = EMPTY if _is_whole_list(below, part) else fields_of(below, part)
        if named is None or _is_whole_list(below, part):
            stated[f"f:{name}"] = member(parts)
        elif parts:
            stated[f"f:{name}"] = parts
    return stated


def _is_whole_list(structure: Structure, value: Value) -> bool:
    return isinstance(structure, Deduced) and isinstance(value, list)


def _stated_in_list(structure: ListOf, value: list[Any]) -> FieldSet:
    stated: FieldSet = {}
    for step, elements in by_step(structure, value).items():
        # Of elements that cannot be told apart, only that they are there.
        stated[step] = member(fields_of(structure.items, elements[0])) if len(elements) == 1 else LEAF
    return stated


def _further(structure: Structure) -> Structure:
    """The structure of a map's values, or of fields that a structure does not name."""
    if isinstance(structure, MapOf):
        return structure.values
    return (structure.others or DEDUCED) if isinstance(structure, Struct) else DEDUCED


def _everything(structure: Structure, value: Value) -> FieldSet:
    """The node of a value that was added, or removed, with all that is in it."""
    if structure.whole or not value:
        return LEAF
    below: FieldSet = {MEMBER: LEAF}
    if isinstance(value, dict):
        if isinstance(structure, Struct):
            fields = structure.fields
            for name, part in value.items():
                known = fields.get(name)
                if known is None:
                    below[f"f:{name}"] = _everything(_further(structure), part)
                else:
                    below[known.step] = LEAF if known.structure.whole else _everything(known.structure, part)
        else:
            further = _further(structure)
            for name, part in value.items():
                below[f"f:{name}"] = LEAF if further.whole else _everything(further, part)
        return below
    if isinstance(value, list) and isinstance(structure, ListOf):
        for element in value:
            step = step_to(structure, element)
            below[step] = _everything(structure.items, element) if step not in below else LEAF
        return below
    return LEAF


def differences(
    structure: Struct,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    ignored: Container[str] = (),
) -> Differences:
    """What a change of an object wrote and removed, but for the top-level fields `ignored`. Raises ElementError."""
    written: FieldSet = {}
    removed: FieldSet = {}
    for name in {**before, **after}:
        if name in ignored:
            continue
        known = field_of(structure, name) or FieldOf(f"f:{name}", DEDUCED)
        one, other = before.get(name, known.unwritten), after.get(name, known.unwritten)
        added, gone = _compare(known.structure, one, other)
        if added is not None:
            written[known.step] = added
        if gone is not None:
            removed[known.step] = gone
    return Differences(written, removed) if written or removed else NONE


def _compare(structure: Structure, before: Value, after: Value) -> _Pair:
    if before is after:
        return _SAME
    if before is ABSENT:
        return _everything(structure, after), None
    if after is ABSENT:
        return None, _everything(structure, before)
    if before == after:
        return _SAME
    if structure.whole or not (before or after):
        return _CHANGED
    if isinstance(structure, ListOf):
        if isinstance(before, _LIST) and isinstance(after, _LIST):
            return _compare_elements(structure, before or [], after or [])
    elif isinstance(before, _MAP) and isinstance(after, _MAP):
        return _compare_parts(structure, before or {}, after or {})
    # One is a map and the other is none: only where anything may stand.
    return LEAF, _everything(structure, before) if isinstance(before, dict) else None


def _compare_parts(structure: Structure, before: dict[str, Any], after: dict[str, Any]) -> _Pair:
    written: FieldSet = {}
    removed: FieldSet = {}
    fields = structure.fields if isinstance(structure, Struct) else {}
    further = _further(structure)
    for name, value in after.items():
        earlier = before.get(name, ABSENT)
        if earlier is value:
            continue
        known = fields.get(name)
        if known is None:
            step, below = f"f:{name}", further
        else:
            step, below, unwritten = known
            if earlier is ABSENT:
                earlier = unwritten
        added, gone = _compare(below, earlier, value)
        if added is not None:
            written[step] = added
        if gone is not None:
            removed[step] = gone
    for name, earlier in before.items():
        if name not in after:
            known = fields.get(name)
            step, below, unwritten = (f"f:{name}", further, ABSENT) if known is None else known
            added, gone = _compare(below, earlier, unwritten)
            if added is not None:
                written[step] = added
            if gone is not None:
                removed[step] = gone
    return written or None, removed or None


def _compare_elements(structure: ListOf, before: list[Any], after: list[Any]) -> _Pair:
    written: FieldSet = {}
    removed: FieldSet = {}
    earlier, later = by_step(structure, before), by_step(structure, after)
    for step, elements in later.items():
        added, gone = _compare_element(structure, earlier.get(step, []), elements)
        if added is not None:
            written[step] = added
        if gone is not None:
            removed[step] = gone
    for step, elements in earlier.items():
        if step not in later:
            removed[step] = _everything(structure.items, elements[0]) if len(elements) == 1 else LEAF
    return written or None, removed or None


def _compare_element(structure: ListOf, before: list[Any], after: list[Any]) -> _Pair:
    """Compare what stands at one step: usually one element each, or several that cannot be told apart."""
    if len(before) <= 1 and len(after) == 1:
        return _compare(structure.items, before[0] if before else ABSENT, after[0])
    if before == after:
        return _SAME
    if len(after) == 1:
        return _everything(structure.items, after[0]), LEAF
    return LEAF, _everything(structure.items, before[0]) if len(before) == 1 else None


def with_named(structure: Structure, fields: FieldSet) -> FieldSet:
    """The set with those fields of structures as members, too, which are above its members.

    Removing a set's fields from an object takes this, so that a structure goes when nothing in it is left.
    """
    result: FieldSet = {}
    for step, node in fields.items():
        if step == MEMBER or not node:
            result[step] = LEAF
            continue
        below = with_named(_below(structure, step), node)
        named = isinstance(structure, Struct) and step[2:] in structure.fields
        result[step] = union(below, {MEMBER: LEAF}) if named else below
    return result


def _below(structure: Structure, step: str) -> Structure:
    if step.startswith("f:"):
        named = structure.fields.get(step[2:]) if isinstance(structure, Struct) else None
        return named.structure if named is not None else _further(structure)
    return structure.items if isinstance(structure, ListOf) else DEDUCED
