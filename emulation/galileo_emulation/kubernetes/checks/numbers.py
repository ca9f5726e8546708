"""Numbers, and numbers that may be percentages."""

import re
from typing import Any

from ..errors import Cause
from .validation import required, wrong

_PERCENTAGE = re.compile(r"[0-9]+%")
NOT_NEGATIVE = "must be greater than or equal to 0"
LARGEST_ID = 2**31 - 1

# What may be a number or a text such as "25%".
IntOrPercent = Any


def not_negative(field: str, number: int | None) -> list[Cause]:
    """A number that may be absent, but not below 0."""
    return [wrong(field, number, NOT_NEGATIVE)] if number is not None and number < 0 else []


def fields_not_negative(field: str, holder: dict[str, Any], names: tuple[str, ...]) -> list[Cause]:
    """Some fields of one object, none of which may be below 0."""
    return [
        cause for name in names if holder.get(name, 0) < 0 for cause in not_negative(f"{field}.{name}", holder[name])
    ]


def positive(field: str, number: int | None) -> list[Cause]:
    """A number that may be absent, but not below 1."""
    return [wrong(field, number, "must be greater than 0")] if number is not None and number <= 0 else []


def within(field: str, number: int, lowest: int, highest: int) -> list[Cause]:
    """A number of a range."""
    if lowest <= number <= highest:
        return []
    return [wrong(field, number, f"must be between {lowest} and {highest}, inclusive")]


def port_number(field: str, number: int) -> list[Cause]:
    """A port, 1 to 65535."""
    return within(field, number, 1, 65535)


def int_or_percent(field: str, found: IntOrPercent) -> list[Cause]:
    """A number that is not negative, or a percentage."""
    if isinstance(found, int):
        return not_negative(field, found)
    if not isinstance(found, str) or not _PERCENTAGE.fullmatch(found):
        return [wrong(field, found, "a valid percent string must be a numeric string followed by an ending '%'")]
    return []


def at_most_100_percent(field: str, found: IntOrPercent) -> list[Cause]:
    """A percentage of something that there is no more of."""
    if isinstance(found, str) and _PERCENTAGE.fullmatch(found) and int(found[:-1]) > 100:
        return [wrong(field, found, "must not be greater than 100%")]
    return []


def is_zero(found: IntOrPercent) -> bool:
    """Whether a number or percentage comes to nothing."""
    return found in (0, "0%")


def required_texts(field: str, holder: dict[str, Any], names: tuple[str, ...]) -> list[Cause]:
    """Some fields of one object, each of which has to be there."""
    return [required(f"{field}.{name}" if field else name) for name in names if not holder.get(name)]
