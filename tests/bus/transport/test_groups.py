"""Consumer groups: each entry to one member, again to another when it was left behind, until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from galileo_bus.transport import Retention, StreamEntry, Transport

Connect = Callable[[], Awaitable[Transport]]
IDLE_S = 0.15


async def fill(transport: Transport, count: int, stream: str = "s") -> None:
    for number in range(count):
        await transport.append(stream, b"%d" % number, identity=f"{stream}{number}")


async def read(transport: Transport, consumer: str, *, count: int = 100, wait_s: float = 0.05) -> list[StreamEntry]:
    return await transport.read_group(["s"], group="g", consumer=consumer, count=count, wait_s=wait_s)


async def claim(transport: Transport, consumer: str, *, idle_s: float = IDLE_S, count: int = 100) -> list[StreamEntry]:
    return await transport.claim_idle("s", group="g", consumer=consumer, idle_s=idle_s, count=count)


def payloads(entries: list[StreamEntry]) -> list[bytes]:
    return [entry.payload for entry in entries]


async def test_a_group_starts_at_the_beginning_of_the_stream(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, 3)
    entries = await read(transport, "one")
    assert payloads(entries) == [b"0", b"1", b"2"]
    assert [entry.deliveries for entry in entries] == [1, 1, 1]


async def test_each_entry_goes_to_one_member(connect: Connect) -> None:
    members = [await connect() for _ in range(3)]
    await fill(members[0], 30)
    batches = await asyncio.gather(
        *(read(member, f"m{number}", count=5) for number, member in enumerate(members) for _ in range(2))
    )
    got = [entry.payload for batch in batches for entry in batch]
    assert sorted(got, key=int) == [b"%d" % number for number in range(30)]


async def test_each_group_gets_every_entry(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, 2)
    for group in ("g", "other"):
        entries = await transport.read_group(["s"], group=group, consumer="c", count=10, wait_s=0.05)
        assert payloads(entries) == [b"0", b"1"]


async def test_several_streams_are_read_together_and_named(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, 2, "a")
    await fill(transport, 1, "b")
    entries = await transport.read_group(["a", "b"], group="g", consumer="c", count=10, wait_s=0.05)
    assert [(entry.stream, entry.payload) for entry in entries] == [("a", b"0"), ("a", b"1"), ("b", b"0")]


async def test_a_reader_waits_for_the_next_entry_and_no_longer(connect: Connect) -> None:
    reader, writer = await connect(), await connect()
    loop = asyncio.get_running_loop()
    began = loop.time()
    waiting = asyncio.create_task(read(reader, "one", wait_s=5.0))
    loop.call_later(0.1, lambda: appends.append(loop.create_task(writer.append("s", b"late", identity="1"))))
    appends: list[asyncio.Task[bool]] = []
    assert payloads(await waiting) == [b"late"]
    assert 0.09 <= loop.time() - began < 2
    await asyncio.gather(*appends)


async def test_a_reader_that_hears_nothing_returns_after_its_wait(connect: Connect) -> None:
    transport = await connect()
    began = asyncio.get_running_loop().time()
    assert await read(transport, "one", wait_s=0.2) == []
    assert 0.19 <= asyncio.get_running_loop().time() - began < 1


async def test_only_what_lay_idle_is_claimed_and_its_deliveries_are_counted(connect: Connect) -> None:
    dead, heir = await connect(), await connect()
    await fill(dead, 2)
    await read(dead, "dead")
    assert await claim(heir, "heir") == []
    await asyncio.sleep(IDLE_S)
    claimed = await claim(heir, "heir")
    assert [(entry.payload, entry.deliveries) for entry in claimed] == [(b"0", 2), (b"1", 2)]
    assert await claim(dead, "third") == [], "claimed just now, so not idle"
    await asyncio.sleep(IDLE_S)
    assert [entry.deliveries for entry in await claim(dead, "third", count=1)] == [3]


async def test_touching_protects_from_claims_and_is_no_delivery(connect: Connect) -> None:
    worker, other = await connect(), await connect()
    await fill(worker, 2)
    held, left = await read(worker, "worker")
    await asyncio.sleep(IDLE_S)
    await worker.touch("s", group="g", consumer="worker", ids=[held.id])
    assert payloads(await claim(other, "other")) == [left.payload]
    await asyncio.sleep(IDLE_S)
    assert {entry.payload: entry.deliveries for entry in await claim(other, "other")} == {b"0": 2, b"1": 3}


async def test_what_is_acknowledged_is_never_given_again(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, 3)
    first, second, third = await read(transport, "one")
    await transport.acknowledge("s", group="g", ids=[first.id, third.id])
    await transport.touch("s", group="g", consumer="one", ids=[first.id])
    assert await read(transport, "one") == []
    assert payloads(await claim(transport, "other", idle_s=0.0)) == [second.payload]


async def test_the_backlog_is_what_was_not_read_or_not_acknowledged(connect: Connect) -> None:
    transport = await connect()
    assert await transport.backlog("s", group="g") == 0
    await fill(transport, 5)
    assert await transport.backlog("s", group="g") == 5
    entries = await read(transport, "one", count=2)
    assert await transport.backlog("s", group="g") == 5
    await transport.acknowledge("s", group="g", ids=[entries[0].id])
    assert await transport.backlog("s", group="g") == 4


async def test_entries_that_the_stream_has_dropped_are_not_claimed(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, 1)
    await read(transport, "one")
    for number in range(400):
        await transport.append("s", b"later", identity=f"later{number}", retention=Retention(max_length=10))
    assert payloads(await claim(transport, "other", idle_s=0.0)) == []


async def test_a_group_whose_stream_was_deleted_begins_anew(connect: Connect) -> None:
    """As after a restart of a server that kept nothing."""
    transport = await connect()
    await fill(transport, 2)
    held = (await read(transport, "one"))[0]
    await transport.delete_key("s")
    await transport.touch("s", group="g", consumer="one", ids=[held.id])
    await transport.acknowledge("s", group="g", ids=[held.id])
    assert await claim(transport, "one", idle_s=0.0) == []
    assert await transport.backlog("s", group="g") == 0
    await transport.append("s", b"new", identity="new")
    got = await read(transport, "one") or await read(transport, "one")
    assert payloads(got) == [b"new"]
