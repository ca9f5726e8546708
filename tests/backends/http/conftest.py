"""Servers and clients that are closed when a test ends, and a raw connection to say things that no client would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from galileo_backends.http import HttpClient, Limits, Request, Response, Server, serve

Handler = Callable[[Request], Awaitable[Response]]


async def echo(request: Request) -> Response:
    """Answers with what came: method, target and body."""
    return Response(200, body=f"{request.method} {request.target} ".encode() + request.body)


class Wire:
    """A plain connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def all(self) -> bytes:
        """Everything until the server closes."""
        return await asyncio.wait_for(self.reader.read(), 5)

    async def head(self) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)

    async def body(self, head: bytes) -> bytes:
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return await asyncio.wait_for(self.reader.readexactly(length), 5)

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


class Web:
    """Makes servers, clients and wires, and closes them in reverse order."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def server(self, handler: Handler = echo, *, limits: Limits | None = None, idle_s: float = 75) -> Server:
        server = await serve(handler, host="127.0.0.1", limits=limits, idle_timeout_s=idle_s)
        self._stack.push_async_callback(server.close, 1.0)
        return server

    def client(self, **settings: float | int | str) -> HttpClient:
        client = HttpClient(**settings)  # type: ignore[arg-type]
        self._stack.push_async_callback(client.close)
        return client

    async def wire(self, server: Server) -> Wire:
        wire = Wire(*await asyncio.open_connection("127.0.0.1", server.port))
        self._stack.push_async_callback(wire.close)
        return wire

    async def eventually(self, condition: Callable[[], bool]) -> None:
        """Until something that nobody announces is so; the test's own time limit ends it."""
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    async def raw_server(
        self, serve_one: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    ) -> int:
        """A server that does to each connection what `serve_one` says, then closes it; returns its port."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve_one(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self._stack.callback(server.close)
        port: int = server.sockets[0].getsockname()[1]
        return port


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with AsyncExitStack() as stack:
        yield Web(stack)
