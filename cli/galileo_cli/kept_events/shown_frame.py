"""One line about a frame as it came, for `galileo events tail` and `replay`."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from datetime import datetime

from galileo_schemas.frame import RawFrame


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether an event's name fits one of the patterns, as in `pod/*`."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def shown_frame(frame: RawFrame) -> str:
    """The time of day, the name, the value as it is."""
    clock = datetime.fromtimestamp(frame.ts).strftime("%H:%M:%S.%f")[:-3]
    return f"{clock} {frame.name:<20} {frame.value.decode('utf-8', 'replace')}"
