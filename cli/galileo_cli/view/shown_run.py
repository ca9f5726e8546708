"""What a view knows of the run that it shows, besides what it hears on the bus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class ShownRun:
    """`start`: the moment that counts as 0 (unix seconds), None before it; `duration_s`: None where there is no end.

    `stage`: what the run is doing when it does not simply run.
    """

    title: str
    start: float | None = None
    duration_s: float | None = None
    stage: str = ""

    def moment(self, ts: float) -> str:
        """Unix seconds as seconds since the start, `  66 s`; where there is no end, as time of day, `14:05:09`.

        Before there is a start it is only as wide.
        """
        if self.start is None:
            return " " * 6
        if self.duration_s is None:
            return datetime.fromtimestamp(ts).strftime("%H:%M:%S")
        return f"{max(0.0, ts - self.start):4.0f} s"
