"""From a property (a name, an address, a node) to the pods that have it, so that no query scans all pods."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Index(Generic[K]):
    """Uids by key, in the order in which they came; keys without uids are forgotten."""

    def __init__(self) -> None:
        self._uids: dict[K, dict[str, None]] = {}

    def add(self, key: K, uid: str) -> None:
        """Enters a uid under a key; twice is once."""
        self._uids.setdefault(key, {})[uid] = None

    def discard(self, key: K, uid: str) -> None:
        """Takes a uid from a key, if it is there."""
        uids = self._uids.get(key)
        if uids is not None:
            uids.pop(uid, None)
            if not uids:
                del self._uids[key]

    def get(self, key: K) -> tuple[str, ...]:
        """The uids of a key; a copy, so that the index may change while it is read."""
        return tuple(self._uids.get(key, ()))

    def keys(self) -> Collection[K]:
        """All keys that have uids."""
        return self._uids.keys()
