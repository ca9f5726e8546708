"""What a container has written: its newest lines, bounded, for whoever asks.

    function (a line per request) or process (its output) -> ContainerLog -> NodeAccess -> API server -> kubectl logs

A function notes a request as a tuple; it becomes text only when somebody reads. The oldest lines go when there are too
many, as when a container runtime rotates its files.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime

LONGEST_LINE_BYTES = 16 * 1024
"""What is longer is cut, as a container runtime splits it."""

RequestEntry = tuple[float, str, str, int, float, str]
"""When it came (unix seconds), method, target, status (499: broken off), seconds it took, its sender's address."""


class ContainerLog:
    """The last lines of one run of a container: at most `most_lines`, and at most `most_bytes` of written text.

    `also` is given each written line, with its moment (unix seconds).
    """

    def __init__(
        self,
        *,
        most_lines: int = 10_000,
        most_bytes: int = 1024 * 1024,
        also: Callable[[float, bytes], None] | None = None,
    ) -> None:
        self._also = also
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._entries: deque[RequestEntry | tuple[float, bytes]] = deque()
        self._text_bytes = 0
        self._dropped = 0
        self._followers: set[asyncio.Event] = set()
        self.closed = False

    def write(self, unix_s: float, line: bytes) -> None:
        """Add a line, without its end."""
        line = line[:LONGEST_LINE_BYTES]
        if self._also is not None:
            self._also(unix_s, line)
        self._text_bytes += len(line)
        self._entries.append((unix_s, line))
        while self._text_bytes > self._most_bytes or len(self._entries) > self._most_lines:
            self._drop_oldest()
        self._wake()

    def note_request(self, entry: RequestEntry) -> None:
        """Add the line of a request. It is called for every one, and does no more than it has to."""
        self._entries.append(entry)
        if len(self._entries) > self._most_lines:
            self._drop_oldest()
        if self._followers:
            self._wake()

    def close(self) -> None:
        """The container has ended; nothing more will come, and those who follow are told."""
        self.closed = True
        self._wake()

    @property
    def last_words(self) -> str:
        """The last written line that is not empty, "" if there is none."""
        texts = (entry[1] for entry in reversed(self._entries) if len(entry) == 2)
        return next((text.decode("utf-8", "replace").strip() for text in texts if text.strip()), "")

    def lines(
        self, *, tail: int | None = None, since_unix_s: float | None = None, timestamps: bool = False
    ) -> list[bytes]:
        """The lines that are kept, each with its end: the last `tail` of those not older than `since_unix_s`."""
        chosen = [entry for entry in self._entries if since_unix_s is None or entry[0] >= since_unix_s]
        if tail is not None:
            chosen = chosen[-tail:] if tail > 0 else []
        return [_rendered(entry, timestamps=timestamps) for entry in chosen]

    async def follow(
        self, *, tail: int | None = None, since_unix_s: float | None = None, timestamps: bool = False
    ) -> AsyncGenerator[list[bytes], None]:
        """The lines as `lines` has them, then those that come, until the container has ended."""
        news = asyncio.Event()
        self._followers.add(news)
        try:
            position = self._dropped + len(self._entries)
            if first := self.lines(tail=tail, since_unix_s=since_unix_s, timestamps=timestamps):
                yield first
            while True:
                # No await between these two lines, or a line that comes in between would not wake us.
                news.clear()
                fresh = [_rendered(entry, timestamps=timestamps) for entry in self._after(position)]
                position = self._dropped + len(self._entries)
                if fresh:
                    yield fresh
                elif self.closed:
                    return
                else:
                    await news.wait()
        finally:
            self._followers.discard(news)

    def _drop_oldest(self) -> None:
        entry = self._entries.popleft()
        self._dropped += 1
        if len(entry) == 2:
            self._text_bytes -= len(entry[1])

    def _after(self, position: int) -> Iterator[RequestEntry | tuple[float, bytes]]:
        start = max(0, position - self._dropped)
        for index in range(start, len(self._entries)):
            yield self._entries[index]

    def _wake(self) -> None:
        for follower in self._followers:
            follower.set()


def _rendered(entry: RequestEntry | tuple[float, bytes], *, timestamps: bool) -> bytes:
    if len(entry) == 2:
        text = entry[1]
    else:
        at, method, target, status, duration_s, client = entry
        line = f"{_moment(at, 'milliseconds')} {method} {target} {status} {duration_s * 1000:.1f}ms {client}"
        text = line.encode("utf-8", "replace")
    prefix = _moment(entry[0], "microseconds").encode() + b" " if timestamps else b""
    return prefix + text + b"\n"


def _moment(unix_s: float, precision: str) -> str:
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
