"""The structure of a custom kind's objects, from the schema (OpenAPI v3) in its definition.

The marks are the API's: x-kubernetes-list-type (atomic, set, map), x-kubernetes-list-map-keys, x-kubernetes-map-type
(granular, atomic), x-kubernetes-preserve-unknown-fields, x-kubernetes-embedded-resource, x-kubernetes-int-or-string.
A kind without a schema is merged by what is found in its objects.
"""

from ..apiobjects import JsonObject
from .built_in_structures import object_structure
from .structures import DEDUCED, FieldOf, ListOf, MapOf, Scalar, Struct, Structure

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def structure_of_schema(schema: JsonObject | None) -> Struct:
    """The structure for `Kind.structure`; `schema` is the definition's openAPIV3Schema, None where there is none."""
    below = _structure(schema) if schema is not None else DEDUCED
    return object_structure(below if isinstance(below, Struct) else Struct(others=DEDUCED))


def _structure(schema: JsonObject) -> Structure:
    if schema.get("x-kubernetes-int-or-string"):
        return Scalar()
    match schema.get("type"):
        case "object":
            return _object(schema)
        case "array":
            return _list(schema)
        case str() as plain if plain in _SCALARS:
            return Scalar(_SCALARS[plain])
        case _:
            return DEDUCED


def _object(schema: JsonObject) -> Structure:
    whole = schema.get("x-kubernetes-map-type") == "atomic"
    properties = schema.get("properties", {})
    additional = schema.get("additionalProperties")
    others: Structure | None = None
    if isinstance(additional, dict) and additional:
        others = _structure(additional)
    elif additional or schema.get("x-kubernetes-preserve-unknown-fields"):
        others = DEDUCED
    if not properties and others is not None and others is not DEDUCED:
        return MapOf(others, whole=whole)
    if not properties and others is None:
        others = DEDUCED
    fields = {name: FieldOf(f"f:{name}", _structure(below)) for name, below in properties.items()}
    structure = Struct(fields, others, whole)
    return object_structure(structure) if schema.get("x-kubernetes-embedded-resource") else structure


def _list(schema: JsonObject) -> ListOf:
    items = schema.get("items", {})
    kind = schema.get("x-kubernetes-list-type", "atomic")
    keys = tuple(schema.get("x-kubernetes-list-map-keys", ())) if kind == "map" else ()
    described = items.get("properties", {})
    defaults = {key: described[key]["default"] for key in keys if "default" in described.get(key, {})}
    return ListOf(_structure(items), keys=keys, is_set=kind == "set", key_defaults=defaults)
