"""Lengths of time as people write them on the command line: `30s`, `2m`, `1.5m`, `500ms`, or seconds alone."""

from __future__ import annotations

import re

_UNITS_S = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|)")


def read_duration_s(text: str) -> float:
    """Seconds. Raises `ValueError` with what was expected."""
    match = _FORM.fullmatch(text.strip())
    seconds = float(match[1]) * _UNITS_S[match[2]] if match else 0.0
    if not seconds > 0:
        raise ValueError(f"expected a time such as 30s, 2m or 500ms, got {text!r}")
    return seconds
