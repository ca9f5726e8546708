"""Label and field selectors: text in, predicate out.

Labels follow the API's little language (=, ==, !=, in, notin, exists, !exists, >, <); fields know =, == and != on the
few fields that a kind declares. Both raise a 400 that says what was found and what was expected.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .apiobjects import JsonObject
from .errors import bad_request
from .kind import Kind

Labels = dict[str, str]
Test = Callable[[Labels], bool]

_TOKEN = re.compile(r"\s*(==|!=|=|!|,|\(|\)|>|<|[^\s,()=!<>]+)")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class FieldTerm(NamedTuple):
    """One condition on a field: path, whether it must be equal or differ, and what an absent field counts as."""

    path: tuple[str, ...]
    equal: bool
    value: str
    absent: str

    def holds(self, body: JsonObject) -> bool:
        """Whether an object fulfils the condition."""
        found: object = body
        for step in self.path:
            found = found.get(step) if isinstance(found, dict) else None
        text = self.absent if found is None else _text(found)
        return (text == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects a list or watch is about, besides their kind and namespace."""

    labels: tuple[Test, ...] = ()
    fields: tuple[FieldTerm, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not self.labels and not self.fields

    def matches(self, body: JsonObject) -> bool:
        """Whether an object is selected."""
        if self.labels:
            labels = body["metadata"].get("labels") or {}
            if not all(test(labels) for test in self.labels):
                return False
        return all(term.holds(body) for term in self.fields)


def select(kind: Kind, label_selector: str, field_selector: str) -> Selection:
    """Read both selectors of a request. Raises ApiError (400)."""
    return Selection(labels=parse_labels(label_selector), fields=parse_fields(kind, field_selector))


def parse_fields(kind: Kind, text: str) -> tuple[FieldTerm, ...]:
    """Read a field selector. Raises ApiError (400)."""
    terms = []
    for term in filter(None, text.split(",")):
        match = re.fullmatch(r"([^=!]+)(!=|==|=)(.*)", term)
        if match is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}', expected <field>=<value> or !=")
        path, operator, value = match.groups()
        if path not in ("metadata.name", "metadata.namespace") and path not in kind.selectable:
            raise bad_request(
                f"field label not supported: {path}; {kind.resource} can be selected by "
                + ", ".join(("metadata.name", "metadata.namespace", *kind.selectable))
            )
        place = kind.selectable_at.get(path) or tuple(path.split("."))
        terms.append(FieldTerm(place, operator != "!=", value, kind.selectable.get(path, "")))
    return tuple(terms)


def parse_labels(text: str) -> tuple[Test, ...]:
    """Read a label selector into tests that all have to hold."""
    tokens = _tokens(text)
    tests: list[Test] = []
    while tokens:
        tests.append(_requirement(tokens))
        if tokens and tokens[0] != ",":
            raise bad_request(f"found '{tokens[0]}', expected: ',' or 'end of string'")
        if tokens:
            tokens.pop(0)
            if not tokens:
                raise bad_request("found '', expected: identifier after ','")
    return tuple(tests)


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:  # no character escapes the pattern, but a change to it might let one
            raise bad_request(f"unable to parse requirement at '{stripped[position:]}'")
        tokens.append(match[1])
        position = match.end()
    return tokens


def _word(token: str) -> bool:
    return token not in ("==", "!=", "=", "!", ",", "(", ")", ">", "<")


def _requirement(tokens: list[str]) -> Test:
    negated = tokens[0] == "!"
    if negated:
        tokens.pop(0)
    if not tokens or not _word(tokens[0]):
        found = tokens[0] if tokens else ""
        raise bad_request(f"found '{found}', expected: !, identifier, or 'end of string'")
    key = tokens.pop(0)
    if negated:
        return lambda labels: key not in labels
    if not tokens or tokens[0] == ",":
        return lambda labels: key in labels
    return _operation(key, tokens.pop(0), tokens)


def _operation(key: str, operator: str, tokens: list[str]) -> Test:
    if operator in ("in", "notin"):
        values = _value_set(tokens)
        if operator == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if operator not in ("=", "==", "!=", ">", "<"):
        raise bad_request(f"found '{operator}', expected: in, notin, =, ==, !=, >, <")
    value = tokens.pop(0) if tokens and _word(tokens[0]) else ""
    if operator == "!=":
        return lambda labels: labels.get(key) != value
    if operator in (">", "<"):
        return _comparison(key, operator, value)
    return lambda labels: labels.get(key) == value


def _comparison(key: str, operator: str, value: str) -> Test:
    try:
        bound = int(value)
    except ValueError:
        raise bad_request(f"for '{operator}' the value must be an integer, found '{value}'") from None

    def compare(labels: Labels) -> bool:
        text = labels.get(key, "")
        if not re.fullmatch(r"-?\d+", text):
            return False
        return int(text) > bound if operator == ">" else int(text) < bound

    return compare


def _value_set(tokens: list[str]) -> frozenset[str]:
    if not tokens or tokens[0] != "(":
        found = tokens[0] if tokens else ""
        raise bad_request(f"unable to parse requirement: found '{found}' expected: '('")
    tokens.pop(0)
    values, expecting = [], True
    while tokens and tokens[0] != ")":
        token = tokens.pop(0)
        if token == ",":
            if expecting:
                values.append("")
            expecting = True
        elif _word(token) and expecting:
            values.append(token)
            expecting = False
        else:
            raise bad_request(f"unable to parse requirement: found '{token}' expected: ',' or ')'")
    if not tokens:
        raise bad_request("unable to parse requirement: found '' expected: ',' or ')'")
    tokens.pop(0)
    return frozenset(values)
