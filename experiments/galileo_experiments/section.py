"""Reads one mapping of a scenario file, key by key; every mistake is one line that says what is possible.

`Section` refuses unknown keys before anything else, since a missing key is most often a misspelt one.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterable

from galileo_schemas.quantities import parse_quantity

from galileo_experiments.located_yaml import Located, Place

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class Section:
    """A mapping whose keys are known. `what` names it in errors: "a function", "a zone"."""

    def __init__(self, located: Located, *, what: str, known: Collection[str]) -> None:
        self.place = located.place
        self._what = what
        self._values = mapping(located, what=what)
        for key, value in self._values.items():
            if key not in known:
                raise value.place.error(f"unknown key; {possible(key, known)}")

    def get(self, key: str) -> Located | None:
        """The value of a key; None when it is absent or null."""
        located = self._values.get(key)
        return None if located is None or located.value is None else located

    def need(self, key: str, expected: str) -> Located:
        """The value of a key that must be there."""
        located = self.get(key)
        if located is None:
            raise self.place.error(f"{self._what} needs {key!r}: {expected}")
        return located

    def number(self, key: str, expected: str, *, default: float | None = None, positive: bool = False) -> float:
        """A number of 0 or more (`positive`: more than 0). Without a default the key must be there."""
        if default is not None and self.get(key) is None:
            return default
        return number(self.need(key, expected), expected, positive=positive)

    def whole(self, key: str, expected: str, *, default: int, at_least: int = 0) -> int:
        """A whole number."""
        located = self.get(key)
        return default if located is None else whole(located, expected, at_least=at_least)

    def quantity(self, key: str, expected: str, *, default: float | None = None, positive: bool = True) -> float:
        """A Kubernetes quantity (`250m`, `2Gi`) in its base unit."""
        located = self.get(key)
        if located is None and default is not None:
            return default
        located = self.need(key, expected)
        value = _quantity(located, expected)
        if value < 0 or (positive and value == 0):
            limit = "more than 0" if positive else "0 or more"
            raise located.place.error(f"expected {expected}, {limit}, got {located.value!r}")
        return value

    def text(self, key: str, expected: str, *, default: str | None = None) -> str:
        """A text that is not empty, unless the default is what holds."""
        if default is not None and self.get(key) is None:
            return default
        return text(self.need(key, expected), expected)

    def flag(self, key: str) -> bool:
        """True or false; false when absent."""
        located = self.get(key)
        if located is None:
            return False
        if not isinstance(located.value, bool):
            raise located.place.error(f"expected true or false, got {shown(located)}")
        return located.value


def mapping(located: Located, *, what: str) -> dict[str, Located]:
    """The keys and values of a mapping."""
    if not isinstance(located.value, dict):
        raise located.place.error(f"expected {what} (key: value lines), got {shown(located)}")
    return located.value


def items(located: Located, *, what: str) -> list[Located]:
    """The entries of a list that is not empty."""
    if not isinstance(located.value, list) or not located.value:
        raise located.place.error(f"expected {what} (a list with at least one entry), got {shown(located)}")
    return located.value


def number(located: Located, expected: str, *, positive: bool = False) -> float:
    """A finite number of 0 or more."""
    value = located.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise located.place.error(f"expected {expected}, got {shown(located)}")
    if value < 0 or (positive and value == 0):
        limit = "more than 0" if positive else "0 or more"
        raise located.place.error(f"expected {expected}, {limit}, got {shown(located)}")
    return float(value)


def whole(located: Located, expected: str, *, at_least: int = 0) -> int:
    """A whole number of at least `at_least`."""
    value = located.value
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise located.place.error(f"expected {expected}, a whole number from {at_least}, got {shown(located)}")
    return value


def text(located: Located, expected: str) -> str:
    """A text that is not empty."""
    if not isinstance(located.value, str) or not located.value.strip():
        raise located.place.error(f"expected {expected}, got {shown(located)}")
    return located.value


def choice(located: Located, known: Collection[str], *, what: str) -> str:
    """One of the known names."""
    value = located.value if isinstance(located.value, str) else shown(located)
    if value not in known:
        raise located.place.error(f"there is no {what} {value!r}; {possible(value, known)}")
    return value


def check_name(name: str, place: Place, *, what: str, underscores: bool = False, longest: int = 40) -> None:
    """Refuses what cannot be part of a pod's or node's name."""
    if not _NAME.fullmatch(name.replace("_", "-") if underscores else name) or len(name) > longest:
        also = ", - and _" if underscores else " and -"
        raise place.error(f"{what} is named with lower-case letters, digits{also}, {longest} at most, got {name!r}")


def possible(wrong: str, known: Iterable[str]) -> str:
    """What could have been meant: the nearest known names, then all of them."""
    names = list(known)
    near = difflib.get_close_matches(wrong, names, n=2, cutoff=0.6)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}possible: {', '.join(names) or 'none'}"


def shown(located: Located) -> str:
    """A value as it is quoted in errors."""
    if isinstance(located.value, dict):
        return "a mapping"
    if isinstance(located.value, list):
        return "a list" if located.value else "an empty list"
    return "nothing" if located.value is None else repr(located.value)


def _quantity(located: Located, expected: str) -> float:
    if isinstance(located.value, bool) or not isinstance(located.value, str | int | float):
        raise located.place.error(f"expected {expected}, got {shown(located)}")
    try:
        value = parse_quantity(located.value)
    except ValueError:
        raise located.place.error(f"expected {expected}, got {shown(located)}") from None
    if not math.isfinite(value):
        raise located.place.error(f"expected {expected}, got {shown(located)}")
    return value
