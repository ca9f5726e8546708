"""Moments as people write them on the command line: `10m` ago, `2026-11-24T17:00`, or unix seconds."""

from __future__ import annotations

from datetime import datetime

from galileo_cli.durations import read_duration_s

FIRST_UNIX_TIME = 1e8
"""A bare number below it is seconds ago."""


def read_moment(text: str, *, now: float) -> float:
    """Unix seconds. A time of day without a zone is the computer's own. Raises `ValueError` with what was expected."""
    words = text.strip()
    try:
        number = float(words)
    except ValueError:
        number = 0.0
    if number >= FIRST_UNIX_TIME:
        return number
    try:
        return now - read_duration_s(words)
    except ValueError:
        pass  # no time ago; perhaps a date
    try:
        return datetime.fromisoformat(words).timestamp()
    except ValueError:
        raise ValueError(f"expected 10m (ago), 2026-11-24T17:00 or unix seconds, got {text!r}") from None
