"""What a definition's schema must be like: structural, so that objects can be pruned and defaulted by it.

Every field has a type outside of allOf, anyOf, oneOf and not; those only add checks on what is specified already. The
rules are those of the Kubernetes documentation ("Specifying a structural schema"), the words those of a real server.
"""

from collections.abc import Iterator
from typing import Literal

from ..apiobjects import JsonObject
from ..checks.validation import forbidden, required, unsupported, wrong
from ..errors import Cause
from .list_rules import list_causes
from .patterns import PatternError, compiled

Level = Literal["root", "item", "field"]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_UNSUPPORTED = ("$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties")
_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_JUNCTORS = ("allOf", "anyOf", "oneOf")
# Keywords that give structure, which junctors must not do, and what the refusal says of each.
_STRUCTURAL_KEYWORDS = {
    "type": "must be empty to be structural",
    "additionalProperties": "must be undefined to be structural",
    "default": "must be undefined to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "nullable": "must be false to be structural",
    "x-kubernetes-preserve-unknown-fields": "must be false to be structural",
    "x-kubernetes-embedded-resource": "must be false to be structural",
    "x-kubernetes-int-or-string": "must be false to be structural",
    "x-kubernetes-list-map-keys": "must be empty to be structural",
    "x-kubernetes-list-type": "must be undefined to be structural",
    "x-kubernetes-map-type": "must be undefined to be structural",
    "x-kubernetes-validations": "must be empty to be structural",
}


def structural_causes(raw: JsonObject, path: str) -> list[Cause]:
    """What keeps a schema from being structural; `path` is where it stands in the definition."""
    return [*_keyword_causes(raw, path), *_node_causes(raw, path, "root"), *_completeness_causes(raw, raw, path, path)]


def parts(raw: JsonObject, path: str) -> Iterator[tuple[JsonObject, str]]:
    """The schemas directly within a schema, each with its path; what junctors hold is included."""
    for name, part in raw.get("properties", {}).items():
        yield part, f"{path}.properties[{name}]"
    for name in ("additionalProperties", "items", "not"):
        if isinstance(raw.get(name), dict):
            yield raw[name], f"{path}.{name}"
    for name in _JUNCTORS:
        for index, part in enumerate(raw.get(name, [])):
            yield part, f"{path}.{name}[{index}]"


def _keyword_causes(raw: JsonObject, path: str) -> Iterator[Cause]:
    """Keywords that are not offered at all, or not in this form."""
    for name in _UNSUPPORTED:
        if raw.get(name):
            yield forbidden(f"{path}.{name}", f"{name} is not supported")
    if raw.get("uniqueItems"):
        rule = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{path}.uniqueItems", rule)
    kind = raw.get("type", "")
    if kind == "null":
        yield forbidden(f"{path}.type", "type cannot be set to null, use nullable as an alternative")
    elif kind and kind not in _TYPES:
        yield unsupported(f"{path}.type", kind, _TYPES)
    if raw.get("properties") and raw.get("additionalProperties") not in (None, True):
        rule = "additionalProperties and properties are mutual exclusive"
        yield forbidden(f"{path}.additionalProperties", rule)
    if raw.get("x-kubernetes-preserve-unknown-fields") is False:
        yield wrong(f"{path}.x-kubernetes-preserve-unknown-fields", False, "must be true or undefined")
    yield from _pattern_causes(raw, path)
    yield from list_causes(raw, path)
    for part, below in parts(raw, path):
        yield from _keyword_causes(part, below)


def _pattern_causes(raw: JsonObject, path: str) -> Iterator[Cause]:
    if raw.get("pattern"):
        try:
            compiled(raw["pattern"])
        except PatternError as error:
            rule = f"must be a valid regular expression, but isn't: {error}"
            yield wrong(f"{path}.pattern", raw["pattern"], rule)


def _node_causes(raw: JsonObject, path: str, level: Level) -> Iterator[Cause]:
    if raw.get("type") == "array" and "items" not in raw:
        yield required(f"{path}.items", "must be specified")
    if "items" in raw:
        yield from _node_causes(raw["items"], f"{path}.items", "item")
    for name, part in raw.get("properties", {}).items():
        yield from _node_causes(part, f"{path}.properties[{name}]", "field")
    additional = raw.get("additionalProperties")
    if level == "root" and additional is not None:
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
    if isinstance(additional, dict):
        yield from _node_causes(additional, f"{path}.additionalProperties", "field")
    yield from _type_causes(raw, path, level)
    yield from _identity_causes(raw, path, level)
    yield from _junctor_causes(raw, path)


def _type_causes(raw: JsonObject, path: str, level: Level) -> Iterator[Cause]:
    kind, embedded = raw.get("type", ""), raw.get("x-kubernetes-embedded-resource", False)
    either, preserve = raw.get("x-kubernetes-int-or-string"), raw.get("x-kubernetes-preserve-unknown-fields")
    if either and preserve:
        rule = "must be false if x-kubernetes-int-or-string is true"
        yield wrong(f"{path}.x-kubernetes-preserve-unknown-fields", True, rule)
    if either and kind:
        yield forbidden(f"{path}.type", "must be empty if x-kubernetes-int-or-string is true")
    if embedded and kind != "object":
        yield wrong(f"{path}.type", kind, "must be object if x-kubernetes-embedded-resource is true")
    elif not kind and not either and not preserve:
        where = {"root": "at the root", "item": "for specified array items", "field": "for specified object fields"}
        yield required(f"{path}.type", f"must not be empty {where[level]}")
    if level == "root" and kind and kind != "object":
        yield wrong(f"{path}.type", kind, "must be object at the root")
    if embedded and not preserve and not raw.get("properties"):
        rule = (
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"
        )
        yield required(f"{path}.properties", rule)


def _identity_causes(raw: JsonObject, path: str, level: Level) -> Iterator[Cause]:
    """apiVersion, kind and metadata are every object's; a schema may only narrow names down."""
    if level != "root" and not raw.get("x-kubernetes-embedded-resource"):
        return
    properties = raw.get("properties", {})
    for name, wanted in (("kind", "string"), ("apiVersion", "string"), ("metadata", "object")):
        found = properties.get(name, {}).get("type", "")
        if name in properties and found != wanted:
            yield wrong(f"{path}.properties[{name}].type", found, f"must be {wanted}")
    metadata = properties.get("metadata", {})
    narrowed = set(metadata.get("properties", {})) <= {"name", "generateName"}
    if level == "root" and not (narrowed and set(metadata) <= {"type", "description", "properties"}):
        rule = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield forbidden(f"{path}.properties[metadata]", rule)


def _junctor_causes(raw: JsonObject, path: str) -> Iterator[Cause]:
    either = raw.get("x-kubernetes-int-or-string", False)
    for name in _JUNCTORS:
        for index, part in enumerate(raw.get(name, [])):
            if either and name == "anyOf" and raw["anyOf"] == _INT_OR_STRING:
                continue
            first = either and name == "allOf" and index == 0
            yield from _nested_causes(part, f"{path}.{name}[{index}]", int_or_string=first)
    if "not" in raw:
        yield from _nested_causes(raw["not"], f"{path}.not")


def _nested_causes(raw: JsonObject, path: str, *, int_or_string: bool = False) -> Iterator[Cause]:
    for keyword, rule in _STRUCTURAL_KEYWORDS.items():
        if raw.get(keyword) not in (None, "", False, []):
            yield forbidden(f"{path}.{keyword}", rule)
    for part, below in parts(raw, path):
        if int_or_string and raw.get("anyOf") == _INT_OR_STRING and below.startswith(f"{path}.anyOf"):
            continue
        yield from _nested_causes(part, below)


def _completeness_causes(raw: JsonObject, whole: JsonObject, path: str, own: str) -> Iterator[Cause]:
    """What junctors speak of has to be specified outside of them: `whole` is the outside of what `raw` is within."""
    for name in (*_JUNCTORS, "not"):
        nested = raw.get(name, [])
        for index, part in enumerate([nested] if isinstance(nested, dict) else nested):
            place = f"{path}.{name}" if name == "not" else f"{path}.{name}[{index}]"
            yield from _missing_causes(part, whole, place, own)
    if raw is whole:
        for part, below in parts(raw, path):
            if not below.startswith(tuple(f"{path}.{name}" for name in (*_JUNCTORS, "not"))):
                yield from _completeness_causes(part, part, below, below)


def _missing_causes(part: JsonObject, whole: JsonObject, path: str, own: str) -> Iterator[Cause]:
    for name, below in part.get("properties", {}).items():
        here = f"{path}.properties[{name}]"
        known = whole.get("properties", {}).get(name)
        if known is None and isinstance(whole.get("additionalProperties"), dict):
            known = whole["additionalProperties"]
        if known is None:
            yield required(f"{own}.properties[{name}]", f"because it is defined in {here}")
        else:
            yield from _missing_causes(below, known, here, f"{own}.properties[{name}]")
    if "items" in part:
        if "items" not in whole:
            yield required(f"{own}.items", f"because it is defined in {path}.items")
        else:
            yield from _missing_causes(part["items"], whole["items"], f"{path}.items", f"{own}.items")
    yield from _completeness_causes(part, whole, path, own)
