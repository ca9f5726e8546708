"""Checking values against a schema, keyword by keyword."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.custom.structural_schema import MISSING, schema_of
from galileo_emulation.kubernetes.custom.value_validation import schema_causes

Json = Any
TEXT = {"type": "string"}
EITHER = {"x-kubernetes-int-or-string": True}


def found(schema: Json, value: Json, old: Json = MISSING) -> list[tuple[str, str]]:
    causes = schema_causes(value, schema_of(schema), "v", old=old)
    return [(cause.reason.removeprefix("FieldValue"), cause.field) for cause in causes]


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "reason"),
    [
        (TEXT, "a", 5, "TypeInvalid"),
        ({"type": "integer"}, 5, 5.5, "TypeInvalid"),
        ({"type": "integer"}, 5.0, True, "TypeInvalid"),
        ({"type": "number"}, 5, "5", "TypeInvalid"),
        ({"type": "boolean"}, True, 1, "TypeInvalid"),
        ({"type": "object"}, {}, [], "TypeInvalid"),
        ({"type": "array", "items": TEXT}, [], {}, "TypeInvalid"),
        ({**TEXT, "nullable": True}, None, 5, "TypeInvalid"),
        (TEXT, "a", None, "TypeInvalid"),
        (EITHER, "a", 5.5, "TypeInvalid"),
        (EITHER, 5, None, "TypeInvalid"),
        ({**TEXT, "enum": ["a", "b"]}, "a", "c", "NotSupported"),
        ({"type": "integer", "enum": [1]}, 1, 2, "NotSupported"),
        ({"type": "integer", "minimum": 1}, 1, 0, "Invalid"),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 2, 1, "Invalid"),
        ({"type": "integer", "maximum": 1}, 1, 2, "Invalid"),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": True}, 0.9, 1, "Invalid"),
        ({"type": "number", "multipleOf": 0.1}, 0.3, 0.35, "Invalid"),
        ({"type": "integer", "multipleOf": 3}, 9, 10, "Invalid"),
        ({**TEXT, "minLength": 2}, "ab", "a", "Invalid"),
        ({**TEXT, "maxLength": 2}, "ab", "abc", "TooLong"),
        ({**TEXT, "pattern": "^[[:alpha:]]+$"}, "ab", "a1", "Invalid"),
        ({**TEXT, "format": "date-time"}, "2024-05-05T00:00:00Z", "yesterday", "TypeInvalid"),
        ({**TEXT, "format": "ipv4"}, "10.0.0.1", "10.0.0.256", "TypeInvalid"),
        ({**TEXT, "format": "cidr"}, "10.0.0.0/8", "10.0.0.0", "TypeInvalid"),
        ({**TEXT, "format": "uuid"}, "00000000-0000-0000-0000-000000000000", "0", "TypeInvalid"),
        ({**TEXT, "format": "byte"}, "YQ==", "a", "TypeInvalid"),
        ({**TEXT, "format": "duration"}, "1h30m", "soon", "TypeInvalid"),
        ({"type": "array", "items": TEXT, "minItems": 1}, ["a"], [], "Invalid"),
        ({"type": "array", "items": TEXT, "maxItems": 1}, ["a"], ["a", "b"], "TooMany"),
        ({"type": "object", "additionalProperties": TEXT, "maxProperties": 1}, {}, {"a": "", "b": ""}, "TooMany"),
        ({"type": "object", "additionalProperties": TEXT, "minProperties": 1}, {"a": ""}, {}, "Invalid"),
        ({"type": "integer", "not": {"minimum": 5}}, 4, 5, "Invalid"),
        ({"type": "integer", "oneOf": [{"minimum": 5}, {"maximum": 5}]}, 4, 5, "Invalid"),
        ({"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": 3}]}, 3, 4, "Invalid"),
        ({"type": "integer", "allOf": [{"minimum": 5}, {"maximum": 7}]}, 6, 4, "Invalid"),
    ],
)
def test_keywords(schema: Json, right: Json, wrong: Json, reason: str) -> None:
    assert found(schema, right) == []
    assert found(schema, wrong)[0] == (reason, "v")


@pytest.mark.parametrize(
    ("schema", "value", "reason", "field"),
    [
        ({"type": "object", "properties": {"a": TEXT}, "required": ["a"]}, {}, "Required", "v.a"),
        ({"type": "object", "properties": {"a": TEXT}}, {"a": 5}, "TypeInvalid", "v.a"),
        ({"type": "object", "additionalProperties": TEXT}, {"b": 5}, "TypeInvalid", "v.b"),
        ({"type": "array", "items": TEXT}, ["a", 5], "TypeInvalid", "v[1]"),
        (
            {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True},
            {"kind": "Pod"},
            "Required",
            "v.apiVersion",
        ),
        ({"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"}, ["a", "b", "a"], "Duplicate", "v[2]"),
        (
            {
                "type": "array",
                "items": {"type": "object", "properties": {"name": TEXT, "n": {"type": "integer"}}},
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
            },
            [{"name": "a", "n": 1}, {"name": "a", "n": 2}],
            "Duplicate",
            "v[1]",
        ),
    ],
)
def test_the_place_within(schema: Json, value: Json, reason: str, field: str) -> None:
    assert found(schema, value) == [(reason, field)]


def test_true_is_not_one_in_a_set_nor_an_enum() -> None:
    numbers = {
        "type": "array",
        "items": {"x-kubernetes-preserve-unknown-fields": True},
        "x-kubernetes-list-type": "set",
    }
    assert found(numbers, [1, True]) == []
    assert found({"x-kubernetes-preserve-unknown-fields": True, "enum": [1]}, True) == [("NotSupported", "v")]


LIST = {
    "type": "array",
    "items": {"type": "object", "properties": {"name": TEXT, "size": {"type": "integer", "maximum": 3}}},
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
}


def test_what_was_wrong_before_is_let_be_item_by_item() -> None:
    old = [{"name": "a", "size": 9}, {"name": "b", "size": 1}]
    moved = [{"name": "b", "size": 2}, {"name": "a", "size": 9}]
    assert found(LIST, moved, old) == []
    assert found(LIST, [{"name": "a", "size": 8}], old) == [("Invalid", "v[0].size")]
    atomic = {**LIST, "x-kubernetes-list-type": "atomic"}
    assert found(atomic, moved, old) == [("Invalid", "v[1].size")]
