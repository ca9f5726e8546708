"""Tells apart trace lines that were merely published from those that come by the record stream as well.

Our own load clients append their lines to the stream and publish them for watchers; other senders only publish. A
published line waits a moment; if its request did not come by the stream in that time, it is a foreign sender's.
"""

from __future__ import annotations

from collections import OrderedDict, deque


class ForeignLines:
    """Plain state; times in seconds. `patience_s`: how long a line waits for its twin on the stream."""

    def __init__(self, *, patience_s: float = 2.0) -> None:
        self._patience_s = patience_s
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._waiting: deque[tuple[float, bytes, bytes]] = deque()

    def came_by_stream(self, line: bytes, now: float) -> None:
        """A line of the record stream."""
        request_id = _request_id(line)
        self._seen[request_id] = now
        self._seen.move_to_end(request_id)

    def published(self, line: bytes, now: float) -> None:
        """A line heard on the channel."""
        self._waiting.append((now, _request_id(line), line))

    def foreign(self, now: float) -> list[bytes]:
        """The lines that have waited long enough and are not on the stream."""
        found = []
        while self._waiting and self._waiting[0][0] <= now - self._patience_s:
            _, request_id, line = self._waiting.popleft()
            if request_id not in self._seen:
                found.append(line)
        while self._seen and next(iter(self._seen.values())) < now - 5 * self._patience_s:
            self._seen.popitem(last=False)
        return found


def _request_id(line: bytes) -> bytes:
    return line.partition(b",")[0]
