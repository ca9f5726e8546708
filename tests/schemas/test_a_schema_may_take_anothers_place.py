"""Which changes of a published schema break those who hold to it: its writers, or its readers."""

from __future__ import annotations

from typing import Any

import pytest
from galileo_schemas.json_schema.compatibility import incompatibilities

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}
NULL = {"type": "null"}


def an_object(*required: str, **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required)}


def changed(before: Any, now: Any) -> list[str]:
    """What breaks when the field `x` changes from one schema to another."""
    return incompatibilities(an_object(x=before), an_object(x=now))


def test_the_same_schema_may() -> None:
    schema = an_object("a", a=TEXT, b={"anyOf": [NUMBER, NULL]}, c={"type": "array", "items": INTEGER})
    assert incompatibilities(schema, schema) == []


def test_a_field_may_be_added() -> None:
    assert incompatibilities(an_object("a", a=TEXT), an_object("a", a=TEXT, b=NUMBER)) == []


def test_a_lost_field_is_named() -> None:
    assert incompatibilities(an_object("a", a=TEXT, b=TEXT), an_object("a", a=TEXT)) == ["$.b: the field is gone"]


def test_a_renamed_field_is_lost_and_newly_required() -> None:
    assert incompatibilities(an_object("a", a=TEXT), an_object("b", b=TEXT)) == [
        "$.a: the field is gone",
        "$.b: the field is required and was not",
    ]


def test_a_field_newly_required_breaks_writers() -> None:
    assert incompatibilities(an_object(a=TEXT), an_object("a", a=TEXT)) == ["$.a: the field is required and was not"]


def test_a_field_no_longer_required_breaks_readers() -> None:
    [line] = incompatibilities(an_object("a", a=TEXT), an_object(a=TEXT))
    assert line == "$.a: the field was always there and may now be absent"


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (INTEGER, NUMBER),
        (TEXT, {"anyOf": [TEXT, NULL]}),
        (TEXT, {}),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}),
        ({"enum": ["a"]}, TEXT),
        ({"type": "array", "items": INTEGER}, {"type": "array", "items": NUMBER}),
        ({"type": "object", "additionalProperties": INTEGER}, {"type": "object", "additionalProperties": NUMBER}),
        ({"anyOf": [TEXT, NULL]}, {"anyOf": [NULL, TEXT, NUMBER]}),
    ],
)
def test_a_type_may_be_widened_but_not_narrowed(before: Any, now: Any) -> None:
    assert changed(before, now) == []
    assert len(changed(now, before)) == 1


@pytest.mark.parametrize(
    ("before", "now", "line"),
    [
        (TEXT, NUMBER, "$.x: string is no longer accepted, expected number"),
        ({"anyOf": [TEXT, NULL]}, TEXT, "$.x: null is no longer accepted, expected string"),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "$.x: 'a' or 'b' is no longer accepted, expected 'a'"),
        (an_object(y=TEXT), TEXT, "$.x: object is no longer accepted, expected string"),
        (
            {"type": "array", "items": TEXT},
            {"type": "array", "items": NULL},
            "$.x[]: string is no longer accepted, expected null",
        ),
        (
            {"type": "object", "additionalProperties": TEXT},
            {"type": "object", "additionalProperties": NULL},
            "$.x{}: string is no longer accepted, expected null",
        ),
        (
            {"type": "object", "additionalProperties": TEXT},
            {"type": "object", "additionalProperties": TEXT, "propertyNames": {"pattern": "^a"}},
            "$.x: not every name is accepted any more as a key",
        ),
        ({"type": "object", "additionalProperties": TEXT}, {"type": "object"}, None),
        ({"type": "object"}, an_object("y", y=TEXT), "$.x: any names were accepted, and now there are fields"),
    ],
)
def test_a_change_is_told_with_its_place(before: Any, now: Any, line: str | None) -> None:
    assert changed(before, now) == ([] if line is None else [line])


def test_what_an_object_holds_by_reference_is_compared() -> None:
    def holding(part: Any) -> dict[str, Any]:
        return an_object(x={"$ref": "#/$defs/Part"}) | {"$defs": {"Part": part}}

    assert incompatibilities(holding(an_object(y=TEXT)), holding(an_object(y=NUMBER))) == [
        "$.x.y: string is no longer accepted, expected number"
    ]


def test_a_definition_that_holds_itself_is_compared_once() -> None:
    tree = an_object(x={"$ref": "#/$defs/Tree"}) | {"$defs": {"Tree": an_object(x={"$ref": "#/$defs/Tree"}, y=TEXT)}}
    other = an_object(x={"$ref": "#/$defs/Tree"}) | {"$defs": {"Tree": an_object(x={"$ref": "#/$defs/Tree"})}}
    assert incompatibilities(tree, tree) == []
    assert incompatibilities(tree, other) == ["$.x.y: the field is gone"]
