"""Which requests are taken, how their bodies arrive, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from galileo_backends.http import Limits, Request, Response

if TYPE_CHECKING:
    from tests.backends.http.conftest import Web

SMALL = Limits(head_bytes=2000, body_bytes=1000)


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\n\r\nhello",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\n\r\n",
        b"Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Trailer: not a header\r\n\r\n",
    ],
)
async def test_a_body_arrives_whole_however_it_is_framed_and_cut(web: Web, framing: bytes) -> None:
    seen: list[Request] = []

    async def note(request: Request) -> Response:
        seen.append(request)
        return Response(204)

    wire = await web.wire(await web.server(note))
    message = b"POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\n" + framing
    for index in range(len(message)):
        wire.send(message[index : index + 1])
        await wire.writer.drain()
    head = await wire.head()
    assert head.startswith(b"HTTP/1.1 204 ")
    assert b"Content-Length" not in head
    (request,) = seen
    assert (request.method, request.target, request.body) == ("POST", "/a?b=c", b"hello")
    assert request.headers.getall("X-A") == ["1", "2"]
    assert "X-Trailer" not in request.headers
    assert request.peer == wire.writer.get_extra_info("sockname")


async def test_a_sender_that_asks_first_is_told_to_continue(web: Web) -> None:
    wire = await web.wire(await web.server())
    wire.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert await wire.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.send(b"ok")
    assert await wire.body(await wire.head()) == b"POST / ok"


REFUSED = {
    "both lengths": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "both, the other way": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    "negative length": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    "chunked twice": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    "unknown coding": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "chunked in 1.0": (b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "bad chunk size": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "space before colon": (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    "folded header": (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400),
    "no request at all": (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    "tunnel": (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501),
    "upgrade with a body": (
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\na",
        501,
    ),
    "long head": (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: bbbbbbbbbbbbbbbb\r\n" * 200 + b"\r\n", 431),
    "long target": (b"GET /" + b"a" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
    "long trailers": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 500 + b"\r\n",
        431,
    ),
    "long body": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413),
    "long chunked body": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 1001 + b"0\r\n\r\n",
        413,
    ),
}


@pytest.mark.parametrize(("message", "status"), REFUSED.values(), ids=REFUSED.keys())
async def test_malformed_ambiguous_and_too_long_requests_end_the_connection(
    web: Web, message: bytes, status: int
) -> None:
    handled: list[str] = []

    async def note(request: Request) -> Response:
        handled.append(request.target)
        return Response(200)

    wire = await web.wire(await web.server(note, limits=SMALL))
    wire.send(message + b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = await wire.all()
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"Content-Length: ") == 1, "one answer, and none for what follows"
    assert handled == []


async def test_requests_before_a_malformed_one_are_answered_first(web: Web) -> None:
    wire = await web.wire(await web.server())
    wire.send(b"GET /good HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
    assert await wire.body(await wire.head()) == b"GET /good "
    assert (await wire.head()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("beginning", [b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nA: "], ids=["target", "header"])
async def test_a_line_that_never_ends_is_refused_before_it_fills_the_memory(web: Web, beginning: bytes) -> None:
    wire = await web.wire(await web.server(limits=SMALL))
    wire.send(beginning)
    for _ in range(200):  # more than one read of the server, whatever the system makes of the pieces
        wire.send(b"a" * 5000)
        await wire.writer.drain()
    assert (await wire.head()).startswith(b"HTTP/1.1 431 ")


async def test_many_pipelined_requests_are_not_mistaken_for_one_long_head(web: Web) -> None:
    wire = await web.wire(await web.server(limits=SMALL))
    one = b"GET /1 HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 1000 + b"\r\n\r\n"
    stream = one * 20
    for begin in range(0, len(stream), 700):
        wire.send(stream[begin : begin + 700])
        await wire.writer.drain()
    for _ in range(20):
        assert await wire.body(await wire.head()) == b"GET /1 "


async def test_an_offered_upgrade_is_ignored_and_the_request_answered(web: Web) -> None:
    wire = await web.wire(await web.server())
    wire.send(b"GET /0 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    answer = await wire.all()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"Connection: close" in answer
