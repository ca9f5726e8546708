"""Whether a schema may take the place of a published one: what then breaks for those who hold to the old one.

Writers of the old schema must still be understood: no type may be narrowed, no field newly required. Its readers must
still find what they were promised: no field may be gone or merely optional, no type may be another. A type may be
widened and a field added. This compares the schemas that `event_schema` makes (types, enums, `anyOf`, `$ref` into
`$defs`, arrays, objects with fields, objects as maps), not JSON Schema at large.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def incompatibilities(before: Schema, now: Schema) -> list[str]:
    """What breaks, a line each, with the field's path; empty when `now` may take the place of `before`."""
    return [f"{path}: {what}" for path, what in _Comparison(before, now).compare(before, now, "$")]


class _Comparison:
    """One comparison; it remembers which pairs of definitions it is in, since a definition may hold itself."""

    def __init__(self, before: Schema, now: Schema) -> None:
        self._before = before
        self._now = now
        self._compared: set[tuple[str, str]] = set()

    def compare(self, before: Schema, now: Schema, path: str) -> Iterator[tuple[str, str]]:
        names = (before.get("$ref", ""), now.get("$ref", ""))
        if all(names):
            if names in self._compared:
                return
            self._compared.add(names)
        choices = list(_choices(before, self._before))
        possible = list(_choices(now, self._now))
        for choice in choices:
            same = [other for other in possible if _kind(other) == _kind(choice)]
            if len(same) == 1 and _kind(choice) in ("object", "array"):
                yield from self._within(choice, same[0], path)
            elif not any(_covers(other, choice) for other in possible):
                yield path, f"{_in_words(choice)} is no longer accepted, expected {_all_in_words(possible)}"

    def _within(self, before: Schema, now: Schema, path: str) -> Iterator[tuple[str, str]]:
        if before["type"] == "array":
            yield from self.compare(before.get("items", {}), now.get("items", {}), f"{path}[]")
            return
        pattern = now.get("propertyNames")
        if pattern is not None and pattern != before.get("propertyNames"):
            yield path, "not every name is accepted any more as a key"
        if "properties" in before:
            yield from self._fields(before, now, path)
        elif "properties" in now:
            yield path, "any names were accepted, and now there are fields"
        else:
            anything: Schema = {}
            yield from self.compare(
                before.get("additionalProperties", anything), now.get("additionalProperties", anything), f"{path}{{}}"
            )

    def _fields(self, before: Schema, now: Schema, path: str) -> Iterator[tuple[str, str]]:
        fields: Schema = now.get("properties", {})
        required, needed = set(before.get("required", ())), set(now.get("required", ()))
        for name, field in before["properties"].items():
            if name not in fields:
                yield f"{path}.{name}", "the field is gone"
                continue
            if name in required - needed:
                yield f"{path}.{name}", "the field was always there and may now be absent"
            yield from self.compare(field, fields[name], f"{path}.{name}")
        for name in sorted(needed - required):
            yield f"{path}.{name}", "the field is required and was not"


def _choices(schema: Schema, document: Schema) -> Iterator[Schema]:
    """What a schema may be, one by one, with references and `anyOf` taken apart."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        yield from _choices(document["$defs"][name], document)
    elif "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from _choices(choice, document)
    else:
        yield schema


def _kind(schema: Schema) -> str:
    return "enum" if "enum" in schema else str(schema.get("type", "anything"))


def _covers(wider: Schema, narrower: Schema) -> bool:
    """Whether all that one choice allows is allowed by another, objects and arrays aside."""
    kinds = (_kind(wider), _kind(narrower))
    match kinds:
        case ("anything", _) | ("number", "integer"):
            return True
        case ("enum", "enum"):
            return set(narrower["enum"]) <= set(wider["enum"])
        case ("string", "enum"):
            return all(isinstance(value, str) for value in narrower["enum"])
        case ("object" | "array", _):
            return False  # told in detail where both are objects or arrays
    return kinds[0] == kinds[1]


def _in_words(schema: Schema) -> str:
    if "enum" in schema:
        return " or ".join(map(repr, schema["enum"]))
    return str(schema.get("type", "any value"))


def _all_in_words(choices: list[Schema]) -> str:
    return " or ".join(dict.fromkeys(map(_in_words, choices)))
