"""Events of the last while, in the order of their window's end, whatever the order in which they arrived."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Window(Generic[T]):
    """Items by the time at which the window they speak of ended (unix seconds)."""

    def __init__(self) -> None:
        self._ends: list[float] = []
        self._items: list[T] = []
        self._keys: list[tuple[object, ...]] = []

    def add(self, end: float, key: tuple[object, ...], item: T) -> bool:
        """Puts an item in its place; False when one with the same end and key is there already."""
        place = bisect.bisect_right(self._ends, end)
        first = bisect.bisect_left(self._ends, end)
        if key in self._keys[first:place]:
            return False
        self._ends.insert(place, end)
        self._items.insert(place, item)
        self._keys.insert(place, key)
        return True

    def between(self, start: float, end: float) -> Sequence[T]:
        """The items whose windows ended after `start` and until `end`."""
        return self._items[bisect.bisect_right(self._ends, start) : bisect.bisect_right(self._ends, end)]

    def drop_until(self, end: float) -> list[T]:
        """Drops the items whose windows ended at `end` or before, and returns them."""
        count = bisect.bisect_right(self._ends, end)
        dropped = self._items[:count]
        del self._ends[:count], self._items[:count], self._keys[:count]
        return dropped

    @property
    def newest_end(self) -> float | None:
        """The latest end, None when there is nothing."""
        return self._ends[-1] if self._ends else None
