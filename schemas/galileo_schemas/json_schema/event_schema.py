"""The JSON Schema of an event's value, from its type: what our writers write, and every reader of ours understands.

msgspec makes the schema of a struct; this adds what it cannot know: the event's name, how it travels, what docstrings
tell of fields, and which texts are keys of objects whose keys are integers. Older shapes, which are read as well, are
not in it. Unknown fields are allowed everywhere, since readers ignore them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect as types

from galileo_schemas import events as _events  # noqa: F401  (fills the registry)
from galileo_schemas.event import KINDS_BY_NAME, Event, EventKind
from galileo_schemas.json_schema.field_words import docs_of, field_docs, own_doc, sentences_about

DIALECT = "https://json-schema.org/draft/2020-12/schema"
WIRE_VERSION = 1
"""Counts up when a published schema changes in a way that older readers or writers cannot follow."""

INTEGER_KEY = "^(0|-?[1-9][0-9]*)$"
_META = "Where the event comes from; may be absent, as in what a person writes."

Schema = dict[str, Any]


def event_schema(kind: EventKind) -> Schema:
    """The schema of the event's JSON value, complete in itself, with what it holds under `$defs`."""
    parts = struct_schemas([kind.type], ref_template="#/$defs/{name}")
    own = parts.pop(kind.type.__name__)
    return {
        "$schema": DIALECT,
        "$id": schema_id(kind.name),
        "x-galileo-delivery": kind.delivery.value,
        "x-galileo-channel": kind.channel,
        **own,
        "title": kind.name,
        "$defs": dict(sorted(parts.items())),
    }


def schema_id(event_name: str) -> str:
    """The name by which a schema is known, whichever file it lies in."""
    return f"urn:galileo-edge:schema:{WIRE_VERSION}:event:{event_name}"


def own_kinds() -> list[EventKind]:
    """Galileo's events in the order in which they are declared; a plug-in's are published by the plug-in."""
    return [kind for kind in KINDS_BY_NAME.values() if kind.type.__module__.startswith("galileo_schemas.")]


def struct_schemas(structs: Iterable[type[msgspec.Struct]], *, ref_template: str) -> dict[str, Schema]:
    """The schemas of structs and of all that they hold, by class name; `ref_template` holds `{name}`."""
    wanted = list(structs)
    _refs, schemas = msgspec.json.schema_components(wanted, ref_template=ref_template)
    for struct in _with_parts(wanted):
        _describe(schemas[struct.__name__], struct)
    return dict(schemas)


def _with_parts(structs: list[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    found: dict[type[msgspec.Struct], None] = {}
    waiting: list[types.Type] = [types.type_info(struct) for struct in structs]
    while waiting:
        match waiting.pop(0):
            case types.StructType() as struct if struct.cls not in found:
                found[struct.cls] = None
                waiting += [field.type for field in struct.fields]
            case types.UnionType() as union:
                waiting += union.types
            case types.ListType() | types.VarTupleType() as items:
                waiting.append(items.item_type)
            case types.DictType() as mapping:
                waiting.append(mapping.value_type)
    return list(found)


def _describe(schema: Schema, struct: type[msgspec.Struct]) -> None:
    """Writes what docstrings tell into a struct's schema, and mends what msgspec leaves open."""
    info = types.type_info(struct)
    assert isinstance(info, types.StructType)
    docs = docs_of(struct, below=Event) if issubclass(struct, Event) else [own_doc(struct)]
    schema["description"] = "\n\n".join(docs)
    below = field_docs(struct)
    for field in info.fields:
        own = schema["properties"][field.encode_name]
        _mend(own, field.type)
        named = {field.encode_name, field.name}
        told = below.get(field.name) or " ".join(filter(None, (sentences_about(name, docs) for name in sorted(named))))
        if field.name == "meta":
            told = _META
        if told:
            schema["properties"][field.encode_name] = {"description": told, **own}


def _mend(schema: Schema, kind: types.Type) -> None:
    match kind:
        case types.DictType():
            if isinstance(kind.key_type, types.IntType):
                schema["propertyNames"] = {"pattern": INTEGER_KEY}
            if "additionalProperties" in schema:
                _mend(schema["additionalProperties"], kind.value_type)
        case types.ListType() | types.VarTupleType() if "items" in schema:
            _mend(schema["items"], kind.item_type)
        case types.UnionType():
            for part, choice in zip(schema.get("anyOf", ()), kind.types, strict=False):
                _mend(part, choice)
