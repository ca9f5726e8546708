"""An event's fields in words: name on the wire, type, default. Read from the types themselves by msgspec."""

from __future__ import annotations

import json
from typing import NamedTuple

import msgspec
from galileo_schemas.json_schema.field_words import field_docs
from msgspec import inspect as types

_SIMPLE: dict[type[types.Type], str] = {
    types.StrType: "text",
    types.FloatType: "number",
    types.IntType: "integer",
    types.BoolType: "true or false",
    types.NoneType: "null",
    types.AnyType: "anything",
}


class FieldRow(NamedTuple):
    """One field as a table shows it; `default` is "required" where there is none."""

    name: str
    type: str
    default: str
    doc: str


def fields_of(struct: type[msgspec.Struct], *, without: frozenset[str] = frozenset()) -> list[FieldRow]:
    """All fields of a struct in order, those of its bases first; `without` names fields to leave out."""
    told = field_docs(struct)
    return [
        FieldRow(field.encode_name, type_in_words(field.type), _default(field), told.get(field.name, ""))
        for field in _struct_type(struct).fields
        if field.name not in without
    ]


def parts_of(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """The structs that a struct's fields hold, directly or within others, in the order of first use."""
    found: dict[type[msgspec.Struct], None] = {}
    for field in _struct_type(struct).fields:
        _collect(field.type, found)
    return list(found)


def type_in_words(kind: types.Type) -> str:
    """`text`, `number or null`, `list of text`, `{text: number}`, or a struct's name."""
    match kind:
        case types.UnionType():
            return " or ".join(type_in_words(choice) for choice in kind.types)
        case types.ListType() | types.VarTupleType():
            return f"list of {type_in_words(kind.item_type)}"
        case types.DictType():
            return f"{{{type_in_words(kind.key_type)}: {type_in_words(kind.value_type)}}}"
        case types.StructType():
            return kind.cls.__name__
        case types.LiteralType():
            return " or ".join(f"`{value}`" for value in kind.values)
    return _SIMPLE[type(kind)]


def _struct_type(struct: type[msgspec.Struct]) -> types.StructType:
    info = types.type_info(struct)
    if not isinstance(info, types.StructType):
        raise TypeError(f"{struct.__name__} is no msgspec struct")
    return info


def _collect(kind: types.Type, found: dict[type[msgspec.Struct], None]) -> None:
    match kind:
        case types.UnionType():
            for choice in kind.types:
                _collect(choice, found)
        case types.ListType() | types.VarTupleType():
            _collect(kind.item_type, found)
        case types.DictType():
            _collect(kind.value_type, found)
        case types.StructType() if kind.cls not in found:
            found[kind.cls] = None
            for field in kind.fields:
                _collect(field.type, found)


def _default(field: types.Field) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return f"`{json.dumps(value)}`"
