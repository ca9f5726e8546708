"""What a view knows of the run that it shows, besides what it hears on the bus."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ShownRun:
    """`start`: the moment that counts as 0 (unix seconds), None before it; `duration_s`: None where there is no end.

    `stage`: what the run is doing when it does not simply run.
    """

    title: str
    start: float | None = None
    duration_s: float | None = None
    stage: str = ""

    def at(self, ts: float) -> str:
        """A moment as seconds since the start, such as `66 s`; before the start, empty."""
        return "" if self.start is None else f"{ts - self.start:.0f} s"
