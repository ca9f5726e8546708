"""One connection of the server: bytes in, the handler's answers out, in the order of the requests.

Each connection has one task. It takes the requests that the reader completed one after the other, so pipelined
requests are answered in order without any bookkeeping, and it ends when the connection does: a client that goes away
(an end of its stream counts as that) cancels the handler that works for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import cast

from galileo_backends.http.encoding import encode_response
from galileo_backends.http.messages import Headers, Request, Response
from galileo_backends.http.request_reader import Limits, Received, Refused, RequestReader

Handler = Callable[[Request], Awaitable[Response]]

_QUEUE_LIMIT = 32  # pipelined requests that wait; beyond it the socket is not read
_LINGER_S = 2.0  # how long a refused sender may go on sending before the connection is cut

_log = logging.getLogger(__name__)


class ServerConnection(asyncio.Protocol):
    """Belongs to a server, which is told of its beginning and end through `opened` and `closed`."""

    def __init__(
        self,
        handler: Handler,
        *,
        limits: Limits,
        idle_timeout_s: float,
        name: str,
        opened: Callable[[ServerConnection], None],
        closed: Callable[[ServerConnection], None],
    ) -> None:
        self._handler = handler
        self._limits = limits
        self._idle_timeout_s = idle_timeout_s
        self._name = name
        self._opened = opened
        self._closed = closed
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Received | Refused] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._busy = False
        self._draining = False
        self._lingering = False
        self._gone: asyncio.Future[None] = self._loop.create_future()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        address = (str(peer[0]), int(peer[1])) if isinstance(peer, tuple) else ("", 0)
        self._reader = RequestReader(address, self._limits)
        self._last_activity_s = self._loop.time()
        self._timer = self._loop.call_later(self._idle_timeout_s, self._close_if_idle)
        self._task = self._loop.create_task(self._answer_all(), name=f"{self._name} {address[0]}:{address[1]}")
        self._task.add_done_callback(self._report)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        if self._lingering:
            return
        self._last_activity_s = self._loop.time()
        self._queue.extend(self._reader.feed(data))
        if self._reader.wants_continue and not self._queue and not self._busy:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if len(self._queue) >= _QUEUE_LIMIT:
            self._transport.pause_reading()
        if self._queue and self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        self._writable.set()
        self._task.cancel()
        if not self._gone.done():
            self._gone.set_result(None)
        self._closed(self)

    # What the server calls.

    def drain(self) -> None:
        """Finish the requests that are in hand, then close."""
        self._draining = True
        if not self._busy and not self._queue:
            self._transport.close()

    def abort(self) -> None:
        """Cut the connection and cancel its handler."""
        self._transport.abort()

    async def wait_gone(self) -> None:
        """Until the connection is closed and its task has ended."""
        await asyncio.wait({self._gone})
        await asyncio.wait({self._task})

    # The task.

    async def _answer_all(self) -> None:
        try:
            while True:
                item = await self._next()
                self._busy = True
                if isinstance(item, Refused):
                    self._refuse(item)
                    return
                answer = await self._answer(item)
                keep_alive = item.keep_alive and not (self._draining and not self._queue)
                self._transport.write(self._encode(answer, item.request, keep_alive=keep_alive))
                await self._writable.wait()
                self._last_activity_s = self._loop.time()
                self._busy = False
                if not keep_alive:
                    return
        finally:
            if not self._lingering:
                self._transport.close()

    def _report(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            _log.error("%s: a connection ended by a fault of the server", task.get_name(), exc_info=task.exception())

    async def _next(self) -> Received | Refused:
        while not self._queue:
            self._arrival = self._loop.create_future()
            await self._arrival
        item = self._queue.popleft()
        if not self._queue:
            self._transport.resume_reading()
        return item

    async def _answer(self, item: Received) -> Response:
        try:
            return await self._handler(item.request)
        except asyncio.CancelledError:
            if self._task.cancelling():
                raise
            # Something the handler awaited was cancelled by someone else: a fault of the handler, not our end.
            return self._failed(item.request)
        except Exception:
            return self._failed(item.request)

    def _encode(self, answer: Response, request: Request, *, keep_alive: bool) -> bytes:
        to_head = request.method == "HEAD"
        try:
            return encode_response(answer, keep_alive=keep_alive, to_head=to_head)
        except ValueError:
            return encode_response(self._failed(request), keep_alive=keep_alive, to_head=to_head)

    def _failed(self, request: Request) -> Response:
        _log.exception("%s: %s %s failed, answered 500", self._name, request.method, request.target)
        return _plain(500, "the server failed to handle the request; its log says why")

    def _refuse(self, refused: Refused) -> None:
        # Closing a socket with unread bytes resets it, and a reset may overtake the answer. So: say it, end our side,
        # and throw away what still comes until the sender closes or has had its time.
        self._lingering = True
        self._transport.write(encode_response(_plain(refused.status, refused.reason), keep_alive=False))
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._timer.cancel()
        self._timer = self._loop.call_later(_LINGER_S, self._transport.abort)

    def _close_if_idle(self) -> None:
        idle_s = self._loop.time() - self._last_activity_s
        if not self._busy and not self._queue and idle_s >= self._idle_timeout_s:
            self._transport.close()
            return
        rest_s = self._idle_timeout_s if self._busy else max(self._idle_timeout_s - idle_s, 0.001)
        self._timer = self._loop.call_later(rest_s, self._close_if_idle)


def _plain(status: int, text: str) -> Response:
    return Response(status, Headers([("Content-Type", "text/plain; charset=utf-8")]), f"{text}\n".encode())
