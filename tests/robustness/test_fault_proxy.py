"""The proxy does to a connection what it is told to, and what passes arrives whole and in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from tests.robustness.fault_proxy import FaultProxy, Spoiling


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """A server that answers with what it hears; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # the proxy was told to cut
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()


@pytest.fixture
async def proxy(echo: int) -> AsyncIterator[FaultProxy]:
    proxy = FaultProxy(echo, rng=random.Random(1))
    await proxy.start()
    yield proxy
    await proxy.close()


class Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    async def echoed(self, data: bytes, *, within_s: float = 5.0) -> bytes:
        self._writer.write(data)
        async with asyncio.timeout(within_s):
            return await self.reader.readexactly(len(data))

    async def ended(self) -> bool:
        async with asyncio.timeout(5):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True

    def close(self) -> None:
        self._writer.transport.abort()


@pytest.fixture
async def line(proxy: FaultProxy) -> AsyncIterator[Line]:
    line = Line(*await asyncio.open_connection("127.0.0.1", proxy.port))
    assert await line.echoed(b"hello") == b"hello"
    yield line
    line.close()


@pytest.mark.parametrize("spoiling", [Spoiling(slices=True), Spoiling(bytes_per_s=50_000), Spoiling(delay_s=0.01)])
async def test_what_is_spoilt_arrives_whole(proxy: FaultProxy, line: Line, spoiling: Spoiling) -> None:
    proxy.spoiling = spoiling
    data = random.Random(1).randbytes(5_000)
    assert await line.echoed(data) == data


async def test_a_delay_holds_for_both_ways(proxy: FaultProxy, line: Line) -> None:
    proxy.spoiling = Spoiling(delay_s=0.1)
    began = asyncio.get_running_loop().time()
    await line.echoed(b"x")
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_nothing_passes_a_black_hole_until_it_is_healed(proxy: FaultProxy, line: Line) -> None:
    proxy.black_hole()
    with pytest.raises(TimeoutError):
        await line.echoed(b"held", within_s=0.1)
    proxy.heal()
    async with asyncio.timeout(5):
        assert await line.reader.readexactly(4) == b"held"


async def test_answers_that_are_lost_stay_lost_when_the_connection_is_cut(proxy: FaultProxy, line: Line) -> None:
    proxy.lose_answers()
    with pytest.raises(TimeoutError):
        await line.echoed(b"asked", within_s=0.1)
    proxy.cut()
    assert await line.ended()


async def test_who_is_refused_is_cut_at_once(proxy: FaultProxy, line: Line) -> None:
    proxy.spoiling = Spoiling(refuses=True)
    proxy.cut()
    assert await line.ended()
    other = Line(*await asyncio.open_connection("127.0.0.1", proxy.port))
    assert await other.ended()
    other.close()
