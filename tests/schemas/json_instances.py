"""Hypothesis strategies: any JSON that a published schema allows, and any event of a type.

The first is what a service in another language might write, which knows the schema and nothing else: optional fields
left out or not, whole numbers written as `3.0`, fields that nobody knows, names of any text.
"""

from __future__ import annotations

from typing import Any

from galileo_schemas.event import Event
from hypothesis import strategies as st
from msgspec import inspect as types

Schema = dict[str, Any]
Values = st.SearchStrategy[Any]

NUMBERS: Values = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS: Values = st.integers(-(2**63), 2**63 - 1)
TEXTS: Values = st.text(max_size=8)
ANYTHING: Values = st.recursive(
    st.none() | st.booleans() | INTEGERS | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def instances(schema: Schema, document: Schema) -> Values:
    """Any JSON value that the schema allows; references are looked up in the document."""
    if "$ref" in schema:
        return instances(document["$defs"][schema["$ref"].removeprefix("#/$defs/")], document)
    if "anyOf" in schema:
        return st.one_of([instances(choice, document) for choice in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "object":
            return _objects(schema, document)
        case "array":
            return st.lists(instances(schema.get("items", {}), document), max_size=3)
        case "string":
            return TEXTS
        case "number":
            return NUMBERS | INTEGERS
        case "integer":
            return INTEGERS | st.integers(-(2**50), 2**50).map(float)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case None:
            return ANYTHING
    raise ValueError(f"no strategy for {schema}")


def _objects(schema: Schema, document: Schema) -> Values:
    if "properties" in schema:
        fields = {name: instances(field, document) for name, field in schema["properties"].items()}
        required = {name: fields[name] for name in schema["required"]}
        optional = {name: field for name, field in fields.items() if name not in required}
        unknown = st.dictionaries(TEXTS.filter(lambda name: name not in fields), ANYTHING, max_size=1)
        known = st.fixed_dictionaries(required, optional=optional)
        return st.builds(lambda more, own: {**more, **own}, unknown, known)
    names = st.from_regex(schema["propertyNames"]["pattern"], fullmatch=True) if "propertyNames" in schema else TEXTS
    return st.dictionaries(names, instances(schema.get("additionalProperties", {}), document), max_size=3)


def events(event_type: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of a type, also such as nobody should say: a number may be none."""
    found: st.SearchStrategy[Event] = _of(types.type_info(event_type))
    return found


def _of(kind: types.Type) -> Values:
    match kind:
        case types.StructType():
            return st.builds(kind.cls, **{field.name: _of(field.type) for field in kind.fields})
        case types.UnionType():
            return st.one_of([_of(choice) for choice in kind.types])
        case types.ListType():
            return st.lists(_of(kind.item_type), max_size=3)
        case types.VarTupleType():
            return st.lists(_of(kind.item_type), max_size=3).map(tuple)
        case types.DictType():
            return st.dictionaries(_of(kind.key_type), _of(kind.value_type), max_size=3)
        case types.LiteralType():
            return st.sampled_from(kind.values)
        case types.AnyType():
            return ANYTHING
        case types.FloatType():
            return st.floats()
    simple: dict[type[types.Type], Values] = {
        types.StrType: TEXTS,
        types.IntType: INTEGERS,
        types.BoolType: st.booleans(),
        types.NoneType: st.none(),
    }
    return simple[type(kind)]
