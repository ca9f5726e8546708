"""One connection of the client, which carries one request at a time.

The connection knows what the pool needs to know about it: whether it may carry another request, and whether anything
at all came back for the present one (if not, a request that may be repeated can be sent again on a fresh connection).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

from galileo_backends.http.errors import BadResponse, ConnectionLost
from galileo_backends.http.messages import Headers, Response

_WITHOUT_BODY = frozenset({204, 304})


class ClientConnection(asyncio.Protocol):
    """Made by the client's connector. `closed` is called once, when the connection has ended."""

    def __init__(self, address: str, *, max_response_bytes: int, closed: Callable[[ClientConnection], None]) -> None:
        self._address = address
        self._max_response_bytes = max_response_bytes
        self._closed = closed
        self._answer: asyncio.Future[Response] | None = None
        self._open = False
        self._reusable = True
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.idle_since_s = 0.0
        self.received_bytes = 0

    @property
    def usable(self) -> bool:
        """Whether the connection can carry a (further) request."""
        return self._open and self._reusable and self._answer is None and not self._transport.is_closing()

    async def exchange(self, payload: bytes, *, is_head: bool) -> Response:
        """Send one encoded request and return its response; the connection is aborted if this is cancelled.

        `is_head`: the request is a HEAD, so that the response has no body whatever its headers say.
        Raises ConnectionLost or BadResponse.
        """
        self._is_head = is_head
        self.received_bytes = 0
        self._parser = httptools.HttpResponseParser(self)
        self.on_message_begin()
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._transport.write(payload)
        try:
            return await answer
        except BaseException:
            self._transport.abort()
            raise
        finally:
            self._answer = None
            if not self._reusable:
                self._transport.close()

    def close(self) -> None:
        """Close after what was written has been sent."""
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._open = True

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or answer.done():
            # Bytes that nobody asked for: what they belong to cannot be known, so the connection is of no use.
            self._reusable = False
            self._transport.abort()
            return
        self.received_bytes += len(data)
        if self.received_bytes > self._max_response_bytes:
            self._fail(BadResponse(f"{self._address} answered more than {self._max_response_bytes} bytes"))
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(BadResponse(f"{self._address} changed to another protocol, which was not asked for"))
        except httptools.HttpParserError as error:
            if not self._complete:
                self._fail(BadResponse(f"{self._address} answered something that is not HTTP: {error}"))
            self._reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._open = False
        if self._answer is not None and not self._answer.done():
            if self._until_end and exc is None:
                self.on_message_complete()
            else:
                self._fail(ConnectionLost(f"{self._address} closed the connection before its answer was complete"))
        self.gone.set_result(None)
        self._closed(self)

    # Callbacks of the parser.

    def on_message_begin(self) -> None:
        self._headers = Headers()
        self._body: list[bytes] = []
        self._in_head = True
        self._until_end = False
        self._complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            self._headers.add(name.decode("latin-1"), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._status = self._parser.get_status_code()
        self._keep_alive = self._parser.should_keep_alive()
        if self._status < 200 or self._status in _WITHOUT_BODY:
            return
        if self._is_head:
            self.on_message_complete()  # the parser would wait for a body; the next exchange gets a new one
        elif "content-length" not in self._headers and "transfer-encoding" not in self._headers:
            self._until_end = True

    def on_body(self, data: bytes) -> None:
        if self._complete:  # a body after a HEAD's answer
            self._reusable = False
            return
        self._body.append(data)

    def on_message_complete(self) -> None:
        if self._complete or self._status < 200:  # an interim response (RFC 9110, 15.2): the real one follows
            return
        self._complete = True
        if self._answer is None or self._answer.done():
            return
        self._reusable = self._reusable and self._keep_alive and not self._until_end
        self._answer.set_result(Response(self._status, self._headers, b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        self._reusable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
