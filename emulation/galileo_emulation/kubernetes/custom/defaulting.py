"""Defaulting: what a schema names a default for is filled in where it is absent, or null where null is not allowed.

A null that is neither allowed nor has a default is taken out, as if it had not been sent. Defaulting what was defaulted
changes nothing.
"""

from ..apiobjects import JsonObject, copied
from .structural_schema import MISSING, Json, Schema


def default(value: Json, schema: Schema | None) -> None:
    """Fill `value` in place."""
    if schema is None:
        return
    if isinstance(value, dict):
        _fill(value, schema)
        for name in list(value):
            part = schema.properties.get(name) or schema.additional_schema
            if _refused_null(value[name], part):
                if name in schema.properties or part is None or part.default is MISSING:
                    del value[name]
                    continue
                value[name] = _copy(part.default)
            default(value[name], part)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if _refused_null(item, schema.items) and schema.items is not None and schema.items.default is not MISSING:
                value[index] = _copy(schema.items.default)
            default(value[index], schema.items)


def _fill(value: JsonObject, schema: Schema) -> None:
    for name, part in schema.properties.items():
        if part.default is not MISSING and (name not in value or _refused_null(value[name], part)):
            value[name] = _copy(part.default)


def _refused_null(value: Json, schema: Schema | None) -> bool:
    return value is None and schema is not None and not schema.nullable


def _copy(value: Json) -> Json:
    return copied({"value": value})["value"]
