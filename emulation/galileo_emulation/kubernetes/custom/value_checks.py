"""The keywords of a schema that judge one value by itself: enum, bounds, lengths, pattern, format, and its type.

The words follow those of a real server, since people read them; reasons and fields are what clients act upon.
"""

import math
from collections.abc import Iterator
from typing import Any

import orjson

from ..apiobjects import JsonObject
from ..errors import Cause
from .equality import same
from .formats import FORMATS
from .patterns import compiled
from .structural_schema import Json, Schema

Number = int | float


def type_of(value: Json) -> str:
    """A value's type as schemas name it; a number without a fraction is an integer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    names: dict[type, str] = {float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]


def type_cause(value: Json, schema: Schema, path: str) -> Cause | None:
    """Say that a value has another type than its schema; None when it has the type."""
    found = type_of(value)
    if found == "null" and schema.nullable:
        return None
    allowed = ["integer", "string"] if schema.int_or_string else [schema.type] if schema.type else []
    if not allowed or found in allowed or (found == "integer" and "number" in allowed):
        return None
    wanted = ",".join(allowed)
    message = f'Invalid value: "{found}": {path or "<root>"} in body must be of type {wanted}: "{found}"'
    return Cause("FieldValueTypeInvalid", message, path)


def value_causes(value: Json, checks: JsonObject, path: str) -> Iterator[Cause]:
    """Judge a value by all keywords that apply to its type."""
    if "enum" in checks and not any(same(value, offered) for offered in checks["enum"]):
        offered = ", ".join(_json(choice) for choice in checks["enum"])
        message = f"Unsupported value: {_json(value)}: supported values: {offered}"
        yield Cause("FieldValueNotSupported", message, path)
    if isinstance(value, str):
        yield from _text_causes(value, checks, path)
    elif isinstance(value, list):
        yield from _size_causes(len(value), checks, path, "Items", "items")
    elif isinstance(value, dict):
        yield from _size_causes(len(value), checks, path, "Properties", "properties")
        yield from _required_causes(value, checks, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_causes(value, checks, path)


def _required_causes(value: JsonObject, checks: JsonObject, path: str) -> Iterator[Cause]:
    for name in checks.get("required", ()):
        if name not in value:
            yield Cause("FieldValueRequired", "Required value", f"{path}.{name}" if path else name)


def _text_causes(value: str, checks: JsonObject, path: str) -> Iterator[Cause]:
    longest, shortest, pattern = checks.get("maxLength"), checks.get("minLength"), checks.get("pattern")
    if longest is not None and len(value) > longest:
        yield Cause("FieldValueTooLong", f"Too long: may not be more than {longest} bytes", path)
    if shortest is not None and len(value) < shortest:
        yield _wrong(value, path, f"should be at least {shortest} chars long")
    if pattern and compiled(pattern).search(value) is None:
        yield _wrong(value, path, f"should match '{pattern}'")
    has_format = FORMATS.get(checks.get("format", ""))
    if has_format is not None and not has_format(value):
        message = f"Invalid value: {_json(value)}: {path} in body must be of type {checks['format']}: {_json(value)}"
        yield Cause("FieldValueTypeInvalid", message, path)


def _size_causes(size: int, checks: JsonObject, path: str, keyword: str, noun: str) -> Iterator[Cause]:
    most, least = checks.get(f"max{keyword}"), checks.get(f"min{keyword}")
    if most is not None and size > most:
        yield Cause("FieldValueTooMany", f"Too many: {size}: must have at most {most} items", path)
    if least is not None and size < least:
        yield _wrong(size, path, f"should have at least {least} {noun}")


def _number_causes(value: Number, checks: JsonObject, path: str) -> Iterator[Cause]:
    least, most, step = checks.get("minimum"), checks.get("maximum"), checks.get("multipleOf")
    if least is not None and (value <= least if checks.get("exclusiveMinimum") else value < least):
        relation = "greater than" if checks.get("exclusiveMinimum") else "greater than or equal to"
        yield _wrong(value, path, f"should be {relation} {least}")
    if most is not None and (value >= most if checks.get("exclusiveMaximum") else value > most):
        relation = "less than" if checks.get("exclusiveMaximum") else "less than or equal to"
        yield _wrong(value, path, f"should be {relation} {most}")
    if step and not _is_multiple(value, step):
        yield _wrong(value, path, f"should be a multiple of {step}")


def _is_multiple(value: Number, step: Number) -> bool:
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    quotient = value / step
    if not math.isfinite(quotient):
        return False
    # 0.3 is a multiple of 0.1, whatever the last bits say.
    return abs(quotient - round(quotient)) < 1e-9 * max(1.0, abs(quotient))


def _wrong(value: Json, path: str, rule: str) -> Cause:
    return Cause("FieldValueInvalid", f"Invalid value: {_json(value)}: {path} in body {rule}", path)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
