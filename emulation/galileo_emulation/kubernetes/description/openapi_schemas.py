"""The components of the OpenAPI description: one schema for each kind, and for each type that it contains.

    field types (fields.json) -> properties, with $ref to further types
    a custom resource's definition -> its own schema

Words for the fields that people ask for most are in field_words.json, by type; under `*` are those that hold for a
field of any type, under `*Condition` those for all types with such an end. A field without any is told by its type
alone.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import orjson

from ..apiobjects import JsonObject
from ..kind import Kind
from ..types.fields import field_types

_PLAIN: dict[str, JsonObject] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "microtime": {"type": "string", "format": "date-time"},
    "quantity": {"$ref": "#/components/schemas/Quantity"},
    "object": {"type": "object"},
}
_QUANTITY: JsonObject = {"Quantity": {"type": "string", "description": "An amount such as 250m, 2, or 512Mi."}}
# Types that hold what could be anything.
_TREES = {"V1JSONSchemaProps"}
_METADATA = "V1ObjectMeta"
_VERSIONED = re.compile(r"([A-Z][a-z]+)??(V\d)([A-Z].*)")


@cache
def _words() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = orjson.loads(files(__package__).joinpath("field_words.json").read_bytes())
    return words


def _words_for(type_name: str) -> dict[str, str]:
    """Words by field of a type, "" for the type itself; what is said of the type alone wins."""
    words = _words()
    common = {key: text for key, text in words["*"].items() if key}
    if type_name.endswith("Condition"):
        common |= words["*Condition"]
    return common | words.get(type_name, {})


def component_name(kind: Kind) -> str:
    """The name of a kind's schema among the components."""
    group = kind.group or "core"
    return ".".join([*reversed(group.split(".")), kind.version, kind.kind])


def components(kinds: Iterable[Kind]) -> JsonObject:
    """The schemas of the kinds and of all that they contain, by name."""
    found: JsonObject = dict(_QUANTITY)
    for kind in kinds:
        if kind.custom is not None:
            found[component_name(kind)] = _custom_schema(kind, kind.custom.schema)
            found[_shown(_METADATA)] = _type_schema(_METADATA)
            _collect(_METADATA, found)
        elif kind.schema in field_types():
            found[component_name(kind)] = _kind_schema(kind)
            _collect(kind.schema, found)
        else:
            found[component_name(kind)] = {"type": "object", **_mark(kind)}
    return found


def _shown(type_name: str) -> str:
    """`V1PodSpec` as `v1.PodSpec`: kubectl shows what is behind the last dot."""
    found = _VERSIONED.fullmatch(type_name)
    return type_name if found is None else ".".join([*filter(None, [found[1]]), found[2].lower(), found[3]])


def _mark(kind: Kind) -> JsonObject:
    mark = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    return {"x-kubernetes-group-version-kind": [mark]}


def _custom_schema(kind: Kind, schema: JsonObject) -> JsonObject:
    """A definition's own schema, with the fields that every object has."""
    common = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": _field_schema(_METADATA)}
    return {**schema, "properties": {**common, **schema.get("properties", {})}, **_mark(kind)}


def _kind_schema(kind: Kind) -> JsonObject:
    return _type_schema(kind.schema) | _mark(kind)


def _collect(type_name: str, found: JsonObject) -> None:
    for field_type in field_types()[type_name].values():
        inner = field_type.removeprefix("list:").removeprefix("map:").removeprefix("list:")
        if inner in field_types() and _shown(inner) not in found:
            found[_shown(inner)] = _type_schema(inner)
            _collect(inner, found)


def _type_schema(type_name: str) -> JsonObject:
    words = _words_for(type_name)
    properties = {
        name: _described(_field_schema(field_type), words.get(name))
        for name, field_type in field_types()[type_name].items()
    }
    return _described({"type": "object", "properties": properties}, words.get(""))


def _described(schema: JsonObject, text: str | None) -> JsonObject:
    if text is None:
        return schema
    if "$ref" in schema:  # beside a reference nothing else counts
        return {"description": text, "allOf": [schema]}
    return {"description": text, **schema}


def _field_schema(field_type: str) -> JsonObject:
    if field_type.startswith("list:"):
        return {"type": "array", "items": _field_schema(field_type[5:])}
    if field_type.startswith("map:"):
        return {"type": "object", "additionalProperties": _field_schema(field_type[4:])}
    if field_type in _TREES:
        return {"type": "object"}
    if field_type in field_types():
        return {"$ref": f"#/components/schemas/{_shown(field_type)}"}
    return dict(_PLAIN.get(field_type, {}))
