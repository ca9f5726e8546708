"""From the bytes of a server's connection to whole requests, in order.

A refusal takes its place in the same order: requests that came whole before a malformed one are still answered, then
the refusal, and nothing after it is read, since where the next request would begin is not known any more.
Two readings of one message are the root of request smuggling, so anything ambiguous is refused: both a
Content-Length and a Transfer-Encoding, a Transfer-Encoding other than chunked or on HTTP/1.0, no or two Host headers.
"""

from __future__ import annotations

from dataclasses import dataclass

import httptools

from galileo_backends.http.messages import Headers, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one request may hold. `head_bytes` covers request line, headers and trailers."""

    head_bytes: int = 64 * 1024
    body_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A whole request, and whether its connection may carry another one."""

    request: Request
    keep_alive: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that is answered with `status` and one line of `reason` without being handled."""

    status: int
    reason: str


class _ReadingEndedError(Exception):
    """Leaves the parser from within its callbacks; the refusal is already noted."""


class RequestReader:
    """Holds the request that is being received. After a refusal `feed` returns nothing more."""

    def __init__(self, peer: tuple[str, int], limits: Limits) -> None:
        self._peer = peer
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._done: list[Received | Refused] = []
        self._refused = False
        self._progress = False
        self._unfinished_bytes = 0
        self.on_message_begin()

    @property
    def wants_continue(self) -> bool:
        """Whether the sender waits for "100 Continue" before it sends its body."""
        return self._expects_body and not self._body and (self._headers.get("expect") or "").lower() == "100-continue"

    def feed(self, data: bytes) -> list[Received | Refused]:
        """Take the bytes that arrived; return what they completed, oldest first."""
        if self._refused:
            return []
        self._progress = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # The last request offered another protocol, which a server may ignore; what follows it may be either.
            self._refused = True
        except httptools.HttpParserError as error:
            if not self._refused:
                self._refuse(400, f"malformed request: {error}")
        self._count_unfinished(len(data))
        done, self._done = self._done, []
        return done

    # Callbacks of the parser, in the order in which a message calls them.

    def on_message_begin(self) -> None:
        self._progress = True
        self._target = b""
        self._headers = Headers()
        self._head_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._expects_body = False
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value) + 4)
        if self._in_head:  # else it is a trailer: counted, and not taken for a header
            self._headers.add(name.decode("latin-1"), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        self._progress = True
        self._in_head = False
        self._keep_alive = self._parser.should_keep_alive()
        version = self._parser.get_http_version()
        hosts = len(self._headers.getall("host"))
        if hosts > 1 or (hosts == 0 and version == "1.1"):
            self._stop(400, f"expected one Host header, found {hosts}")
        encoding = self._headers.joined("transfer-encoding")
        if encoding is not None and version != "1.1":
            self._stop(400, "Transfer-Encoding needs HTTP/1.1; send a Content-Length")
        if encoding is not None and encoding.lower() != "chunked":
            self._stop(501, f"Transfer-Encoding {encoding!r} is not supported; send chunked or a Content-Length")
        length = int(self._headers.get("content-length") or 0)
        if length > self._limits.body_bytes:
            self._refuse_body()
        self._expects_body = length > 0 or encoding is not None
        if self._parser.should_upgrade() and (self._expects_body or self._parser.get_method() == b"CONNECT"):
            self._stop(501, "neither CONNECT nor an upgrade with a body is supported; send a plain HTTP/1.1 request")

    def on_chunk_header(self) -> None:
        self._progress = True

    def on_body(self, data: bytes) -> None:
        self._progress = True
        self._body_bytes += len(data)
        if self._body_bytes > self._limits.body_bytes:
            self._refuse_body()
        self._body.append(data)

    def on_message_complete(self) -> None:
        self._progress = True
        self._expects_body = False
        request = Request(
            self._parser.get_method().decode("ascii"),
            self._target.decode("latin-1"),
            self._headers,
            b"".join(self._body),
            self._peer,
        )
        keep_alive = self._keep_alive and not self._parser.should_upgrade()
        self._done.append(Received(request, keep_alive))

    def _count_head(self, size: int) -> None:
        self._progress = True
        self._head_bytes += size
        if self._head_bytes > self._limits.head_bytes:
            self._refuse_head()

    def _count_unfinished(self, size: int) -> None:
        # The parser keeps an unfinished line (header, trailer, chunk extension) to itself and calls nothing back, so
        # a line that never ends is noticed by bytes that completed nothing.
        self._unfinished_bytes = 0 if self._progress else self._unfinished_bytes + size
        if self._unfinished_bytes > self._limits.head_bytes and not self._refused:
            self._refuse(431, self._head_reason())

    def _refuse_head(self) -> None:
        self._stop(431, self._head_reason())

    def _head_reason(self) -> str:
        return f"the head of the request is longer than {self._limits.head_bytes} bytes"

    def _refuse_body(self) -> None:
        self._stop(413, f"the body of the request is longer than {self._limits.body_bytes} bytes")

    def _stop(self, status: int, reason: str) -> None:
        self._refuse(status, reason)
        raise _ReadingEndedError

    def _refuse(self, status: int, reason: str) -> None:
        self._refused = True
        self._expects_body = False
        self._done.append(Refused(status, reason))
