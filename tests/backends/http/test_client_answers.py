"""Which answers the client understands, and what it says when there is none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from galileo_backends.http import BadResponse, ConnectFailed, ConnectionLost, Request, Response, TimedOut

if TYPE_CHECKING:
    from tests.backends.http.conftest import Web

LOCAL = "127.0.0.1"


def answering(data: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()

    return answer


UNDERSTOOD = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n", 200, b"ok"),
    "until the end": (b"HTTP/1.1 200 OK\r\n\r\nok", 200, b"ok"),
    "interim answer first": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
        201,
        b"ok",
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "old version": (b"HTTP/1.0 500 Oops\r\nContent-Length: 2\r\n\r\nno", 500, b"no"),
}


@pytest.mark.parametrize(("data", "status", "body"), UNDERSTOOD.values(), ids=UNDERSTOOD.keys())
async def test_an_answer_is_understood_however_it_is_framed(web: Web, data: bytes, status: int, body: bytes) -> None:
    port = await web.raw_server(answering(data))
    response = await web.client().request("GET", LOCAL, port, "/")
    assert (response.status, response.body) == (status, body)


CUT_SHORT = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nConte",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
    "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok",
}


@pytest.mark.parametrize("data", CUT_SHORT.values(), ids=CUT_SHORT.keys())
async def test_an_answer_that_ends_early_is_a_lost_connection(web: Web, data: bytes) -> None:
    port = await web.raw_server(answering(data))
    with pytest.raises(ConnectionLost, match=f"127.0.0.1:{port}"):
        await web.client().request("GET", LOCAL, port, "/")


NOT_HTTP = {
    "another protocol": b"-ERR unknown command\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "changed protocol": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
}


@pytest.mark.parametrize("data", NOT_HTTP.values(), ids=NOT_HTTP.keys())
async def test_an_answer_that_is_not_http_is_said_to_be_so(web: Web, data: bytes) -> None:
    port = await web.raw_server(answering(data))
    with pytest.raises(BadResponse, match=f"127.0.0.1:{port}"):
        await web.client().request("GET", LOCAL, port, "/")


async def test_an_answer_beyond_the_limit_is_refused(web: Web) -> None:
    async def large(request: Request) -> Response:
        return Response(200, body=b"x" * 5000)

    server, client = await web.server(large), web.client(max_response_bytes=4000)
    with pytest.raises(BadResponse, match="more than 4000 bytes"):
        await client.request("GET", LOCAL, server.port, "/")


async def test_a_head_request_has_no_body_and_keeps_its_connection(web: Web) -> None:
    server, client = await web.server(), web.client()
    response = await client.request("HEAD", LOCAL, server.port, "/")
    assert (response.headers.get("content-length"), response.body) == ("7", b"")
    assert (await client.request("GET", LOCAL, server.port, "/")).body == b"GET / "
    assert client.connections == 1


async def test_bytes_after_an_answer_are_never_taken_for_the_next_one(web: Web) -> None:
    port = await web.raw_server(
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    )
    client = web.client()
    assert [(await client.request("GET", LOCAL, port, "/")).body for _ in range(3)] == [b"ok"] * 3


async def test_a_refused_connection_says_that_nothing_was_sent(web: Web) -> None:
    with socket.socket() as unused:
        unused.bind((LOCAL, 0))
        port = unused.getsockname()[1]
        with pytest.raises(ConnectFailed, match=f"cannot connect to 127.0.0.1:{port}"):
            await web.client().request("GET", LOCAL, port, "/")


async def test_a_connection_that_takes_too_long_counts_as_not_connected(web: Web) -> None:
    with socket.socket() as full:
        full.bind((LOCAL, 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex((LOCAL, port))
            with pytest.raises(ConnectFailed, match=r"no answer within 0\.1 s"):
                await web.client(connect_timeout_s=0.1).request("GET", LOCAL, port, "/")
        finally:
            for filler in fillers:
                filler.close()


async def test_an_answer_that_takes_too_long_times_out_and_its_connection_is_closed(web: Web) -> None:
    async def never(request: Request) -> Response:
        await asyncio.Event().wait()
        return Response(200)

    server, client = await web.server(never), web.client()
    with pytest.raises(TimedOut, match=r"within 0\.05 s"):
        await client.request("GET", LOCAL, server.port, "/", timeout_s=0.05)
    await web.eventually(lambda: not (client.connections or server.connections))
