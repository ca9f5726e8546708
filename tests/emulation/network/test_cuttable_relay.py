"""A relay that passes, cuts, and freezes half open, between real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest
from galileo_emulation.network.cuttable_relay import HELD_LIMIT_BYTES, CuttableRelay

HOST = "127.0.0.1"
SHORT_S = 0.1
"""Long enough for bytes on loopback, when they are not to come."""


class End(asyncio.Protocol):
    """One end of a connection: what it got, and whether it was lost."""

    def __init__(self) -> None:
        self.got = b""
        self.lost = False
        self.full = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.got += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False

    def send(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5.0):
        while not condition():  # noqa: ASYNC110  (the kernel's progress)
            await asyncio.sleep(0.005)


class Network:
    """A server behind a relay, and whoever connects."""

    def __init__(self) -> None:
        self.servers: list[End] = []
        self.peers: list[End] = []
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(self._accept, HOST, 0)
        self.relay = CuttableRelay("service", host=HOST, target_port=self._server.sockets[0].getsockname()[1])
        self.port = await self.relay.start()

    async def connect(self) -> End:
        """A peer that has connected to the relay, whatever becomes of it."""
        peer = End()
        self.peers.append(peer)
        await asyncio.get_running_loop().create_connection(lambda: peer, HOST, self.port)
        return peer

    async def pair(self) -> tuple[End, End]:
        """A peer and its counterpart on the server, between which bytes have passed."""
        peer = await self.connect()
        peer.send(b"hello ")
        await until(lambda: bool(self.servers) and self.servers[-1].got.endswith(b"hello "))
        return peer, self.servers[-1]

    async def close_target(self) -> None:
        self._server.close()
        for end in self.servers:
            end.abort()
        await self._server.wait_closed()

    async def close(self) -> None:
        await self.relay.close()
        for end in self.peers:
            end.abort()
        await self.close_target()

    def _accept(self) -> End:
        self.servers.append(End())
        return self.servers[-1]


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    network = Network()
    await network.start()
    yield network
    await network.close()


async def test_it_passes_bytes_both_ways_and_ends_what_ends(network: Network) -> None:
    peer, server = await network.pair()
    server.send(b"welcome")
    assert server.transport is not None
    server.transport.close()
    await until(lambda: peer.lost)
    assert peer.got == b"welcome"


async def test_a_cut_resets_what_is_open_and_each_new_connection(network: Network) -> None:
    peer, server = await network.pair()
    network.relay.cut()
    await until(lambda: peer.lost and server.lost)
    again = await network.connect()
    await until(lambda: again.lost)
    assert len(network.servers) == 1


async def test_after_a_cut_connections_are_made_as_before(network: Network) -> None:
    network.relay.cut()
    network.relay.restore()
    peer, server = await network.pair()
    assert not peer.lost
    assert not server.lost


async def test_frozen_nothing_passes_and_nobody_is_told(network: Network) -> None:
    peer, server = await network.pair()
    network.relay.freeze()
    peer.send(b"lost?")
    server.send(b"news")
    await asyncio.sleep(SHORT_S)
    assert (peer.got, server.got) == (b"", b"hello ")
    assert not peer.lost
    assert not server.lost


async def test_what_was_held_arrives_in_order_when_it_thaws(network: Network) -> None:
    peer, server = await network.pair()
    network.relay.freeze()
    for number in range(5):
        peer.send(b"%d" % number)
        server.send(b"%d" % (9 - number))
        await asyncio.sleep(0.01)
    network.relay.restore()
    await until(lambda: len(server.got) == 11 and len(peer.got) == 5)
    assert (server.got, peer.got) == (b"hello 01234", b"98765")


async def test_a_connection_opened_while_frozen_is_silent_and_works_later(network: Network) -> None:
    network.relay.freeze()
    peer = await network.connect()
    peer.send(b"early")
    await asyncio.sleep(SHORT_S)
    assert network.servers == []
    assert not peer.lost
    network.relay.restore()
    await until(lambda: bool(network.servers) and network.servers[0].got == b"early")


async def test_what_somebody_sent_who_gave_up_while_frozen_never_arrives(network: Network) -> None:
    peer, server = await network.pair()
    network.relay.freeze()
    peer.send(b"lost")
    await asyncio.sleep(SHORT_S)
    peer.abort()
    await asyncio.sleep(SHORT_S)
    assert not server.lost, "the server must not hear of it before bytes pass"
    network.relay.restore()
    await until(lambda: server.lost)
    assert server.got == b"hello "


async def test_a_server_that_closes_while_frozen_is_told_when_it_thaws(network: Network) -> None:
    peer, server = await network.pair()
    network.relay.freeze()
    server.abort()
    await asyncio.sleep(SHORT_S)
    assert not peer.lost
    network.relay.restore()
    await until(lambda: peer.lost)


async def test_more_than_it_holds_waits_with_its_sender_and_is_not_lost(network: Network) -> None:
    peer, server = await network.pair()
    network.relay.freeze()
    much = 32 * HELD_LIMIT_BYTES
    peer.send(b"x" * much)
    await asyncio.sleep(0.3)
    assert peer.full
    held = sum(len(data) for link in network.relay._links for data in link.peer.held)
    assert held < 2 * HELD_LIMIT_BYTES
    network.relay.restore()
    await until(lambda: len(server.got) == much + len("hello "))


async def test_a_slow_reader_is_waited_for_while_it_passes(network: Network) -> None:
    peer, server = await network.pair()
    assert peer.transport is not None
    peer.transport.pause_reading()
    much = 32 * HELD_LIMIT_BYTES
    server.send(b"x" * much)
    await asyncio.sleep(0.3)
    assert server.full
    peer.transport.resume_reading()
    await until(lambda: len(peer.got) == much)


async def test_without_a_target_a_connection_is_reset(network: Network) -> None:
    await network.close_target()
    peer = await network.connect()
    await until(lambda: peer.lost)
    await until(lambda: not network.relay._links)


async def test_links_that_have_ended_are_forgotten(network: Network) -> None:
    peer, _server = await network.pair()
    network.relay.freeze()
    silent = await network.connect()
    silent.abort()
    await until(lambda: len(network.relay._links) == 1)
    network.relay.restore()
    peer.abort()
    await until(lambda: not network.relay._links)


async def test_closing_breaks_all_connections(network: Network) -> None:
    peer, server = await network.pair()
    await network.relay.close()
    await until(lambda: peer.lost and server.lost)
