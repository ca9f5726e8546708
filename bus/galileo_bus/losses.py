"""Counts observations that never arrived, from the running numbers that sources write into `meta.seq`.

    numbered event → gap to the last number of its source and name;  heartbeat → gap at the tail

A source is one life of a service, so that a restart begins anew. Sources that are gone are forgotten when there are
many, the longest silent first; what was lost of them stays in the totals by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

MOST_SOURCES = 1000


class _Source:
    """What is known of one source: the last number and the losses by event name, and when it was heard last."""

    __slots__ = ("heard_at", "last", "lost")

    def __init__(self) -> None:
        self.last: dict[str, int] = {}
        self.lost: Counter[str] = Counter()
        self.heard_at = 0


class LossCounter:
    """Plain state: the last number heard per source and event name.

    The first number heard of a source, be it in a heartbeat, says nothing: earlier ones may have been said before we
    listened.
    """

    def __init__(self, *, most_sources: int = MOST_SOURCES) -> None:
        self._sources: dict[str, _Source] = {}
        self._most_sources = most_sources
        self._turn = 0
        self.lost = 0
        self.by_name: Counter[str] = Counter()
        """Losses by event name, of all sources ever heard."""

    def note(self, source: str, name: str, seq: int) -> int:
        """A numbered event arrived. Returns how many before it are newly known to be lost."""
        of = self._heard(source)
        last = of.last.get(name)
        if last is not None and seq <= last:
            return 0
        of.last[name] = seq
        missing = 0 if last is None else seq - last - 1
        if missing:
            self._count(of, name, missing)
        return missing

    def heartbeat(self, source: str, last: Mapping[str, int]) -> int:
        """A source said the last number per name. Returns how many at the tail are newly known to be lost."""
        of = self._heard(source)
        total = 0
        for name, seq in last.items():
            missing = seq - of.last.setdefault(name, seq)
            if missing > 0:
                of.last[name] = seq
                self._count(of, name, missing)
                total += missing
        return total

    def by_source(self) -> dict[tuple[str, str], int]:
        """Losses by (source, event name), of the sources that are remembered, where there are any."""
        return {(source, name): lost for source, of in self._sources.items() for name, lost in of.lost.items()}

    def _heard(self, source: str) -> _Source:
        self._turn += 1
        of = self._sources.get(source)
        if of is None:
            if len(self._sources) >= self._most_sources:
                del self._sources[min(self._sources, key=lambda known: self._sources[known].heard_at)]
            of = self._sources[source] = _Source()
        of.heard_at = self._turn
        return of

    def _count(self, of: _Source, name: str, missing: int) -> None:
        of.lost[name] += missing
        self.by_name[name] += missing
        self.lost += missing
