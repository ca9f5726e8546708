"""How the server treats its connections: reuse, order, endings."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from galileo_backends.http import Headers, Request, Response

if TYPE_CHECKING:
    from tests.backends.http.conftest import Web

GET = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_one_connection_carries_many_requests(web: Web) -> None:
    server = await web.server()
    wire = await web.wire(server)
    for number in range(3):
        wire.send(GET % number)
        head = await wire.head()
        assert b"Connection: keep-alive" in head
        assert await wire.body(head) == b"GET /%d " % number
    assert server.connections == 1


async def test_pipelined_requests_are_answered_in_order_even_if_the_first_takes_longest(web: Web) -> None:
    async def slowest_first(request: Request) -> Response:
        await asyncio.sleep(0.03 / (1 + int(request.target[1:])))
        return Response(200, body=request.target.encode())

    wire = await web.wire(await web.server(slowest_first))
    wire.send(b"".join(GET % number for number in range(5)))
    assert [await wire.body(await wire.head()) for _ in range(5)] == [b"/%d" % number for number in range(5)]


async def test_more_pipelined_requests_than_the_queue_holds_are_all_answered(web: Web) -> None:
    wire = await web.wire(await web.server())
    filler = b"X-Filler: " + b"x" * 3000 + b"\r\n\r\n"  # so that they do not fit into one read of the server
    wire.send(b"".join((GET % number)[:-2] + filler for number in range(300)))
    for number in range(300):
        assert await wire.body(await wire.head()) == b"GET /%d " % number


@pytest.mark.parametrize("request_head", [b"GET /0 HTTP/1.1\r\nHost: x\r\nConnection: close", b"GET /0 HTTP/1.0"])
async def test_the_connection_is_closed_when_the_client_wants_no_more(web: Web, request_head: bytes) -> None:
    wire = await web.wire(await web.server())
    wire.send(request_head + b"\r\n\r\n")
    answer = await wire.all()
    assert b"Connection: close" in answer
    assert answer.endswith(b"GET /0 ")


async def test_a_client_that_goes_away_cancels_its_handler(web: Web) -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def never(request: Request) -> Response:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return Response(200)

    server = await web.server(never)
    wire = await web.wire(server)
    wire.send(GET % 0)
    await asyncio.wait_for(started.wait(), 5)
    await wire.close()
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_a_handler_that_raises_gives_500_and_one_log_entry_with_its_traceback(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(request: Request) -> Response:
        raise RuntimeError("the lamp is out")

    wire = await web.wire(await web.server(broken))
    with caplog.at_level(logging.ERROR):
        wire.send(GET % 0)
        head = await wire.head()
    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"lamp" not in await wire.body(head)
    assert len(caplog.records) == 1
    assert "the lamp is out" in (caplog.records[0].exc_text or "")
    wire.send(GET % 1)
    assert (await wire.head()).startswith(b"HTTP/1.1 500 "), "the connection goes on after a failed request"


async def test_a_cancellation_inside_the_handler_is_its_failure_and_not_the_end_of_the_connection(web: Web) -> None:
    async def awaits_something_cancelled(request: Request) -> Response:
        gone: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        gone.cancel()
        return await gone

    wire = await web.wire(await web.server(awaits_something_cancelled))
    wire.send(GET % 0)
    assert (await wire.head()).startswith(b"HTTP/1.1 500 ")


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r"])
async def test_a_line_break_in_a_header_of_the_answer_is_refused(web: Web, line_break: str) -> None:
    async def splitting(request: Request) -> Response:
        return Response(200, Headers([("X-A", f"1{line_break}X-Injected: 2")]))

    wire = await web.wire(await web.server(splitting))
    wire.send(GET % 0)
    head = await wire.head()
    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"Injected" not in head


async def test_head_is_answered_with_the_length_and_without_the_body(web: Web) -> None:
    wire = await web.wire(await web.server())
    wire.send(b"HEAD /0 HTTP/1.1\r\nHost: x\r\n\r\n" + GET % 1)
    assert b"Content-Length: 8" in await wire.head()
    assert await wire.body(await wire.head()) == b"GET /1 "


async def test_closing_lets_requests_in_hand_finish_and_accepts_no_more(web: Web) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waits(request: Request) -> Response:
        begun.set()
        await go_on.wait()
        return Response(200, body=b"done")

    server = await web.server(waits)
    idle, busy = await web.wire(server), await web.wire(server)
    busy.send(GET % 0)
    await begun.wait()
    closing = asyncio.create_task(server.close(grace_s=5))
    assert await idle.all() == b""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)
    go_on.set()
    answer = await busy.all()
    assert answer.endswith(b"done")
    assert b"Connection: close" in answer
    await closing
    assert server.connections == 0


async def test_closing_cuts_what_is_not_done_within_the_grace(web: Web) -> None:
    begun = asyncio.Event()

    async def never(request: Request) -> Response:
        begun.set()
        await asyncio.Event().wait()
        return Response(200)

    server = await web.server(never)
    wire = await web.wire(server)
    wire.send(GET % 0)
    await begun.wait()
    await asyncio.wait_for(server.close(grace_s=0.05), 2)
    assert server.connections == 0


async def test_a_connection_that_stays_silent_is_closed(web: Web) -> None:
    wire = await web.wire(await web.server(idle_s=0.05))
    wire.send(b"GET / HT")
    assert await wire.all() == b""
