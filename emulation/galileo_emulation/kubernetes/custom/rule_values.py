"""JSON values as values of rules: numbers, times and durations by their schema, fields by names that CEL can spell."""

import re

from .expressions import CelValue
from .structural_schema import Json, Schema

_RESERVED = {
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return",
}  # fmt: skip
_ESCAPES = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_ESCAPED = re.compile(r"__|[./-]")


def field_name(name: str) -> str:
    """How a rule spells a field. Source: "Escaping" in the Kubernetes documentation on validation rules."""
    if name in _RESERVED:
        return f"__{name}__"
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], name)


def cel_value(value: Json, schema: Schema | None) -> CelValue:
    """A value of the rules' language; without a schema, by its JSON type alone."""
    from celpy import celtypes  # loaded with the first rule
    from celpy.adapter import json_to_cel

    if isinstance(value, dict):
        properties = schema.properties if schema is not None else {}
        further = schema.additional_schema if schema is not None else None
        return celtypes.MapType(
            {
                celtypes.StringType(field_name(name) if name in properties else name): cel_value(
                    part, properties.get(name, further)
                )
                for name, part in value.items()
            }
        )
    if isinstance(value, list):
        items = schema.items if schema is not None else None
        return celtypes.ListType([cel_value(item, items) for item in value])
    if schema is not None and isinstance(value, str):
        form = schema.checks.get("format", "")
        if form in ("date", "date-time"):
            return celtypes.TimestampType(value)
        if form == "duration":
            return celtypes.DurationType(value)
    if schema is not None and schema.type == "number" and isinstance(value, int) and not isinstance(value, bool):
        return celtypes.DoubleType(value)
    return json_to_cel(value)
