"""Cron schedules: five fields, or one of the named ones such as @daily, as sets of numbers.

Follows the form that the CronJob API takes: lists, ranges, steps, names of months and days, `?` for `*`, Sunday as 0
or 7, and `@every <duration>`.
"""

import re
from dataclasses import dataclass

_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
# Field, lowest, highest, names.
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


class ScheduleError(ValueError):
    """The text is no schedule; the message says why."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The moments at which something is due. `every_s` (seconds) is set for `@every`, and then the sets are empty.

    When both days of the month and days of the week are restricted, either suffices, as in every cron.
    """

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = False
    any_weekday: bool = False
    every_s: float | None = None


def parse_schedule(text: str) -> Schedule:
    """Read a schedule. Raises ScheduleError."""
    if text.startswith("@every "):
        return Schedule(every_s=_seconds(text.removeprefix("@every ").strip()))
    if text.startswith("@") and text not in _NAMED:
        raise ScheduleError(f"unrecognized descriptor: {text}; expected one of {', '.join(_NAMED)} or @every")
    parts = _NAMED.get(text, text).split()
    if len(parts) != len(_FIELDS):
        raise ScheduleError(f"expected exactly 5 fields, found {len(parts)}: {parts}")
    minutes, hours, days, months, weekdays = (_field(part, *form) for part, form in zip(parts, _FIELDS, strict=True))
    return Schedule(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        any_day=parts[2][0] in "*?",
        any_weekday=parts[4][0] in "*?",
    )


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise ScheduleError(f"failed to parse duration {text}: expected hours, minutes and seconds such as 1h30m10s")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _field(text: str, name: str, lowest: int, highest: int, names: dict[str, int]) -> frozenset[int]:
    return frozenset(
        number for part in text.split(",") for number in _range(part, name=name, span=(lowest, highest), names=names)
    )


def _range(text: str, *, name: str, span: tuple[int, int], names: dict[str, int]) -> range:
    bounds, slash, step_text = text.partition("/")
    first_text, dash, last_text = bounds.partition("-")
    if bounds in ("*", "?"):
        first, last = span
    else:
        first = _number(first_text, name, names)
        last = _number(last_text, name, names) if dash else (span[1] if slash else first)
    step = _number(step_text, name, {}) if slash else 1
    if step == 0:
        raise ScheduleError(f"step of range should be a positive number: {text}")
    if first < span[0] or last > span[1]:
        raise ScheduleError(f"{name} {text} is out of range: expected {span[0]} to {span[1]}")
    if first > last:
        raise ScheduleError(f"beginning of range ({first}) beyond end of range ({last}): {text}")
    return range(first, last + 1, step)


def _number(text: str, name: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not text.isascii() or not text.isdigit():
        raise ScheduleError(f"{name}: expected a number, found {text!r}")
    return int(text)
