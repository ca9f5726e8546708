"""Checking a custom object against its schema: every violation becomes a cause with the field's path.

On an update, what an object has had already is let be, even where the schema has meanwhile become stricter
("ratcheting"): a part that is the same as before is not looked at.
"""

from collections.abc import Iterator, Sequence

from ..apiobjects import JsonObject
from ..errors import Cause
from .equality import same, written
from .structural_schema import MISSING, Json, Schema, below
from .value_checks import type_cause, value_causes

_EMBEDDED_IDENTITY = ("apiVersion", "kind")


def schema_causes(value: Json, schema: Schema, path: str = "", *, old: Json = MISSING) -> list[Cause]:
    """What is wrong with `value`; `old` is what stood there before, MISSING if nothing did."""
    return list(_causes(value, schema, path, old))


def _causes(value: Json, schema: Schema, path: str, old: Json) -> Iterator[Cause]:
    if old is not MISSING and same(value, old):
        return
    if value is None and schema.nullable:
        return
    wrong_type = type_cause(value, schema, path)
    if wrong_type is not None:
        yield wrong_type
        return
    if isinstance(value, dict):
        yield from _property_causes(value, schema, path, old if isinstance(old, dict) else {})
    elif isinstance(value, list):
        yield from _item_causes(value, schema, path, old if isinstance(old, list) else [])
    yield from value_causes(value, schema.checks, path)
    yield from _combination_causes(value, schema, path)


def _property_causes(value: JsonObject, schema: Schema, path: str, old: JsonObject) -> Iterator[Cause]:
    if schema.embedded:
        for name in _EMBEDDED_IDENTITY:
            if not value.get(name):
                yield Cause("FieldValueRequired", "Required value: must not be empty", below(path, name))
    for name, part in value.items():
        known = schema.properties.get(name)
        if known is not None:
            yield from _causes(part, known, below(path, name), old.get(name, MISSING))
        elif schema.additional_schema is not None:
            yield from _causes(part, schema.additional_schema, below(path, name), old.get(name, MISSING))


def _item_causes(value: list[Json], schema: Schema, path: str, old: list[Json]) -> Iterator[Cause]:
    # Only the items of a map can be told apart, so that it is known which one an item was before.
    before = {_key(item, schema.list_keys): item for item in old} if schema.list_type == "map" else {}
    if schema.items is not None:
        for index, item in enumerate(value):
            earlier = before.get(_key(item, schema.list_keys), MISSING) if before else MISSING
            yield from _causes(item, schema.items, below(path, index), earlier)
    if schema.list_type in ("set", "map"):
        yield from _duplicate_causes(value, schema, path)


def _key(item: Json, names: Sequence[str]) -> bytes:
    return written({name: item.get(name) for name in names} if isinstance(item, dict) else item)


def _duplicate_causes(value: list[Json], schema: Schema, path: str) -> Iterator[Cause]:
    seen: set[bytes] = set()
    for index, item in enumerate(value):
        key = _key(item, schema.list_keys) if schema.list_type == "map" else written(item)
        if key in seen:
            yield Cause("FieldValueDuplicate", f"Duplicate value: {key.decode()}", below(path, index))
        seen.add(key)


def _combination_causes(value: Json, schema: Schema, path: str) -> Iterator[Cause]:
    name = f'"{path or "<root>"}"'
    for part in schema.all_of:
        yield from _causes(value, part, path, MISSING)
    if schema.any_of:
        outcomes = [list(_causes(value, part, path, MISSING)) for part in schema.any_of]
        if all(outcomes):
            yield _invalid(path, f"{name} must validate at least one schema (anyOf)")
            yield from outcomes[0]
    if schema.one_of:
        matching = sum(1 for part in schema.one_of if not list(_causes(value, part, path, MISSING)))
        if matching != 1:
            found = "Found none valid" if matching == 0 else f"Found {matching} valid alternatives"
            yield _invalid(path, f"{name} must validate one and only one schema (oneOf). {found}")
    if schema.negated is not None and not list(_causes(value, schema.negated, path, MISSING)):
        yield _invalid(path, f"{name} must not validate the schema (not)")


def _invalid(path: str, rule: str) -> Cause:
    return Cause("FieldValueInvalid", f"Invalid value: {rule}", path or "<nil>")
