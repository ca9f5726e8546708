r"""JSONPath as kubectl and definitions write it: `.spec.zone`, `.a[0]`, `.a[*].b`, `['a.b']`, `.a\.b`, `..name`,
`.conditions[?(@.type=="Ready")].status`.

A path is read once into steps; each step takes the values found so far to those below them. What is not there is not
found; nothing is an error while looking.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

# A JSON value of any type.
Json = Any
Step = Callable[[Json], Iterator[Json]]

_NAME = re.compile(r"(?:\\.|[^.\[\]\\])+")
_QUOTED = r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\""
_UNION = re.compile(rf"\[\s*((?:{_QUOTED}|-?\d+)(?:\s*,\s*(?:{_QUOTED}|-?\d+))*)\s*\]")
_SLICE = re.compile(r"\[\s*(-?\d*)\s*:\s*(-?\d*)\s*(?::\s*(-?\d*)\s*)?\]")
_FILTER = re.compile(rf"\[\s*\?\s*\(((?:{_QUOTED}|[^'\"])*?)\)\s*\]")
_COMPARISON = re.compile(rf"\s*((?:{_QUOTED}|[^'\"=!<>])+?)\s*(==|!=|<=|>=|<|>)\s*((?:{_QUOTED}|[^'\"])+?)\s*")


class JsonPathError(ValueError):
    """Not a path of this language; the message says where it stops being one."""


class JsonPath:
    """A path, read. Raises JsonPathError when it is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = list(_steps(text.removeprefix("$").removeprefix("@"), text))

    def find(self, value: Json) -> list[Json]:
        """All that the path leads to, in order."""
        found = [value]
        for step in self._steps:
            found = [below for one in found for below in step(one)]
        return found

    def first(self, value: Json) -> Json:
        """The first thing that the path leads to; None when there is nothing."""
        return next(iter(self.find(value)), None)


def _steps(text: str, whole: str) -> Iterator[Step]:
    position = 0
    while position < len(text):
        if text.startswith("..", position):
            match = _NAME.match(text, position + 2)
            if match is None:
                raise JsonPathError(f"{whole}: expected a name after '..'")
            yield _anywhere(_unescaped(match[0]))
            position = match.end()
        elif text[position] == ".":
            position += 1
            match = _NAME.match(text, position)
            if match is not None:
                yield _everything if match[0] == "*" else _property(_unescaped(match[0]))
                position = match.end()
            elif position < len(text) and text[position] != "[":
                raise JsonPathError(f"{whole}: expected a name after '.', found {text[position:]!r}")
        elif text[position] == "[":
            step, position = _bracket(text, position, whole)
            yield step
        else:
            raise JsonPathError(f"{whole}: expected '.' or '[' before {text[position:]!r}")


def _bracket(text: str, position: int, whole: str) -> tuple[Step, int]:
    star = re.compile(r"\[\s*\*\s*\]").match(text, position)
    if star:
        return _everything, star.end()
    union = _UNION.match(text, position)
    if union:
        keys = [_literal(key) for key in re.findall(rf"{_QUOTED}|-?\d+", union[1])]
        return _union(keys), union.end()
    cut = _SLICE.match(text, position)
    if cut:
        start, stop, step = (int(number) if number else None for number in cut.groups())
        return _slice(slice(start, stop, step or None)), cut.end()
    condition = _FILTER.match(text, position)
    if condition:
        return _filter(condition[1], whole), condition.end()
    raise JsonPathError(f"{whole}: expected an index, a name in quotes, * or ?(...) at {text[position:]!r}")


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _literal(text: str) -> Json:
    if text[:1] in "'\"":
        return _unescaped(text[1:-1])
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise JsonPathError(f"{text}: expected a text in quotes, a number, true or false") from None


def _property(name: str) -> Step:
    def step(value: Json) -> Iterator[Json]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return step


def _everything(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _anywhere(name: str) -> Step:
    def step(value: Json) -> Iterator[Json]:
        waiting = [value]
        while waiting:
            found = waiting.pop(0)
            if isinstance(found, dict) and name == "*":
                yield from found.values()
            elif isinstance(found, dict) and name in found:
                yield found[name]
            waiting = [*_everything(found), *waiting]

    return step


def _union(keys: list[Json]) -> Step:
    def step(value: Json) -> Iterator[Json]:
        for key in keys:
            named = isinstance(value, dict) and isinstance(key, str) and key in value
            counted = isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value)
            if named or counted:
                yield value[key]

    return step


def _slice(cut: slice) -> Step:
    def step(value: Json) -> Iterator[Json]:
        if isinstance(value, list):
            yield from value[cut]

    return step


def _filter(condition: str, whole: str) -> Step:
    match = _COMPARISON.fullmatch(condition)
    if match is None:
        wanted = _operand(condition.strip(), whole)
        return lambda value: (item for item in _everything(value) if wanted(item))
    left, operator, right = _operand(match[1], whole), match[2], _operand(match[3], whole)

    def holds(item: Json) -> bool:
        return any(_compare(one, operator, other) for one in left(item) for other in right(item))

    return lambda value: (item for item in _everything(value) if holds(item))


def _operand(text: str, whole: str) -> Callable[[Json], list[Json]]:
    if text.startswith("@"):
        return JsonPath(text).find
    try:
        value = _literal(text)
    except JsonPathError as error:
        raise JsonPathError(f"{whole}: {error}") from None
    return lambda item: [value]


def _compare(left: Json, operator: str, right: Json) -> bool:
    if operator in ("==", "!="):
        return (left == right and isinstance(left, bool) == isinstance(right, bool)) is (operator == "==")
    comparable = (isinstance(left, str) and isinstance(right, str)) or (
        isinstance(left, int | float) and isinstance(right, int | float)
    )
    if not comparable:
        return False
    outcomes: dict[str, bool] = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return outcomes[operator]
