"""When which instrument is due: each at `start + k · period`, whatever a reading took, so that nothing drifts.

Instruments of one period, or of periods that divide one another, are due together: one tick reads them all and is
published at once. Whoever comes late reads once and goes on at the next time of the grid; the times in between are
counted as skipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

# Times of the grid that differ by less are one tick.
_SAME_S = 1e-6


@dataclass
class _Entry:
    period_s: float
    start_s: float
    tick: int

    @property
    def due_s(self) -> float:
        return self.start_s + self.tick * self.period_s


class Schedule:
    """Instruments by name with their periods; times are seconds of one clock."""

    def __init__(self, periods_s: Mapping[str, float], *, start_s: float) -> None:
        self._entries = {name: _Entry(period_s, start_s, 1) for name, period_s in periods_s.items()}
        self.skipped = 0

    @property
    def next_s(self) -> float | None:
        """When the next one is due; None without any instrument."""
        return min((entry.due_s for entry in self._entries.values()), default=None)

    def take(self, now_s: float) -> list[str]:
        """Those that are due, in the order in which they were given; each is then due at its next time after now."""
        due = []
        for name, entry in self._entries.items():
            if entry.due_s > now_s + _SAME_S:
                continue
            due.append(name)
            following = math.floor((now_s + _SAME_S - entry.start_s) / entry.period_s) + 1
            following = max(following, entry.tick + 1)  # however the division was rounded
            self.skipped += following - entry.tick - 1
            entry.tick = following
        return due

    def add(self, name: str, period_s: float, *, start_s: float) -> None:
        """One more from now on, on the grid of the others where its period is theirs."""
        same = next((entry.start_s for entry in self._entries.values() if entry.period_s == period_s), start_s)
        tick = max(1, math.floor((start_s - same) / period_s) + 1)
        self._entries[name] = _Entry(period_s, same, tick)
