"""Reads when something in a scenario begins: `at_s`, in seconds, or `at`, a part of the duration such as 50%."""

from __future__ import annotations

from typing import NamedTuple

from galileo_experiments.section import Section, shown

PERCENT = "a part of the duration such as 50%"
KEYS = ("at_s", "at")


class RunLength(NamedTuple):
    """The run's duration, and whether it was given on the command line instead of by the file."""

    duration_s: float
    overridden: bool


def read_moment(section: Section, length: RunLength, *, what: str) -> float:
    """Seconds after the start, before the end. `what` is named in errors: "phase"."""
    at_s = _at_s(section, length, what)
    if at_s >= length.duration_s:
        whose = "asked for on the command line" if length.overridden else "of duration_s"
        raise section.place.error(
            f"this {what} starts at {at_s:g} s, not before the end of the {length.duration_s:g} s {whose}; "
            f"let it start earlier or write it as {PERCENT}"
        )
    return at_s


def _at_s(section: Section, length: RunLength, what: str) -> float:
    if section.get("at_s") is not None and section.get("at") is not None:
        raise section.place.error(f"a {what} starts `at_s` (seconds) or `at` (percent); found both")
    percent = section.get("at")
    if percent is None:
        return section.number("at_s", f"when the {what} starts, in seconds; or at: such as 50%")
    digits = percent.value.strip() if isinstance(percent.value, str) else ""
    try:
        share = float(digits.removesuffix("%")) if digits.endswith("%") else -1.0
    except ValueError:
        share = -1.0
    if not 0 <= share < 100:
        raise percent.place.error(f"expected {PERCENT}, from 0% to below 100%, got {shown(percent)}")
    return length.duration_s * share / 100.0
