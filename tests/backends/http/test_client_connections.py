"""How the client keeps its connections, and where they come from."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from galileo_backends.http import ConnectionLost, Headers, HttpError, Request, Response

if TYPE_CHECKING:
    from tests.backends.http.conftest import Web

LOCAL = "127.0.0.1"


async def test_requests_one_after_the_other_share_a_connection(web: Web) -> None:
    server, client = await web.server(), web.client()
    for number in range(5):
        response = await client.request("POST", LOCAL, server.port, f"/{number}", body=b"x")
        assert response.body == f"POST /{number} x".encode()
    assert (server.connections, client.connections) == (1, 1)


async def test_requests_at_once_take_a_connection_each_up_to_the_limit(web: Web) -> None:
    most = 0
    present = 0

    async def counting(request: Request) -> Response:
        nonlocal most, present
        present += 1
        most = max(most, present)
        await asyncio.sleep(0.01)
        present -= 1
        return Response(200)

    server, client = await web.server(counting), web.client(max_connections_per_host=3)
    await asyncio.gather(*(client.request("GET", LOCAL, server.port, "/") for _ in range(12)))
    assert (most, client.connections) == (3, 3)


async def test_connections_come_from_the_clients_own_address(web: Web) -> None:
    peers: set[str] = set()

    async def note(request: Request) -> Response:
        peers.add(request.peer[0])
        return Response(200)

    server = await web.server(note)
    try:
        await web.client(local_address="127.0.0.7").request("GET", LOCAL, server.port, "/")
    except HttpError as error:  # pragma: no cover
        pytest.skip(f"this system has one loopback address: {error}")
    assert peers == {"127.0.0.7"}


async def test_a_kept_connection_that_the_server_closed_is_not_used_again(web: Web) -> None:
    server, client = await web.server(idle_s=0.03), web.client()
    await client.request("POST", LOCAL, server.port, "/")
    await web.eventually(lambda: not (client.connections))
    assert (await client.request("POST", LOCAL, server.port, "/")).status == 200


async def test_connections_that_rest_too_long_are_closed(web: Web) -> None:
    server, client = await web.server(), web.client(idle_timeout_s=0.03)
    await client.request("GET", LOCAL, server.port, "/")
    assert client.connections == 1
    await web.eventually(lambda: not (client.connections or server.connections))


async def _answers_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promises to keep the connection, and closes it when the next request arrives."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await reader.readuntil(b"\r\n\r\n")


async def test_a_request_that_may_be_repeated_is_sent_again_when_the_kept_connection_ends_unanswered(web: Web) -> None:
    port, client = await web.raw_server(_answers_once), web.client()
    for _ in range(3):
        assert (await client.request("GET", LOCAL, port, "/")).body == b"ok"


async def test_a_request_that_may_have_been_acted_upon_is_not_sent_again(web: Web) -> None:
    port, client = await web.raw_server(_answers_once), web.client()
    await client.request("POST", LOCAL, port, "/")
    with pytest.raises(ConnectionLost):
        await client.request("POST", LOCAL, port, "/")


async def test_closing_ends_waiting_requests_and_leaves_no_connection(web: Web) -> None:
    arrived = asyncio.Event()

    async def never(request: Request) -> Response:
        arrived.set()
        await asyncio.Event().wait()
        return Response(200)

    server, client = await web.server(never), web.client()
    waiting = asyncio.create_task(client.request("GET", LOCAL, server.port, "/"))
    await arrived.wait()
    await client.close()
    with pytest.raises(ConnectionLost):
        await waiting
    assert client.connections == 0
    with pytest.raises(HttpError, match="closed"):
        await client.request("GET", LOCAL, server.port, "/")


async def test_a_cancelled_request_closes_its_connection_and_frees_its_place(web: Web) -> None:
    arrived = asyncio.Event()

    async def slow_once(request: Request) -> Response:
        if not arrived.is_set():
            arrived.set()
            await asyncio.Event().wait()
        return Response(200)

    server, client = await web.server(slow_once), web.client(max_connections_per_host=1)
    waiting = asyncio.create_task(client.request("GET", LOCAL, server.port, "/"))
    await arrived.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await client.request("GET", LOCAL, server.port, "/")).status == 200


@pytest.mark.parametrize("target", ["", "/a b", "/a\r\nX-Injected: 1"])
async def test_what_http_cannot_carry_is_refused_before_anything_is_sent(web: Web, target: str) -> None:
    server, client = await web.server(), web.client()
    with pytest.raises(ValueError, match="cannot"):
        await client.request("GET", LOCAL, server.port, target)
    with pytest.raises(ValueError, match="line break"):
        await client.request("GET", LOCAL, server.port, "/", Headers([("X", "a\r\nY: b")]))
    assert client.connections == 0
