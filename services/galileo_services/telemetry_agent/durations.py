"""Durations as telemd's settings write them (and Go reads them): `500ms`, `1s`, `1m30s`, `1.5h`."""

from __future__ import annotations

import re

_UNITS_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


def parse_duration_s(text: str) -> float:
    """Seconds. Raises `ValueError` for anything but numbers with units, one after the other."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ValueError("expected a duration such as 500ms, 1s or 1m30s")
    return sum(float(number) * _UNITS_S[unit] for number, unit in parts)
