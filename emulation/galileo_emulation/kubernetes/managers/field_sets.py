"""Sets of fields, in the form in which managedFields has them (FieldsV1), and what can be done with them.

A set is a tree of maps: `{"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:image": {}}}}}`. A step is a
field (`f:name`), an element known by its keys (`k:{…}`) or by its value (`v:…`). A node without anything below it is a
member of the set; a node that is a member and has members below it says so with `.`. The empty set is an empty map.
Trees are shared and never changed; every function returns a new one, or one of its arguments where nothing differs.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson

from ..apiobjects import kept_json

FieldSet: TypeAlias = dict[str, Any]

MEMBER: Final = "."
LEAF: Final[FieldSet] = {}
EMPTY: Final[FieldSet] = {}

# In the order in which the API tells the fields of a set.
_RANKS = {"f": 0, "k": 1, "v": 2, "i": 3}


class FieldSetError(ValueError):
    """What should be a set of fields is none."""


def member(below: FieldSet) -> FieldSet:
    """A node that is itself a member, and has `below` beneath it."""
    return {MEMBER: LEAF, **below} if below else LEAF


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in either set."""
    if not one or not other:
        return one or other
    result = one
    for step, node in other.items():
        present = result.get(step)
        joined = node if present is None or step == MEMBER else _joined(present, node)
        if joined is not present:
            if result is one:
                result = dict(one)
            result[step] = joined
    return result


def _joined(one: FieldSet, other: FieldSet) -> FieldSet:
    if not other:
        return one if not one or MEMBER in one else member(one)
    if not one:
        return other if MEMBER in other else member(other)
    return one if one is other else union(one, other)


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in `one` and not in `other`; a field's parts stay when only the field itself is in `other`."""
    result = one
    for step, node in other.items():
        present = one.get(step)
        if present is None:
            continue
        left = None if step == MEMBER else _left(present, node)
        if left is not present:
            if result is one:
                result = dict(one)
            if left is None:
                del result[step]
            else:
                result[step] = left
    return result


def _left(one: FieldSet, other: FieldSet) -> FieldSet | None:
    """A node without what is in `other`; None when nothing is left of it."""
    if not other:
        other = {MEMBER: LEAF}
    if not one:
        return None if MEMBER in other else one
    left = difference(one, other)
    return LEAF if left.keys() == {MEMBER} else left or None


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in both sets."""
    common: FieldSet = {}
    for step, node in one.items():
        counterpart = other.get(step)
        if counterpart is None or step == MEMBER:
            continue
        shared = _common(node, counterpart)
        if shared is not None:
            common[step] = shared
    return common


def _common(one: FieldSet, other: FieldSet) -> FieldSet | None:
    both = (not one or MEMBER in one) and (not other or MEMBER in other)
    below = intersection(one, other)
    if both:
        return member(below)
    return below or None


def paths(fields: FieldSet) -> Iterator[tuple[str, ...]]:
    """Every member as its steps, in the API's order: at each level the members first, then what is below."""
    steps = sorted((step for step in fields if step != MEMBER), key=lambda step: (_RANKS.get(step[0], 4), step[2:]))
    for step in steps:
        if not fields[step] or MEMBER in fields[step]:
            yield (step,)
    for step in steps:
        for path in paths(fields[step]):
            yield (step, *path)


def has(fields: FieldSet, path: tuple[str, ...]) -> bool:
    """Whether the field at `path` is a member."""
    node = fields
    for step in path:
        below = node.get(step)
        if below is None:
            return False
        node = below
    return bool(path) and (not node or MEMBER in node)


def path_text(path: tuple[str, ...]) -> str:
    """A path as messages have it: `.spec.containers[name="web"].image`."""
    return "".join(_step_text(step) for step in path)


def _step_text(step: str) -> str:
    match step[0]:
        case "f":
            return f".{step[2:]}"
        case "k":
            keys = orjson.loads(step[2:])
            return "[" + ",".join(f"{name}={orjson.dumps(value).decode()}" for name, value in keys.items()) + "]"
        case "v":
            return f"[={step[2:]}]"
        case _:
            return f"[{step[2:]}]"


def key_step(keys: tuple[str, ...], values: tuple[Any, ...]) -> str:
    """The step to the element of a list with these values of its keys."""
    if len(keys) == 1 and isinstance(values[0], str):
        return _text_key_step(keys[0], values[0])
    return "k:" + _json(dict(sorted(zip(keys, values, strict=True))))


@lru_cache(maxsize=4096)
def _text_key_step(key: str, value: str) -> str:
    return "k:" + _json({key: value})


@lru_cache(maxsize=4096, typed=True)
def value_step(value: Any) -> str:
    """The step to an element of a set."""
    return "v:" + _json(value)


def _json(value: Any) -> str:
    """JSON as the API's own writer has it, which escapes what would mean something in HTML."""
    text = orjson.dumps(value).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def checked(raw: Any) -> FieldSet:
    """Read FieldsV1 as a client sent it. Raises FieldSetError."""
    if not isinstance(raw, dict):
        raise FieldSetError(f"a set of fields is an object, not {type(raw).__name__}")
    fields: FieldSet = {}
    for step, below in raw.items():
        if step == MEMBER:
            fields[MEMBER] = LEAF
            continue
        node = checked(below)
        fields[_checked_step(step)] = LEAF if node.keys() == {MEMBER} else node
    return fields


def _checked_step(step: str) -> str:
    try:
        match step[:2]:
            case "f:":
                return step
            case "k:":
                keys = orjson.loads(step[2:])
                return key_step(tuple(keys), tuple(keys.values()))
            case "v:":
                return value_step(orjson.loads(step[2:]))
            case "i:":
                return f"i:{int(step[2:])}"
    except (orjson.JSONDecodeError, ValueError, TypeError, AttributeError):
        pass
    raise FieldSetError(f"{step!r} is no step of a path: expected f:<name>, k:<keys>, v:<value> or i:<index>")


def encoded(fields: FieldSet) -> bytes:
    """The set as JSON, always the same for the same set; equal sets share their bytes, as far as they are recent."""
    return _shared(kept_json(fields, orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=2048)
def _shared(text: bytes) -> bytes:
    return text


@lru_cache(maxsize=256)
def decoded(text: bytes) -> FieldSet:
    """The set that `encoded` wrote."""
    fields: FieldSet = orjson.loads(text)
    return fields
