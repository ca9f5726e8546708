"""Which decisions come before ours and are in other hands: a key's order holds across replicas and takeovers.

    entries that we were given → earlier ones, given to others and not acknowledged → by key → may ours be handled now?

A group gives entries out in the stream's order. So whatever comes before an entry that we hold is acknowledged, in our
hands, or known as pending with somebody else at that moment; it can only become less. A replica that died keeps its
entries until they are claimed, and what it left behind goes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from galileo_bus.transport.places import id_order


class Predecessors:
    """Plain state, by stream and entry id."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, str]] = {}

    def note(self, stream: str, pending: Iterable[tuple[str, str]]) -> None:
        """Entries in other hands, (id, key) each; those without a key are nobody's predecessors."""
        self._keys.setdefault(stream, {}).update({entry_id: key for entry_id, key in pending if key})

    def taken_over(self, stream: str, entry_id: str) -> None:
        """That entry stands in our own queue now, which is in order."""
        self._keys.get(stream, {}).pop(entry_id, None)

    def keep_only(self, stream: str, pending: Collection[str]) -> None:
        """Those that are not pending any more, by their ids, are done with."""
        known = self._keys.get(stream, {})
        self._keys[stream] = {entry_id: key for entry_id, key in known.items() if entry_id in pending}

    def hold(self, stream: str, key: str, entry_id: str) -> bool:
        """Whether an entry has to wait for an earlier one of its key."""
        known = self._keys.get(stream)
        if not key or not known:
            return False
        here = id_order(entry_id)
        return any(other == key and id_order(earlier) < here for earlier, other in known.items())
