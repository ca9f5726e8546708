"""A stream in memory, and the groups that read it, as Redis has them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field

from galileo_bus.transport.places import BEGINNING, id_order, just_before
from galileo_bus.transport.retention import Retention


@dataclass
class HandedOut:
    """An entry that a consumer has in hand, since when, and how often it was handed out."""

    consumer: str
    since: float
    deliveries: int


@dataclass
class MemoryGroup:
    """Where a group has come to, and what its members have in hand by id."""

    read_up_to: str = BEGINNING
    pending: dict[str, HandedOut] = field(default_factory=dict)


@dataclass
class MemoryStream:
    """Entries, (id, payload) each, in the order of their ids."""

    entries: list[tuple[str, bytes]] = field(default_factory=list)
    groups: dict[str, MemoryGroup] = field(default_factory=dict)
    last_id: str = BEGINNING

    def append(self, payload: bytes, *, now: float) -> None:
        """Takes an entry at that time; ids rise even where the clock does not."""
        milliseconds, number = id_order(self.last_id)
        taken = int(now * 1000)
        self.last_id = f"{taken}-0" if taken > milliseconds else f"{milliseconds}-{number + 1}"
        self.entries.append((self.last_id, payload))

    def trim(self, retention: Retention, *, now: float) -> None:
        """Drops what is kept no longer."""
        surplus = max(0, len(self.entries) - retention.max_length)
        if retention.max_age_s is not None:
            surplus = max(surplus, self._index_after(just_before(now - retention.max_age_s)))
        if surplus:
            del self.entries[:surplus]

    def after(self, place: str) -> list[tuple[str, bytes]]:
        """The entries after a place."""
        return self.entries[self._index_after(place) :]

    def find(self, entry_id: str) -> bytes | None:
        """The payload of an entry, None when it is gone."""
        index = self._index_after(entry_id) - 1
        return self.entries[index][1] if index >= 0 and self.entries[index][0] == entry_id else None

    def delete(self, ids: Collection[str]) -> int:
        """Deletes entries; says how many were there."""
        before = len(self.entries)
        self.entries = [entry for entry in self.entries if entry[0] not in ids]
        return before - len(self.entries)

    def _index_after(self, place: str) -> int:
        if place == BEGINNING:
            return 0
        return bisect_right(self.entries, id_order(place), key=lambda entry: id_order(entry[0]))
