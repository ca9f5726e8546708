"""Gateways, pods and a client on loopback, closed when a test ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from galileo_backends.http import Headers, HttpClient, Request, Response, serve
from galileo_services.gateway.gateway import Gateway

LOCAL = "127.0.0.1"


class Pod:
    """A function's replica: notes what it is asked and answers as the function images do."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.extra: list[tuple[str, str]] = []
        self.silent = False
        self.address = ""

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        if self.silent:
            await asyncio.Event().wait()
        headers = Headers([("X-Start", "20.5000000"), ("X-End", "20.7500000"), *self.extra])
        return Response(200, headers, request.target.encode())


class Edge:
    """A few zones on one machine. Every gateway's clock reads 10, 11, 12, … seconds, one more with each reading."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._ticks: Iterator[int] = iter(range(10, 1000))
        self.client = HttpClient(timeout_s=5)
        stack.push_async_callback(self.client.close)

    async def pod(self) -> Pod:
        pod = Pod()
        server = await serve(pod.handle, host=LOCAL)
        self._stack.push_async_callback(server.close, 0.1)
        pod.address = f"{LOCAL}:{server.port}"
        return pod

    async def gateway(self, node: str, zone: str, *, timeout_s: float = 5.0) -> Gateway:
        with socket.socket() as probe:  # the advertised address has to be known before the start
            probe.bind((LOCAL, 0))
            port = probe.getsockname()[1]
        gateway = Gateway(
            node=node,
            zone=zone,
            host=LOCAL,
            port=port,
            advertised=f"{LOCAL}:{port}",
            client=HttpClient(),
            now=lambda: float(next(self._ticks)),
            timeout_s=timeout_s,
        )
        await gateway.start()
        self._stack.push_async_callback(gateway.stop, 0.1)
        return gateway

    async def get(self, gateway: Gateway, target: str, headers: Headers | None = None) -> Response:
        return await self.client.request("GET", LOCAL, gateway.port, target, headers)


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    async with AsyncExitStack() as stack:
        yield Edge(stack)
