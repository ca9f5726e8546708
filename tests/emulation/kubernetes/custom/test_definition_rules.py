"""What a definition must be like."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.custom.structural_rules import structural_causes

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.custom.definitions import DEFINITIONS, Json, definition, spec_schema

TEXT = {"type": "string"}
SCHEMA = "spec.versions[0].schema.openAPIV3Schema"


def found(schema: Json) -> set[tuple[str, str]]:
    return {(cause.reason.removeprefix("FieldValue"), cause.field) for cause in structural_causes(schema, "s")}


def at_x(part: Json) -> Json:
    return {"type": "object", "properties": {"x": part}}


@pytest.mark.parametrize(
    ("schema", "reason", "field"),
    [
        ({}, "Required", "s.type"),
        ({"type": "string"}, "Invalid", "s.type"),
        ({"type": "object", "additionalProperties": TEXT}, "Forbidden", "s.additionalProperties"),
        (at_x({}), "Required", "s.properties[x].type"),
        (at_x({"type": "text"}), "NotSupported", "s.properties[x].type"),
        (at_x({"type": "null"}), "Forbidden", "s.properties[x].type"),
        (at_x({"type": "array"}), "Required", "s.properties[x].items"),
        (at_x({"type": "array", "items": {}}), "Required", "s.properties[x].items.type"),
        (at_x({"type": "string", "pattern": "("}), "Invalid", "s.properties[x].pattern"),
        (at_x({"type": "string", "pattern": "(?=a)"}), "Invalid", "s.properties[x].pattern"),
        (at_x({"type": "array", "items": TEXT, "uniqueItems": True}), "Forbidden", "s.properties[x].uniqueItems"),
        (at_x({**TEXT, "$ref": "#/a"}), "Forbidden", "s.properties[x].$ref"),
        (at_x({"type": "string", "x-kubernetes-int-or-string": True}), "Forbidden", "s.properties[x].type"),
        (
            at_x({"type": "object", "x-kubernetes-embedded-resource": True}),
            "Required",
            "s.properties[x].properties",
        ),
        (
            at_x({"type": "object", "properties": {"a": TEXT}, "additionalProperties": TEXT}),
            "Forbidden",
            "s.properties[x].additionalProperties",
        ),
        (at_x({"anyOf": [{"type": "string"}], "type": "string"}), "Forbidden", "s.properties[x].anyOf[0].type"),
        (at_x({"not": {"description": "no"}, **TEXT}), "Forbidden", "s.properties[x].not.description"),
        (
            {"type": "object", "oneOf": [{"properties": {"x": {"minLength": 1}}}]},
            "Required",
            "s.properties[x]",
        ),
        (
            at_x({"type": "array", "items": TEXT, "allOf": [{"items": {"anyOf": [{"properties": {"y": {}}}]}}]}),
            "Required",
            "s.properties[x].items.properties[y]",
        ),
        (
            {"type": "object", "properties": {"metadata": {"type": "object", "properties": {"labels": {}}}}},
            "Forbidden",
            "s.properties[metadata]",
        ),
        (at_x({**TEXT, "x-kubernetes-list-type": "set"}), "Invalid", "s.properties[x].type"),
        (
            at_x({"type": "array", "items": at_x(TEXT), "x-kubernetes-list-type": "map"}),
            "Required",
            "s.properties[x].x-kubernetes-list-map-keys",
        ),
        (
            at_x(
                {
                    "type": "array",
                    "items": at_x(TEXT),
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["x"],
                }
            ),
            "Required",
            "s.properties[x].items.properties[x].default",
        ),
    ],
)
def test_what_is_not_structural(schema: Json, reason: str, field: str) -> None:
    assert (reason, field) in found(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        at_x({"x-kubernetes-int-or-string": True}),
        at_x({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
        at_x(
            {
                "x-kubernetes-int-or-string": True,
                "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "^[0-9]+$"}],
            }
        ),
        at_x({"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}}),
        {**at_x(TEXT), "oneOf": [{"required": ["x"]}, {"properties": {"x": {"minLength": 1}}}]},
        at_x({"type": "object", "additionalProperties": TEXT, "anyOf": [{"properties": {"a": {"minLength": 1}}}]}),
        {"type": "object", "properties": {"metadata": {"type": "object", "properties": {"name": TEXT}}}},
    ],
)
def test_what_is_structural(schema: Json) -> None:
    assert found(schema) == set()


def changed(**fields: Any) -> Json:
    body = definition(spec_schema(colour=TEXT))
    body["spec"]["versions"][0] |= fields
    return body


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"name": "V1"}, "Invalid", "spec.versions[0].name"),
        ({"storage": False}, "Invalid", "spec.versions"),
        (
            {"schema": {"openAPIV3Schema": spec_schema(colour={**TEXT, "default": 5})}},
            "TypeInvalid",
            f"{SCHEMA}.properties[spec].properties[colour].default",
        ),
        (
            {"schema": {"openAPIV3Schema": spec_schema(colour={"type": "object", "default": {"a": 1}})}},
            "Invalid",
            f"{SCHEMA}.properties[spec].properties[colour].default",
        ),
        (
            {
                "schema": {"openAPIV3Schema": {**spec_schema(colour=TEXT), "anyOf": [{}]}},
                "subresources": {"status": {}},
            },
            "Invalid",
            SCHEMA,
        ),
        (
            {"additionalPrinterColumns": [{"name": "Colour", "type": "text", "jsonPath": ".spec.colour"}]},
            "Invalid",
            "spec.versions[0].additionalPrinterColumns[0].type",
        ),
        (
            {"additionalPrinterColumns": [{"name": "Colour", "type": "string", "jsonPath": ".spec[?(@.a"}]},
            "Invalid",
            "spec.versions[0].additionalPrinterColumns[0].jsonPath",
        ),
        (
            {"subresources": {"scale": {"specReplicasPath": ".status.a", "statusReplicasPath": ".status.b"}}},
            "Invalid",
            "spec.versions[0].subresources.scale.specReplicasPath",
        ),
        (
            {"selectableFields": [{"jsonPath": ".spec.hue"}]},
            "Invalid",
            "spec.versions[0].selectableFields[0].jsonPath",
        ),
        ({"schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": 5}}}}}, "", ""),
    ],
)
async def test_what_a_version_may_not_hold(calls: Calls, fields: Json, reason: str, field: str) -> None:
    if not reason:
        assert (await calls.send("POST", DEFINITIONS, changed(**fields)))[0] == 400
    else:
        assert (f"FieldValue{reason}", field) in await calls.refused(DEFINITIONS, changed(**fields))


@pytest.mark.parametrize(
    ("spec", "reason", "field"),
    [
        ({"group": "example"}, "Invalid", "spec.group"),
        ({"scope": "World"}, "NotSupported", "spec.scope"),
        ({"scope": None}, "Required", "spec.scope"),
        ({"names": {"plural": "Lamps", "kind": "Lamp"}}, "Invalid", "spec.names.plural"),
        ({"names": {"plural": "lamps"}}, "Required", "spec.names.kind"),
        ({"names": {"plural": "lamps", "kind": "Lamp", "listKind": "Lamp"}}, "Invalid", "spec.names.listKind"),
        ({"names": {"plural": "lamps", "kind": "Lamp", "shortNames": ["L"]}}, "Invalid", "spec.names.shortNames[0]"),
        ({"versions": []}, "Invalid", "spec.versions"),
        ({"preserveUnknownFields": True}, "Invalid", "spec.preserveUnknownFields"),
    ],
)
async def test_what_a_definition_may_not_say(calls: Calls, spec: Json, reason: str, field: str) -> None:
    body = definition(spec_schema(colour=TEXT))
    body["spec"] |= spec
    assert (f"FieldValue{reason}", field) in await calls.refused(DEFINITIONS, body)


async def test_unknown_fields_of_a_schema_are_named_however_deep(calls: Calls) -> None:
    body = definition(spec_schema(colours={"type": "array", "items": {**TEXT, "colour": "red"}}))
    status, answer = await calls.send("POST", f"{DEFINITIONS}?fieldValidation=Strict", body)
    assert status == 400
    assert "openAPIV3Schema.properties.spec.properties.colours.items.colour" in answer["message"]
