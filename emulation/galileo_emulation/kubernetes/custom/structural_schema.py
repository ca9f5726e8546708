"""A custom kind's schema in the form in which objects are pruned, defaulted and checked against it.

A definition brings its schema as JSON (OpenAPI v3, restricted by structural_rules.py). Here that becomes a tree of
`Schema` nodes, once for each version of a definition; pruning.py, defaulting.py and value_validation.py walk an object
and this tree side by side. The parts below allOf, anyOf, oneOf and not have the same form, without a type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..apiobjects import JsonObject

# A JSON value of any type; which, is what a schema is there to say.
Json: TypeAlias = Any


class Missing:
    """Stands for the absence of a default, since null is a value."""


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of x-kubernetes-validations, as written."""

    rule: str
    message: str = ""
    message_expression: str = ""
    reason: str = "FieldValueInvalid"
    field_path: str = ""
    optional_old: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """One node. `additional` is a schema for further properties, True for any, None where there are none.

    `checks` holds the remaining keywords (required, enum, minimum, …) as written. `all_of`, `any_of`, `one_of` and
    `negated` hold value checks alone. `has_rules` tells whether there are rules here or in any part.
    """

    type: str = ""
    nullable: bool = False
    properties: Mapping[str, "Schema"] = field(default_factory=dict)
    additional: "Schema | bool | None" = None
    items: "Schema | None" = None
    default: Json = MISSING
    preserve: bool = False
    embedded: bool = False
    int_or_string: bool = False
    list_type: str = "atomic"
    list_keys: tuple[str, ...] = ()
    all_of: tuple["Schema", ...] = ()
    any_of: tuple["Schema", ...] = ()
    one_of: tuple["Schema", ...] = ()
    negated: "Schema | None" = None
    rules: tuple[Rule, ...] = ()
    has_rules: bool = False
    checks: JsonObject = field(default_factory=dict)

    @property
    def additional_schema(self) -> "Schema | None":
        """The schema of further properties; None where there are none, or of any form."""
        return self.additional if isinstance(self.additional, Schema) else None


_STRUCTURE = {
    "type",
    "nullable",
    "properties",
    "additionalProperties",
    "items",
    "default",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "description",
    "title",
    "example",
    "externalDocs",
}


def schema_of(raw: JsonObject) -> Schema:
    """Read a schema that has passed the rules for structural schemas."""
    further = raw.get("additionalProperties")
    properties = {name: schema_of(part) for name, part in raw.get("properties", {}).items()}
    additional = schema_of(further) if isinstance(further, dict) else None
    items = schema_of(raw["items"]) if "items" in raw else None
    rules = tuple(_rule(entry) for entry in raw.get("x-kubernetes-validations", ()))
    within = [part for part in (*properties.values(), additional, items) if part is not None]
    return Schema(
        type=raw.get("type", ""),
        nullable=raw.get("nullable", False),
        properties=properties,
        additional=additional or further or None,
        items=items,
        default=raw.get("default", MISSING),
        preserve=raw.get("x-kubernetes-preserve-unknown-fields", False),
        embedded=raw.get("x-kubernetes-embedded-resource", False),
        int_or_string=raw.get("x-kubernetes-int-or-string", False),
        list_type=raw.get("x-kubernetes-list-type", "atomic"),
        list_keys=tuple(raw.get("x-kubernetes-list-map-keys", ())),
        all_of=tuple(schema_of(part) for part in raw.get("allOf", ())),
        any_of=tuple(schema_of(part) for part in raw.get("anyOf", ())),
        one_of=tuple(schema_of(part) for part in raw.get("oneOf", ())),
        negated=schema_of(raw["not"]) if "not" in raw else None,
        rules=rules,
        has_rules=bool(rules) or any(part.has_rules for part in within),
        checks={key: value for key, value in raw.items() if key not in _STRUCTURE and not key.startswith("x-")},
    )


def _rule(entry: JsonObject) -> Rule:
    return Rule(
        rule=entry.get("rule", ""),
        message=entry.get("message", ""),
        message_expression=entry.get("messageExpression", ""),
        reason=entry.get("reason") or "FieldValueInvalid",
        field_path=entry.get("fieldPath", ""),
        optional_old=bool(entry.get("optionalOldSelf", False)),
    )


def below(path: str, step: str | int) -> str:
    """The path of a part: `spec.zone`, `spec.list[0]`, `spec.map[odd.key]`."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step
