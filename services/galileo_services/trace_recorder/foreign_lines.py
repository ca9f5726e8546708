"""Tells apart trace lines that were merely published from those that come by the record stream as well.

Our own load clients append their lines to the stream and publish them for watchers; other senders only publish. A
published line waits a moment; if its request did not come by the stream in that time, it is a foreign sender's. The
stream may be late all the same, or tell a request twice: whoever counts requests is told which ones are new.
"""

from __future__ import annotations

from collections import OrderedDict, deque


class ForeignLines:
    """Plain state; times in seconds. `patience_s`: how long a line waits for its twin on the stream."""

    def __init__(self, *, patience_s: float = 2.0) -> None:
        self._patience_s = patience_s
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._waiting: deque[tuple[float, bytes, bytes]] = deque()

    def came_by_stream(self, line: bytes, now: float) -> bool:
        """A line of the record stream. Whether its request is new: no such line was here of late."""
        return self._see(_request_id(line), now)

    def published(self, line: bytes, now: float) -> None:
        """A line heard on the channel."""
        self._waiting.append((now, _request_id(line), line))

    def foreign(self, now: float) -> list[bytes]:
        """The lines that have waited long enough and are not on the stream, each request once."""
        found = []
        while self._waiting and self._waiting[0][0] <= now - self._patience_s:
            found.append(self._waiting.popleft())
        lines = [line for _, request_id, line in found if self._see(request_id, now)]
        while self._seen and next(iter(self._seen.values())) < now - 5 * self._patience_s:
            self._seen.popitem(last=False)
        return lines

    def rest(self, now: float) -> list[bytes]:
        """The lines that still wait, when there is no more waiting: they may be on the stream all the same."""
        return self.foreign(now + self._patience_s)

    def _see(self, request_id: bytes, now: float) -> bool:
        is_new = request_id not in self._seen
        self._seen[request_id] = now
        self._seen.move_to_end(request_id)
        return is_new


def _request_id(line: bytes) -> bytes:
    return line.partition(b",")[0]
