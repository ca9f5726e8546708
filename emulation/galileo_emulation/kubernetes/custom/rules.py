"""Validation rules (x-kubernetes-validations): what has to hold between fields, written in CEL.

`self` is the value that the rule stands at, `oldSelf` the one before a change; a rule that names it is about changes
and is looked at only then. A rule that uses what is not offered here (see expressions.py) is not evaluated; whoever
brings it is warned.
"""

from collections.abc import Iterator
from functools import lru_cache

from ..apiobjects import JsonObject
from ..checks.validation import required, unsupported, wrong
from ..errors import Cause
from .equality import same
from .expressions import CelValue, Expression, ExpressionError
from .rule_values import cel_value
from .structural_rules import parts
from .structural_schema import MISSING, Json, Rule, Schema, below

_NAMES = ("self", "oldSelf")
_REASONS = ("FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate")


@lru_cache(maxsize=1024)
def expression(text: str) -> Expression:
    """A rule's expression. Raises ExpressionError."""
    return Expression(text, _NAMES)


def rule_causes(raw: JsonObject, path: str) -> Iterator[Cause]:
    """What is wrong with the rules of a definition's schema."""
    for index, entry in enumerate(raw.get("x-kubernetes-validations", [])):
        here = f"{path}.x-kubernetes-validations[{index}]"
        if not entry.get("rule", "").strip():
            yield required(f"{here}.rule", "rule is not specified")
        for field in ("rule", "messageExpression"):
            if entry.get(field, "").strip():
                try:
                    expression(entry[field])
                except ExpressionError as error:
                    yield wrong(f"{here}.{field}", entry[field], str(error))
        if entry.get("reason") and entry["reason"] not in _REASONS:
            yield unsupported(f"{here}.reason", entry["reason"], _REASONS)
    for part, place in parts(raw, path):
        yield from rule_causes(part, place)


def rule_warnings(raw: JsonObject, path: str) -> Iterator[str]:
    """Which rules of a definition's schema are not evaluated, and why."""
    for index, entry in enumerate(raw.get("x-kubernetes-validations", [])):
        missing = "optionalOldSelf" if entry.get("optionalOldSelf") else expression(entry["rule"]).unoffered
        if missing:
            yield f"{path}.x-kubernetes-validations[{index}]: this rule is not evaluated: {missing} is not offered here"
    for part, place in parts(raw, path):
        yield from rule_warnings(part, place)


def violations(value: Json, schema: Schema, path: str = "", *, old: Json = MISSING) -> list[Cause]:
    """The rules that `value` breaks; it has passed all other checks. `old` is what stood there before."""
    return list(_violations(value, schema, path, old))


def _violations(value: Json, schema: Schema, path: str, old: Json) -> Iterator[Cause]:
    if value is None or not schema.has_rules:
        return
    unchanged = old is not MISSING and same(value, old)
    if schema.rules and not unchanged:
        yield from _own_violations(value, schema, path, old)
    if isinstance(value, dict):
        before = old if isinstance(old, dict) else {}
        for name, item in value.items():
            part = schema.properties.get(name) or schema.additional_schema
            if part is not None:
                yield from _violations(item, part, below(path, name), before.get(name, MISSING))
    elif isinstance(value, list) and schema.items is not None:
        yield from _item_violations(value, schema, path, old if isinstance(old, list) else [])


def _own_violations(value: Json, schema: Schema, path: str, old: Json) -> Iterator[Cause]:
    try:
        values = {"self": cel_value(value, schema)}
        if old is not MISSING and old is not None:
            values["oldSelf"] = cel_value(old, schema)
    except ValueError as error:  # a number or duration beyond what the language has
        yield Cause("FieldValueInvalid", f"Invalid value: rule evaluation error: {error}", path)
        return
    for rule in schema.rules:
        yield from _violation(rule, values, path)


def _item_violations(value: list[Json], schema: Schema, path: str, old: list[Json]) -> Iterator[Cause]:
    assert schema.items is not None
    for index, item in enumerate(value):
        earlier = MISSING
        if schema.list_type == "map" and isinstance(item, dict):
            keys = schema.list_keys
            earlier = next((one for one in old if all(one.get(key) == item.get(key) for key in keys)), MISSING)
        yield from _violations(item, schema.items, below(path, index), earlier)


def _violation(rule: Rule, values: dict[str, CelValue], path: str) -> Iterator[Cause]:
    test = expression(rule.rule)
    if test.unoffered or rule.optional_old or ("oldSelf" in test.uses and "oldSelf" not in values):
        return
    place = f"{path}{rule.field_path}".lstrip(".")
    try:
        if test.holds(values):
            return
    except ExpressionError as error:
        yield Cause("FieldValueInvalid", f"Invalid value: rule evaluation error: {error}", place)
        return
    yield Cause(rule.reason, f"{_OPENINGS[rule.reason]}: {_message(rule, values)}", place)


_OPENINGS = {
    "FieldValueInvalid": "Invalid value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
}


def _message(rule: Rule, values: dict[str, CelValue]) -> str:
    if rule.message_expression:
        try:
            message = expression(rule.message_expression).evaluate(values)
        except ExpressionError:
            message = ""  # the message proper stands in, as with a real server
        if isinstance(message, str) and message.strip():
            return str(message)
    return rule.message or f"failed rule: {rule.rule.strip()}"
