"""Counts observations that never arrived, from the running numbers that sources write into `meta.seq`.

    numbered event → gap to the last number of its source and name;  heartbeat → gap at the tail

A source is one life of a service, so that a restart begins anew. Sources that are gone are forgotten when there are
many, the longest silent first; what was lost of them stays in the totals by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

MOST_SOURCES = 1000


class LossCounter:
    """Plain state: the last number heard per event name and source.

    The first number heard of a source, be it in a heartbeat, says nothing: earlier ones may have been said before we
    listened.
    """

    def __init__(self, *, most_sources: int = MOST_SOURCES) -> None:
        self._last: dict[str, dict[str, int]] = {}
        self._lost: dict[str, Counter[str]] = {}
        self._heard_at: dict[str, int] = {}
        self._most_sources = most_sources
        self._turn = 0
        self.lost = 0
        self.by_name: Counter[str] = Counter()
        """Losses by event name, of all sources ever heard."""

    def numbers(self, name: str) -> dict[str, int]:
        """The last number by source, for events of one name.

        Whoever reads very many may note a number here that follows on the last one of a known source; all others are
        for `note`.
        """
        return self._last.setdefault(name, {})

    def note(self, source: str, name: str, seq: int) -> int:
        """A numbered event arrived. Returns how many before it are newly known to be lost."""
        self._hear(source)
        numbers = self.numbers(name)
        last = numbers.get(source)
        if last is not None and seq <= last:
            return 0
        numbers[source] = seq
        missing = 0 if last is None else seq - last - 1
        if missing:
            self._count(source, name, missing)
        return missing

    def heartbeat(self, source: str, last: Mapping[str, int]) -> int:
        """A source said the last number per name. Returns how many at the tail are newly known to be lost."""
        self._hear(source)
        total = 0
        for name, seq in last.items():
            numbers = self.numbers(name)
            missing = seq - numbers.setdefault(source, seq)
            if missing > 0:
                numbers[source] = seq
                self._count(source, name, missing)
                total += missing
        return total

    def by_source(self) -> dict[tuple[str, str], int]:
        """Losses by (source, event name), of the sources that are remembered, where there are any."""
        return {(source, name): lost for source, names in self._lost.items() for name, lost in names.items()}

    def _hear(self, source: str) -> None:
        self._turn += 1
        if source not in self._heard_at and len(self._heard_at) >= self._most_sources:
            self._forget(min(self._heard_at, key=lambda known: self._heard_at[known]))
        self._heard_at[source] = self._turn

    def _forget(self, source: str) -> None:
        del self._heard_at[source]
        self._lost.pop(source, None)
        for numbers in self._last.values():
            numbers.pop(source, None)

    def _count(self, source: str, name: str, missing: int) -> None:
        self._lost.setdefault(source, Counter())[name] += missing
        self.by_name[name] += missing
        self.lost += missing
