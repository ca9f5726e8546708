"""Reading an object as its kind: wrong types are refused, unknown fields are dropped and warned about, quantities and
empty values are brought into the form in which the API keeps them.

The table of fields is fields.json (written by write_fields.py). What is absent, null, or an empty list or map is the
same thing to the API, and is written as absent; an empty structure (`emptyDir: {}`) is kept.
"""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from ..apiobjects import JsonObject
from .quantities import QuantityError, canonical
from .zero_values import omitted_when_zero

# A JSON value whose type is what this module finds out.
Json = Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")
_PLAIN: dict[str, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "int": (int,), "float": (int, float)}


class FieldError(ValueError):
    """A field holds what its type does not allow."""


@dataclass(slots=True)
class Reading:
    """An object as its kind, and the paths of the fields that the kind does not have."""

    body: JsonObject = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


@cache
def field_types() -> dict[str, dict[str, str]]:
    """Type name to field name to field type; types: a type name, str, int, …, and list: or map: of one."""
    table: dict[str, dict[str, str]] = orjson.loads(files(__package__).joinpath("fields.json").read_bytes())
    return table


def types_of_fields(schema: str) -> dict[str, str] | None:
    """Field name to field type (see write_fields.py) of a type, or None when it is none of the table's."""
    return field_types().get(schema)


@cache
def _omitted() -> dict[str, frozenset[str]]:
    return {schema: omitted_when_zero(schema, fields) for schema, fields in field_types().items()}


def read(schema: str, raw: Json) -> Reading:
    """Read `raw` as the type `schema`. Raises FieldError: the field's path, what was found, what was expected."""
    reading = Reading()
    body = _structure(schema, raw, "", reading.unknown)
    reading.body = body
    return reading


def _structure(schema: str, raw: Json, path: str, unknown: list[str]) -> JsonObject:
    if not isinstance(raw, dict):
        raise FieldError(f"{path or 'the object'}: expected an object, found {_named(raw)}")
    known = field_types()[schema]
    zero_omitted = _omitted()[schema]
    result: JsonObject = {}
    for name, value in raw.items():
        below = f"{path}.{name}" if path else name
        field_type = known.get(name)
        if field_type is None:
            unknown.append(below)
            continue
        if value is None:
            continue
        read_value = _value(field_type, value, below, unknown)
        if read_value in ([], {}) and field_type.startswith(("list:", "map:")):
            continue
        if not read_value and name in zero_omitted:
            continue
        result[name] = read_value
    return result


def _value(field_type: str, value: Json, path: str, unknown: list[str]) -> Json:
    if field_type.startswith("list:"):
        if not isinstance(value, list):
            raise FieldError(f"{path}: expected a list, found {_named(value)}")
        of = field_type[5:]
        return [_value(of, item, f"{path}[{index}]", unknown) for index, item in enumerate(value)]
    if field_type.startswith("map:"):
        if not isinstance(value, dict):
            raise FieldError(f"{path}: expected a map, found {_named(value)}")
        of = field_type[4:]
        return {key: _value(of, item, f"{path}.{key}", unknown) for key, item in value.items()}
    if field_type.startswith("bool|"):
        return value if isinstance(value, bool) else _value(field_type[5:], value, path, unknown)
    if field_type in field_types():
        return _structure(field_type, value, path, unknown)
    return _plain(field_type, value, path)


def _plain(field_type: str, value: Json, path: str) -> Json:
    if field_type == "quantity":
        return _quantity(value, path)
    if field_type == "bytes":
        return _bytes(value, path)
    if field_type in ("datetime", "microtime"):
        pattern, form = (
            (_TIME, "2006-01-02T15:04:05Z")
            if field_type == "datetime"
            else (_MICRO_TIME, "2006-01-02T15:04:05.000000Z (six digits)")
        )
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise FieldError(f"{path}: expected a time such as {form}, found {value!r}")
        return value
    wanted = _PLAIN.get(field_type)
    if wanted is None:  # "object": an integer or a string, or anything at all
        return value
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise FieldError(f"{path}: expected {field_type}, found {_named(value)}")
    return value


def _quantity(value: Json, path: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FieldError(f"{path}: expected a quantity, found {_named(value)}")
    try:
        return canonical(value)
    except QuantityError as error:
        raise FieldError(f"{path}: {error}") from None


def _bytes(value: Json, path: str) -> str:
    if not isinstance(value, str):
        raise FieldError(f"{path}: expected base64, found {_named(value)}")
    # Line breaks within base64 are passed over, and not kept.
    unbroken = value.replace("\n", "").replace("\r", "")
    try:
        b64decode(unbroken, validate=True)
    except ValueError as error:
        raise FieldError(f"{path}: illegal base64 data: {error}") from None
    return unbroken


def _named(value: Json) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
