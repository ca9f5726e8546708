"""Counts observations that never arrived, from the running numbers that sources write into `meta.seq`."""

from __future__ import annotations

from collections.abc import Mapping


class LossCounter:
    """Plain state: the last number heard per source and event name.

    The first number heard of a source, be it in a heartbeat, says nothing: earlier ones may have been said before we
    listened.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[str, int]] = {}
        self.lost = 0

    def numbers(self, name: str) -> dict[str, int]:
        """The last number by source, for events of one name; whoever reads many may note the expected ones there."""
        return self._last.setdefault(name, {})

    def note(self, source: str, name: str, seq: int) -> int:
        """A numbered event arrived. Returns how many before it are newly known to be lost."""
        numbers = self.numbers(name)
        last = numbers.get(source)
        if last is not None and seq <= last:
            return 0
        numbers[source] = seq
        missing = 0 if last is None else seq - last - 1
        self.lost += missing
        return missing

    def heartbeat(self, source: str, last: Mapping[str, int]) -> int:
        """A source said the last number per name. Returns how many at the tail are newly known to be lost."""
        missing = 0
        for name, seq in last.items():
            numbers = self.numbers(name)
            known = numbers.setdefault(source, seq)
            if seq > known:
                missing += seq - known
                numbers[source] = seq
        self.lost += missing
        return missing
