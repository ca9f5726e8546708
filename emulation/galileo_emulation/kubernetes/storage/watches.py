"""Watches: the changes of one kind, through a selector, as a stream of JSON lines.

A watcher is no more than the version up to which it has been told. It sleeps until the store has news of its kind,
then takes what came since from the kind's history (history.py) and writes it in pieces; while a slow client holds up
the writing, nothing piles up for it. When the history no longer reaches back to where the watcher stands, the stream
ends with an ERROR event of code 410, and the client lists again. Objects are encoded once, at storing, and a change is
written once for all watchers that ask for the same form.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import orjson

from ..errors import ApiError, expired, invalid_option
from ..kind import Kind
from ..selectors import Selection
from .history import Change, Stored
from .listing import parse_version
from .store import Store

Render = Callable[[Stored], bytes]

BOOKMARK_INTERVAL_S = 60.0
# A last bookmark comes this long before the end of a watch, so that the next one starts from it.
FAREWELL_S = 2.0
# Unless the client says how long: between this and twice this, so that many watches do not end together.
SHORTEST_WATCH_S = 1800.0
_EVENTS_A_WRITE = 256


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """A watch's parameters. `start` None: the present objects first. `version` is what must have been reached."""

    start: int | None
    bookmarks: bool
    initial_end: bool
    timeout_s: float | None


def watch_request(
    *,
    version: str,
    match: str,
    send_initial: str,
    bookmarks: bool,
    timeout_s: float | None,
) -> WatchRequest:
    """Read a watch's parameters. Raises ApiError: 422 for refused combinations, 500 for a version that is none."""
    if send_initial and match != "NotOlderThan":
        rule = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        raise invalid_option("ListOptions", "resourceVersionMatch", "FieldValueForbidden", rule)
    if match and not send_initial:
        rule = "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        raise invalid_option("ListOptions", "resourceVersionMatch", "FieldValueForbidden", rule)
    number = parse_version(version) if version else 0
    if number is None:
        raise ApiError(500, None, f'resourceVersion: Invalid value: "{version}": not a number')
    wanted = send_initial == "true" or (not send_initial and number == 0)
    return WatchRequest(
        start=None if wanted else number,
        bookmarks=bookmarks,
        initial_end=send_initial == "true" and bookmarks,
        timeout_s=timeout_s,
    )


@dataclass(slots=True)
class Watch:
    """One watcher: what it wants to see, and the version up to which it has been told.

    `form` is equal for watchers whose `render` writes an object in the same way; None where nobody else does.
    """

    store: Store
    kind: Kind
    namespace: str | None
    selection: Selection
    render: Render
    form: object = None
    position: int = 0

    async def lines(self, request: WatchRequest) -> AsyncIterator[bytes]:
        """The stream, in pieces of one or more lines. Ends by timeout, or after an ERROR event."""
        loop = asyncio.get_running_loop()
        length_s = request.timeout_s or SHORTEST_WATCH_S * (1 + self.store.rng.random())
        end = loop.time() + length_s
        news = asyncio.Event()
        with self.store.listening(self.kind, news.set):
            for piece in self._beginning(request):
                yield piece
            bookmark = _next_bookmark(loop.time(), end) if request.bookmarks else end
            while True:
                news.clear()
                if self.position < self.store.history(self.kind).floor:
                    yield self._too_old()
                    return
                for piece in self._news():
                    yield piece
                if loop.time() >= end or not self.store.catalog.is_current(self.kind):
                    return
                if loop.time() >= bookmark:
                    yield self.bookmark()
                    bookmark = _next_bookmark(loop.time(), end)
                await _set_or_late(news, min(end, bookmark) - loop.time())

    def _beginning(self, request: WatchRequest) -> Iterator[bytes]:
        if request.start is not None:
            self.position = request.start
            return
        self.position = self.store.version
        present = [
            stored
            for stored in self.store.objects(self.kind, self.namespace).values()
            if self.selection.matches(stored.body)
        ]
        for first in range(0, len(present), _EVENTS_A_WRITE):
            some = present[first : first + _EVENTS_A_WRITE]
            yield b"".join(_line(b"ADDED", self.render(stored)) for stored in some)
        if request.initial_end:
            yield self.bookmark({"annotations": {"k8s.io/initial-events-end": "true"}})

    def _news(self) -> Iterator[bytes]:
        changes = self.store.history(self.kind).since(self.position)
        self.position = max(self.position, self.store.version)
        lines = []
        for change in changes:
            line = self._seen(change)
            if line is not None:
                lines.append(line)
            if len(lines) >= _EVENTS_A_WRITE:
                yield b"".join(lines)
                lines.clear()
        if lines:
            yield b"".join(lines)

    def _seen(self, change: Change) -> bytes | None:
        """How a change looks through the selector; None when it does not show."""
        if self.namespace is not None and not change.key.startswith(f"{self.namespace}/"):
            return None
        before, after = self._selects(change.before), self._selects(change.after)
        if after:
            return self._written(change, b"MODIFIED" if before else b"ADDED")
        return self._written(change, b"DELETED") if before else None

    def _selects(self, stored: Stored | None) -> bool:
        return stored is not None and (self.selection.everything or self.selection.matches(stored.body))

    def _written(self, change: Change, event: bytes) -> bytes:
        """The line for a change: written by the first watcher of a form, for all of them."""
        written = change.written if self.form is not None else None
        line = written.get((event, self.form)) if written is not None else None
        if line is None:
            line = _line(event, self._rendered(change.gone if event == b"DELETED" else change.last))
            if written is not None:
                written[event, self.form] = line
        return line

    def _rendered(self, stored: Stored) -> bytes:
        return self.render(stored if self.kind.custom is None else self.kind.custom.shown(stored))

    def bookmark(self, metadata: dict[str, object] | None = None) -> bytes:
        """A BOOKMARK event: nothing but the version up to which the client has been told."""
        body = {
            "kind": self.kind.kind,
            "apiVersion": self.kind.api_version,
            "metadata": {"resourceVersion": str(self.position), **(metadata or {})},
            **self.kind.bookmark,
        }
        return _line(b"BOOKMARK", orjson.dumps(body))

    def _too_old(self) -> bytes:
        floor = self.store.history(self.kind).floor
        error = expired(f"too old resource version: {self.position} ({floor})")
        return _line(b"ERROR", orjson.dumps(error.status))


def _line(event: bytes, encoded: bytes) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (event, encoded)


def _next_bookmark(now: float, end: float) -> float:
    farewell = end - FAREWELL_S
    return min(now + BOOKMARK_INTERVAL_S, farewell) if farewell > now else end


async def _set_or_late(news: asyncio.Event, wait_s: float) -> None:
    """Wait for news, but not longer than `wait_s` seconds."""
    loop = asyncio.get_running_loop()
    timer = loop.call_later(max(0.0, wait_s), news.set)
    try:
        await news.wait()
    finally:
        timer.cancel()
