"""Counts observations that never arrived, from the running numbers that sources write into `meta.seq`."""

from __future__ import annotations

from collections.abc import Mapping


class LossCounter:
    """Plain state: the last number heard per source and event name.

    The first number heard of a source, be it in a heartbeat, says nothing: earlier ones may have been said before we
    listened.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}
        self.lost = 0

    def note(self, source: str, name: str, seq: int) -> int:
        """A numbered event arrived. Returns how many before it are newly known to be lost."""
        key = (source, name)
        last = self._last.get(key)
        if last is not None and seq <= last:
            return 0
        self._last[key] = seq
        missing = 0 if last is None else seq - last - 1
        self.lost += missing
        return missing

    def heartbeat(self, source: str, last: Mapping[str, int]) -> int:
        """A source said the last number per name. Returns how many at the tail are newly known to be lost."""
        missing = 0
        for name, seq in last.items():
            known = self._last.setdefault((source, name), seq)
            if seq > known:
                missing += seq - known
                self._last[(source, name)] = seq
        self.lost += missing
        return missing
