"""Label and field selectors, as the API server reads them: text in, a question about an object out. Pure functions."""

import re
from collections.abc import Callable

from galileo_backends.kubernetes.interface import JsonObject

Question = Callable[[JsonObject], bool]

_SET = re.compile(r"^(?P<key>\S+)\s+(?P<how>in|notin)\s*\((?P<values>[^()]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[^=!\s]+)\s*(?P<how>==|=|!=)\s*(?P<value>[^=!\s]*)$")
_NAME = re.compile(r"^(?P<absent>!?)\s*(?P<key>[^=!\s()]+)$")
_BETWEEN_TERMS = re.compile(r",(?![^()]*\))")  # not the commas within `in (a, b)`


def selector(*, label_selector: str | None, field_selector: str | None) -> Question:
    """Whether an object is chosen by both selectors; None chooses everything.

    Raises:
        ValueError: a term that is none, and how terms look.
    """
    questions = [_label_term(term) for term in _terms(label_selector, _BETWEEN_TERMS)]
    questions += [_field_term(term) for term in _terms(field_selector, re.compile(","))]
    return lambda candidate: all(question(candidate) for question in questions)


def _terms(text: str | None, between: re.Pattern[str]) -> list[str]:
    return [term.strip() for term in between.split(text)] if text else []


def _labels(candidate: JsonObject) -> dict[str, str]:
    return candidate.get("metadata", {}).get("labels") or {}


def _label_term(term: str) -> Question:
    if found := _SET.match(term):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["how"] == "in":
            return lambda candidate: _labels(candidate).get(key) in values
        return lambda candidate: _labels(candidate).get(key) not in values
    if found := _EQUAL.match(term):
        key, value = found["key"], found["value"]
        if found["how"] == "!=":
            return lambda candidate: _labels(candidate).get(key) != value
        return lambda candidate: _labels(candidate).get(key) == value
    if found := _NAME.match(term):
        key, wanted = found["key"], not found["absent"]
        return lambda candidate: (key in _labels(candidate)) is wanted
    raise ValueError(f"label selector {term!r}: expected key, !key, key=value, key!=value or key in (value, …)")


def _field_term(term: str) -> Question:
    found = _EQUAL.match(term)
    if found is None:
        raise ValueError(f"field selector {term!r}: expected path=value or path!=value")
    path, value, equal = found["key"].split("."), found["value"], found["how"] != "!="
    return lambda candidate: (_field(candidate, path) == value) is equal


def _field(candidate: JsonObject, path: list[str]) -> str:
    """The text at a path; the empty one where there is nothing, so that `spec.nodeName=` finds pods without a node."""
    found: object = candidate
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return str(found).lower() if isinstance(found, bool) else str(found or "")
