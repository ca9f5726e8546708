"""Counters that only grow, as rates: by how much they grew since they were last read, per second in between.

Devices come and go: one that is new has no rate yet, one that is gone is forgotten. A counter that shows less than
before was started anew or has wrapped; how much it counted in between is not known, so it has no rate this time.
"""

from __future__ import annotations

from collections.abc import Mapping


class Rates:
    """The counters of one instrument, by device."""

    def __init__(self) -> None:
        self._at = 0.0
        self._counts: dict[str, int] = {}

    def begin(self, counts: Mapping[str, int], at: float) -> None:
        """Forgets what was before: the next rates are since `at` (seconds)."""
        self._at, self._counts = at, dict(counts)

    def per_second(self, counts: Mapping[str, int], at: float) -> dict[str, float]:
        """The rates since the reading before. Nothing when no time has passed; the counters then stay those before."""
        elapsed_s, before = at - self._at, self._counts
        if elapsed_s <= 0.0:
            return {}
        self.begin(counts, at)
        return {
            name: (count - before[name]) / elapsed_s
            for name, count in counts.items()
            if name in before and count >= before[name]
        }
