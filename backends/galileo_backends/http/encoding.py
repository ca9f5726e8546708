"""Requests and responses as bytes.

The framing of a message (Content-Length, Transfer-Encoding, Connection) belongs to the connection that carries it, so
whatever a caller put under these names is left out and written anew. Line breaks in a name, value or target are
refused, because they would let a value that came from outside start a header or a message of its own.
"""

from __future__ import annotations

from http import HTTPStatus

from galileo_backends.http.messages import Headers, Response

_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive"})
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
_WITHOUT_BODY = frozenset({204, 304})
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def encode_response(response: Response, *, keep_alive: bool, to_head: bool = False) -> bytes:
    """The bytes of a response. `to_head`: it answers a HEAD request and is sent without its body.

    Raises ValueError if the status is no final one or a header cannot be written.
    """
    if not 200 <= response.status <= 999:
        raise ValueError(f"the status of a response must be between 200 and 999, not {response.status}")
    start = _STATUS_LINES.get(response.status) or f"HTTP/1.1 {response.status} \r\n"
    lines = _header_lines(response.headers)
    if response.status not in _WITHOUT_BODY:
        # A HEAD answer says the length that GET would have had, which only its author may know.
        known = response.headers.get("content-length") if to_head and not response.body else None
        lines.append(f"Content-Length: {known or len(response.body)}\r\n")
    lines.append("Connection: keep-alive\r\n" if keep_alive else "Connection: close\r\n")
    head = _head(start, lines)
    return head if to_head or response.status in _WITHOUT_BODY else head + response.body


def encode_request(*, method: str, target: str, authority: str, headers: Headers, body: bytes) -> bytes:
    """The bytes of a request; `authority` (host:port) becomes the Host header unless `headers` has one.

    Raises ValueError if the method, the target or a header cannot be written.
    """
    if not method.isalpha() or not target or " " in target:
        raise ValueError(f"cannot send {method!r} {target!r}: expected a method of letters, a target without spaces")
    lines = _header_lines(headers)
    if "host" not in headers:
        lines.insert(0, f"Host: {authority}\r\n")
    if body or method in _METHODS_WITH_BODY:
        lines.append(f"Content-Length: {len(body)}\r\n")
    return _head(f"{method} {target} HTTP/1.1\r\n", lines) + body


def _header_lines(headers: Headers) -> list[str]:
    return [f"{name}: {value}\r\n" for name, value in headers if name.lower() not in _FRAMING]


def _head(start: str, lines: list[str]) -> bytes:
    text = "".join((start, *lines, "\r\n"))
    breaks = len(lines) + 2
    if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
        raise ValueError("a line break or a zero byte in a header, which HTTP cannot carry; remove it from the value")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise ValueError(f"{text[error.start]!r} in a header: only ISO 8859-1 characters can be sent") from None
