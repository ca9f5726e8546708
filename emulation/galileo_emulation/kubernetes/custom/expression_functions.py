"""Functions on texts and lists that Kubernetes adds to CEL and cel-python does not have.

Each takes what it is called on as its first argument. Errors are raised as ValueError and make the rule fail.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import re2
from celpy import celtypes

# A list or text of the language, and what it holds.
Value = Any


def _lower(text: Value) -> Value:
    return celtypes.StringType("".join(letter.lower() if letter.isascii() else letter for letter in text))


def _upper(text: Value) -> Value:
    return celtypes.StringType("".join(letter.upper() if letter.isascii() else letter for letter in text))


def _trim(text: Value) -> Value:
    return celtypes.StringType(text.strip())


def _split(text: Value, separator: Value, limit: Value = -1) -> Value:
    if limit == 0:
        return celtypes.ListType([])
    parts = list(text) if separator == "" else text.split(separator, -1 if limit < 0 else int(limit) - 1)
    return celtypes.ListType([celtypes.StringType(part) for part in parts])


def _join(texts: Value, separator: Value = "") -> Value:
    return celtypes.StringType(str(separator).join(str(text) for text in texts))


def _replace(text: Value, old: Value, new: Value, limit: Value = -1) -> Value:
    return celtypes.StringType(text.replace(old, new, int(limit)))


def _substring(text: Value, start: Value, end: Value = None) -> Value:
    stop = len(text) if end is None else int(end)
    if not 0 <= start <= stop <= len(text):
        raise ValueError(f"substring({start}, {stop}) of a text of length {len(text)}")
    return celtypes.StringType(text[int(start) : stop])


def _char_at(text: Value, index: Value) -> Value:
    if not 0 <= index <= len(text):
        raise ValueError(f"charAt({index}) of a text of length {len(text)}")
    return celtypes.StringType(text[int(index) : int(index) + 1])


def _index_of(where: Value, what: Value) -> Value:
    if isinstance(where, str):
        return celtypes.IntType(where.find(what))
    return celtypes.IntType(next((index for index, item in enumerate(where) if item == what), -1))


def _last_index_of(where: Value, what: Value) -> Value:
    if isinstance(where, str):
        return celtypes.IntType(where.rfind(what))
    found = [index for index, item in enumerate(where) if item == what]
    return celtypes.IntType(found[-1] if found else -1)


def _find(text: Value, pattern: Value) -> Value:
    match = re2.search(str(pattern), str(text))
    return celtypes.StringType(match[0] if match else "")


def _find_all(text: Value, pattern: Value, limit: Value = -1) -> Value:
    found = [match[0] for match in re2.finditer(str(pattern), str(text))]
    return celtypes.ListType([celtypes.StringType(one) for one in (found if limit < 0 else found[: int(limit)])])


def _sum(numbers: Value) -> Value:
    total = celtypes.IntType(0)
    for position, number in enumerate(numbers):
        total = number if position == 0 else total + number
    return total


def _least(items: Value) -> Value:
    if not items:
        raise ValueError("min called on an empty list")
    return min(items)


def _most(items: Value) -> Value:
    if not items:
        raise ValueError("max called on an empty list")
    return max(items)


def _is_sorted(items: Value) -> Value:
    return celtypes.BoolType(all(one <= other for one, other in pairwise(items)))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "charAt": _char_at,
    "find": _find,
    "findAll": _find_all,
    "indexOf": _index_of,
    "isSorted": _is_sorted,
    "join": _join,
    "lastIndexOf": _last_index_of,
    "lowerAscii": _lower,
    "max": _most,
    "min": _least,
    "replace": _replace,
    "split": _split,
    "substring": _substring,
    "sum": _sum,
    "trim": _trim,
    "upperAscii": _upper,
}
"""Name to function."""
