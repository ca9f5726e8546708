"""Validation rules in CEL."""

from typing import Any

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer
from galileo_emulation.kubernetes.custom.rules import violations
from galileo_emulation.kubernetes.custom.structural_schema import MISSING, schema_of

from tests.emulation.kubernetes.calls import Calls, causes
from tests.emulation.kubernetes.custom.definitions import DEFINITIONS, LAMPS, definition, lamp

Json = Any
INTEGER, TEXT = {"type": "integer"}, {"type": "string"}


def ruled(*rules: Json, **properties: Json) -> Json:
    return {"type": "object", "properties": properties, "x-kubernetes-validations": list(rules)}


def found(schema: Json, value: Json, old: Json = MISSING) -> list[tuple[str, str, str]]:
    return [
        (cause.reason, cause.message, cause.field) for cause in violations(value, schema_of(schema), "spec", old=old)
    ]


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("self.least <= self.most", {"least": 1, "most": 2}, {"least": 3, "most": 2}),
        ("!has(self.name) || self.name.startsWith('a')", {}, {"name": "b"}),
        ("self.names.all(n, n.size() < 3)", {"names": ["a"]}, {"names": ["abc"]}),
        ("self.names.exists(n, n == 'a')", {"names": ["b", "a"]}, {"names": []}),
        ("self.numbers.sum() < 5", {"numbers": [1, 2]}, {"numbers": [3, 4]}),
        ("self.numbers.isSorted()", {"numbers": [1, 2]}, {"numbers": [2, 1]}),
        ("self.names.indexOf('a') == 0", {"names": ["a"]}, {"names": ["b", "a"]}),
        ("self.name.lowerAscii() == self.name", {"name": "a"}, {"name": "A"}),
        ("self.name.find('[0-9]+') != ''", {"name": "a1"}, {"name": "a"}),
        ("self.name.split('-').size() == 2", {"name": "a-b"}, {"name": "a"}),
        ("self.ratio > 0.5", {"ratio": 1}, {"ratio": 0}),
        (
            "self.when > timestamp('2024-01-01T00:00:00Z')",
            {"when": "2025-01-01T00:00:00Z"},
            {"when": "2023-01-01T00:00:00Z"},
        ),
        ("self.span >= duration('1m')", {"span": "2m"}, {"span": "1s"}),
        ("self.x__dash__y == 1", {"x-y": 1}, {"x-y": 2}),
    ],
)
def test_rules_between_fields(rule: str, right: Json, wrong: Json) -> None:
    schema = ruled(
        {"rule": rule},
        least=INTEGER,
        most=INTEGER,
        name=TEXT,
        names={"type": "array", "items": TEXT},
        numbers={"type": "array", "items": INTEGER},
        ratio={"type": "number"},
        when={**TEXT, "format": "date-time"},
        span={**TEXT, "format": "duration"},
        **{"x-y": INTEGER},
    )
    assert found(schema, right) == []
    assert found(schema, wrong) == [("FieldValueInvalid", f"Invalid value: failed rule: {rule}", "spec")]


def test_the_message_reason_and_field_are_the_rules() -> None:
    rule = {
        "rule": "self.least <= self.most",
        "messageExpression": "'at most ' + string(self.most)",
        "message": "too much",
        "reason": "FieldValueForbidden",
        "fieldPath": ".least",
    }
    schema = ruled(rule, least=INTEGER, most=INTEGER)
    assert found(schema, {"least": 3, "most": 2}) == [("FieldValueForbidden", "Forbidden: at most 2", "spec.least")]
    broken = ruled({**rule, "messageExpression": "self.absent"}, least=INTEGER, most=INTEGER)
    assert found(broken, {"least": 3, "most": 2}) == [("FieldValueForbidden", "Forbidden: too much", "spec.least")]


def test_rules_stand_at_every_level() -> None:
    item = ruled({"rule": "self.n > 0"}, n=INTEGER)
    schema = {
        "type": "object",
        "properties": {"list": {"type": "array", "items": item}},
        "additionalProperties": {"type": "integer", "x-kubernetes-validations": [{"rule": "self < 3"}]},
    }
    places = [field for _, _, field in found(schema, {"list": [{"n": 1}, {"n": 0}], "other": 3})]
    assert places == ["spec.list[1]", "spec.other"]


def test_a_rule_about_changes_is_for_changes_alone() -> None:
    schema = ruled({"rule": "self.n >= oldSelf.n"}, n=INTEGER)
    assert found(schema, {"n": 1}) == []
    assert found(schema, {"n": 2}, {"n": 1}) == []
    assert [reason for reason, _, _ in found(schema, {"n": 1}, {"n": 2})] == ["FieldValueInvalid"]


def test_what_broke_a_rule_before_is_let_be() -> None:
    schema = {"type": "object", "properties": {"a": ruled({"rule": "self.n > 0"}, n=INTEGER), "b": INTEGER}}
    assert found(schema, {"a": {"n": 0}, "b": 2}, {"a": {"n": 0}, "b": 1}) == []


def test_a_rule_that_cannot_be_evaluated_is_broken() -> None:
    ((reason, message, _),) = found(ruled({"rule": "self.absent == 1"}), {})
    assert reason == "FieldValueInvalid"
    assert message.startswith("Invalid value: rule evaluation error: ")


def test_a_number_beyond_the_language_is_told() -> None:
    ((_, message, _),) = found(ruled({"rule": "self.n > 0"}, n=INTEGER), {"n": 2**63})
    assert message.startswith("Invalid value: rule evaluation error: ")


def with_rule(rule: Json) -> Json:
    return definition({"type": "object", "properties": {"spec": ruled(rule, n=INTEGER)}}, subresources={"status": {}})


async def test_objects_are_held_to_the_rules(calls: Calls) -> None:
    await calls.create(DEFINITIONS, with_rule({"rule": "self.n < 5", "message": "too many"}))
    await calls.create(LAMPS, lamp(spec={"n": 1}))
    assert await calls.refused(LAMPS, lamp("b", spec={"n": 6})) == [("FieldValueInvalid", "spec")]
    assert await calls.refused_change(f"{LAMPS}/a", {"spec": {"n": 6}}) == [("FieldValueInvalid", "spec")]
    _, answer = await calls.send("POST", LAMPS, lamp("b", spec={"n": "6"}))
    assert causes(answer) == [("FieldValueTypeInvalid", "spec.n"), ("FieldValueInvalid", "<nil>")]


@pytest.mark.parametrize("rule", [{"rule": "self.n <"}, {"rule": " "}, {"rule": "true", "reason": "Because"}])
async def test_what_is_no_rule_is_refused(calls: Calls, rule: Json) -> None:
    place = "spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]"
    ((_, field),) = await calls.refused(DEFINITIONS, with_rule(rule))
    assert field.startswith(place)


@pytest.mark.parametrize(
    "rule",
    [
        {"rule": "quantity(string(self.n)).isGreaterThan(quantity('1'))"},
        {"rule": "oldSelf.hasValue()", "optionalOldSelf": True},
        {"rule": "self.n > others"},
    ],
)
async def test_a_rule_beyond_what_is_offered_is_taken_with_a_warning(
    calls: Calls, server: ApiServer, session: aiohttp.ClientSession, rule: Json
) -> None:
    async with session.post(server.url + DEFINITIONS, json=with_rule(rule)) as response:
        assert response.status == 201
        assert "this rule is not evaluated" in response.headers["Warning"]
    await calls.create(LAMPS, lamp(spec={"n": 1}))
