"""What a group has in hand, and what was appended lately: the same on every bus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from galileo_bus.transport import Transport
from galileo_bus.transport.interface import Pending
from galileo_bus.transport.places import id_order

Connect = Callable[[], Awaitable[Transport]]


async def appended(transport: Transport, *payloads: bytes) -> list[str]:
    for payload in payloads:
        await transport.append("s", payload, identity=payload.decode())
    return [entry.id for entry in await transport.range("s", count=100)]


async def given(transport: Transport, consumer: str, count: int) -> None:
    await transport.read_group(["s"], group="g", consumer=consumer, count=count, wait_s=0)


async def test_pending_entries_are_told_with_their_consumers_in_the_streams_order(connect: Connect) -> None:
    transport = await connect()
    ids = await appended(transport, b"1", b"2", b"3", b"4")
    await given(transport, "one", 2)
    await given(transport, "two", 1)
    everything = [Pending(ids[0], "one"), Pending(ids[1], "one"), Pending(ids[2], "two")]
    assert await transport.pending("s", group="g") == everything
    assert await transport.pending("s", group="g", before=ids[2]) == everything[:2]
    assert await transport.pending("s", group="g", consumer="two") == everything[2:]
    assert await transport.pending_counts("s", group="g") == {"one": 2, "two": 1}
    await transport.acknowledge("s", group="g", ids=ids[:3])
    assert await transport.pending("s", group="g") == []
    assert await transport.pending_counts("s", group="g") == {}


async def test_more_pending_entries_than_fit_on_a_page_are_all_told(connect: Connect) -> None:
    transport = await connect()
    ids = await appended(transport, *(b"%d" % number for number in range(1100)))
    await given(transport, "one", 1100)
    everything = await transport.pending("s", group="g")
    assert len(everything) == 1100
    assert [one.id for one in everything[: len(ids)]] == ids
    assert sorted(everything, key=lambda one: id_order(one.id)) == everything


async def test_nothing_is_pending_where_there_is_no_stream(connect: Connect) -> None:
    transport = await connect()
    assert await transport.pending("none", group="g") == []
    assert await transport.pending_counts("none", group="g") == {}
    assert await transport.entries("none", ["1-0"]) == []
    assert await transport.recent("none", within_s=60) == []


async def test_a_claim_takes_over_at_once_and_counts_as_a_delivery(connect: Connect) -> None:
    transport = await connect()
    ids = await appended(transport, b"1", b"2")
    await given(transport, "one", 1)
    claimed = await transport.claim("s", group="g", consumer="two", ids=ids)
    assert [(entry.id, entry.payload, entry.deliveries) for entry in claimed] == [(ids[0], b"1", 2)]
    assert await transport.pending("s", group="g") == [Pending(ids[0], "two")]


async def test_entries_are_found_by_their_ids_and_the_gone_are_left_out(connect: Connect) -> None:
    transport = await connect()
    ids = await appended(transport, b"1", b"2", b"3")
    found = await transport.entries("s", [ids[0], "1-99", ids[2]])
    assert [(entry.id, entry.payload) for entry in found] == [(ids[0], b"1"), (ids[2], b"3")]


async def test_recent_entries_are_those_of_the_last_seconds_by_the_servers_clock(connect: Connect) -> None:
    transport = await connect()
    await appended(transport, b"old")
    await asyncio.sleep(0.3)
    await appended(transport, b"new", b"newer")
    assert [entry.payload for entry in await transport.recent("s", within_s=0.2)] == [b"new", b"newer"]
    assert [entry.payload for entry in await transport.recent("s", within_s=60)] == [b"old", b"new", b"newer"]
