"""A relay delays what passes between two nodes, and is otherwise not noticed."""

import asyncio
import hashlib
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import uvloop
from galileo_emulation.network.addresses import AddressPlan, PodAddress, claim_addresses
from galileo_emulation.network.free_ports import has_many_loopback_addresses
from galileo_emulation.network.latency import LatencyGraph
from galileo_emulation.network.relay import Relay
from galileo_emulation.network.relay_delay import RelayDelay
from galileo_emulation.specification import NetworkSpec

pytestmark = pytest.mark.skipif(not has_many_loopback_addresses(), reason="one loopback address on this system")

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Net:
    """Two nodes, 40 ms apart, and a pod on the second one."""

    def __init__(self, plan: AddressPlan, closing: AsyncExitStack) -> None:
        self.plan = plan
        self.graph = LatencyGraph(NetworkSpec(latency_ms={"a": {"b": 40.0}}), {"a1": "a", "b1": "b"})
        self.pod: PodAddress = plan.take("b1", [plan.function_port])
        self.port = plan.function_port
        self._closing = closing

    async def relay(self) -> Relay:
        delay = RelayDelay(self.graph, self.plan.node_of)
        relay = Relay(
            ip=self.pod.ip, port=self.port, backend_port=self.pod.backend_port(self.port), node="b1", delay=delay
        )
        await relay.start()
        self._closing.push_async_callback(relay.close)
        return relay

    async def backend(self, talk: Talk) -> None:
        async def closing_after(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(closing_after, self.pod.ip, self.pod.backend_port(self.port))
        self._closing.push_async_callback(server.wait_closed)
        self._closing.callback(server.close)

    async def connect(self, from_ip: str | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        local = None if from_ip is None else (from_ip, 0)
        reader, writer = await asyncio.open_connection(self.pod.ip, self.port, local_addr=local)
        self._closing.callback(writer.close)
        return reader, writer


@asynccontextmanager
async def network() -> AsyncIterator[Net]:
    plan = claim_addresses(["a1", "b1"])
    async with AsyncExitStack() as closing:
        yield Net(plan, closing)
    plan.close()


@pytest.fixture
async def net() -> AsyncIterator[Net]:
    async with network() as made:
        yield made


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def round_trip_s(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
    began = time.perf_counter()
    writer.write(b"ping")
    await reader.readexactly(4)
    return time.perf_counter() - began


async def test_the_round_trip_takes_the_configured_time_and_follows_a_change(net: Net) -> None:
    await net.relay()
    await net.backend(echo)
    reader, writer = await net.connect(net.plan.node_ip("a1"))
    assert min([await round_trip_s(reader, writer) for _ in range(5)]) == pytest.approx(0.040, abs=0.006)
    net.graph.set_latency("a", "b", 10.0)
    assert min([await round_trip_s(reader, writer) for _ in range(5)]) == pytest.approx(0.010, abs=0.006)


async def test_a_stranger_is_not_delayed(net: Net) -> None:
    await net.relay()
    await net.backend(echo)
    reader, writer = await net.connect(None)
    assert min([await round_trip_s(reader, writer) for _ in range(5)]) < 0.008


async def test_the_backend_sees_the_address_of_the_sender(net: Net) -> None:
    async def who(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(str(writer.get_extra_info("peername")[0]).encode())

    await net.relay()
    await net.backend(who)
    reader, _ = await net.connect(net.plan.node_ip("a1"))
    assert (await reader.read()).decode() == net.plan.node_ip("a1")


async def test_big_bodies_arrive_whole_and_in_order_in_both_directions(net: Net) -> None:
    await net.relay()
    await net.backend(echo)
    reader, writer = await net.connect(net.plan.node_ip("a1"))
    body = random.Random(1).randbytes(5_000_000)

    async def send() -> None:
        writer.write(body)
        await writer.drain()
        writer.write_eof()

    sending = asyncio.create_task(send())
    received = await reader.read()
    await sending
    assert hashlib.sha256(received).digest() == hashlib.sha256(body).digest()


async def test_a_half_close_is_passed_on_and_the_answer_still_comes(net: Net) -> None:
    async def answer_at_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = await reader.read()
        writer.write(b"got %d" % len(body))

    await net.relay()
    await net.backend(answer_at_end)
    reader, writer = await net.connect(net.plan.node_ip("a1"))
    writer.write(b"12345")
    writer.write_eof()
    assert await reader.read() == b"got 5"


async def test_without_a_backend_the_connection_is_reset(net: Net) -> None:
    await net.relay()
    reader, _ = await net.connect(net.plan.node_ip("a1"))
    with pytest.raises(ConnectionResetError):
        await reader.read()


async def test_a_backend_that_breaks_off_resets_the_sender(net: Net) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset
        writer.transport.abort()

    await net.relay()
    await net.backend(break_off)
    reader, writer = await net.connect(net.plan.node_ip("a1"))
    writer.write(b"x")
    with pytest.raises(ConnectionResetError):
        await reader.read()


async def test_a_sender_that_leaves_is_seen_by_the_backend(net: Net) -> None:
    gone = asyncio.Event()

    async def wait_for_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        gone.set()

    await net.relay()
    await net.backend(wait_for_end)
    _, writer = await net.connect(net.plan.node_ip("a1"))
    writer.close()
    async with asyncio.timeout(2):
        await gone.wait()


async def test_closing_the_relay_resets_what_is_open_and_frees_the_port(net: Net) -> None:
    relay = await net.relay()
    await net.backend(echo)
    reader, writer = await net.connect(net.plan.node_ip("a1"))
    await round_trip_s(reader, writer)
    await relay.close()
    with pytest.raises(ConnectionResetError):
        await reader.read()
    await net.relay()


async def test_closing_with_grace_lets_the_last_answer_arrive(net: Net) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4)
        writer.write(b"late")

    relay = await net.relay()
    await net.backend(answer)
    reader, writer = await net.connect(net.plan.node_ip("a1"))
    writer.write(b"ping")
    await asyncio.sleep(0.030)  # asked 20 ms after it was sent; the answer is on its way
    closing = asyncio.create_task(relay.close(grace_s=1.0))
    assert await reader.read() == b"late"
    writer.close()
    await closing


def test_it_also_runs_on_uvloop() -> None:
    async def delayed_then_reset() -> None:
        async with network() as net:
            relay = await net.relay()
            await net.backend(echo)
            reader, writer = await net.connect(net.plan.node_ip("a1"))
            assert min([await round_trip_s(reader, writer) for _ in range(3)]) == pytest.approx(0.040, abs=0.006)
            await relay.close()
            with pytest.raises(ConnectionResetError):
                await reader.read()

    uvloop.run(delayed_then_reset())


async def test_a_sender_that_reads_nothing_does_not_hold_the_relay_back(net: Net) -> None:
    async def answer_much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.write(b"x" * 20_000_000)

    relay = await net.relay()
    await net.backend(answer_much)
    loop = asyncio.get_running_loop()
    with socket.socket() as silent:
        silent.setblocking(False)
        await loop.sock_connect(silent, (net.pod.ip, net.port))
        silent.shutdown(socket.SHUT_WR)
        await asyncio.sleep(0.05)  # the answer fills all buffers meanwhile; closing must work at any time
        async with asyncio.timeout(1):
            await relay.close()
