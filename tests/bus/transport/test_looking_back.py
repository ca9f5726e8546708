"""Streams as one looks back on them: by time, by place, deleted in part; and groups that are taken back."""

from __future__ import annotations

import asyncio

import pytest
from galileo_bus.transport import Retention, StreamEntry, Transport
from galileo_bus.transport.places import BEGINNING, id_order, just_before, taken_at

from tests.bus.conftest import Connect


async def fill(transport: Transport, *payloads: bytes) -> list[StreamEntry]:
    for payload in payloads:
        await transport.append("s", payload, identity=f"{payload!r}")
    return await transport.range("s", count=1000)


async def later(transport: Transport) -> float:
    """A moment between what was appended before and what will be: unix seconds of the server's clock."""
    await asyncio.sleep(0.005)
    moment = await transport.server_time()
    await asyncio.sleep(0.005)
    return moment


async def read(transport: Transport) -> list[bytes]:
    return [
        entry.payload for entry in await transport.read_group(["s"], group="g", consumer="c", count=100, wait_s=0.05)
    ]


async def test_ids_rise_and_tell_when_the_server_took_an_entry(connect: Connect) -> None:
    transport = await connect()
    before = await transport.server_time()
    entries = await fill(transport, *(b"%d" % number for number in range(50)))
    after = await transport.server_time()
    orders = [id_order(entry.id) for entry in entries]
    assert orders == sorted(set(orders))
    assert all(before - 0.002 <= taken_at(entry.id) <= after + 0.002 for entry in entries)


async def test_what_was_taken_since_a_moment_is_read_and_no_more(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, b"1", b"2")
    moment = await later(transport)
    await fill(transport, b"3", b"4")
    since = just_before(moment)
    assert [entry.payload for entry in await transport.range("s", count=10, after=since)] == [b"3", b"4"]
    assert [entry.payload for entry in await transport.range("s", count=1, after=since)] == [b"3"]
    newest = await transport.range("s", count=1, after=since, newest_first=True)
    assert [entry.payload for entry in newest] == [b"4"]
    assert await transport.range("s", count=10, after=just_before(moment + 3600)) == []


async def test_the_place_before_an_entrys_own_moment_lies_before_it(connect: Connect) -> None:
    transport = await connect()
    (entry,) = await fill(transport, b"1")
    found = await transport.range("s", count=10, after=just_before(taken_at(entry.id)))
    assert found == [entry]
    assert await transport.range("s", count=10, after=entry.id) == []
    assert just_before(0.0) == BEGINNING


async def test_entries_are_deleted_by_id_and_the_others_stay(connect: Connect) -> None:
    transport = await connect()
    entries = await fill(transport, b"1", b"2", b"3", b"4")
    gone = [entries[1].id, entries[2].id, just_before(taken_at(entries[0].id))]
    assert await transport.delete_entries("s", gone) == 2
    assert [entry.payload for entry in await transport.range("s", count=10)] == [b"1", b"4"]
    assert await transport.delete_entries("s", gone) == 0
    assert await transport.delete_entries("s", []) == 0
    assert await transport.delete_entries("no such stream", gone) == 0
    assert await read(transport) == [b"1", b"4"]


async def test_an_identity_that_was_forgotten_is_appended_again(connect: Connect) -> None:
    transport = await connect()
    assert await transport.append("s", b"1", identity="same")
    assert not await transport.append("s", b"1", identity="same")
    await transport.forget(["same", "never seen"])
    assert await transport.append("s", b"1", identity="same")


async def test_the_groups_of_a_stream_are_named(connect: Connect) -> None:
    transport = await connect()
    assert await transport.groups("s") == []
    await fill(transport, b"1")
    assert await transport.groups("s") == []
    for group in ("one", "other"):
        await transport.read_group(["s"], group=group, consumer="c", count=1, wait_s=0.01)
    assert sorted(await transport.groups("s")) == ["one", "other"]


async def test_a_group_that_is_taken_back_reads_again_what_came_since(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, b"1", b"2")
    moment = await later(transport)
    entries = await fill(transport, b"3", b"4", b"5")
    assert len(await read(transport)) == 5
    await transport.acknowledge("s", group="g", ids=[entry.id for entry in entries])
    assert await transport.rewind("s", group="g", after=just_before(moment)) == 3
    assert await transport.backlog("s", group="g") == 3, "what it reads again is its backlog"
    await fill(transport, b"6")
    assert await transport.backlog("s", group="g") == 4
    assert await read(transport) == [b"3", b"4", b"5", b"6"]
    assert await read(transport) == []


async def test_what_it_has_in_hand_while_it_is_taken_back_is_read_again_and_settled_once(connect: Connect) -> None:
    transport = await connect()
    entries = await fill(transport, b"1", b"2")
    assert len(await read(transport)) == 2
    assert await transport.rewind("s", group="g", after=BEGINNING) == 2
    assert await read(transport) == [b"1", b"2"]
    await transport.acknowledge("s", group="g", ids=[entry.id for entry in entries])
    assert await transport.backlog("s", group="g") == 0


async def test_a_group_is_never_taken_forward(connect: Connect) -> None:
    """What it has not read yet would be lost to it."""
    transport = await connect()
    await fill(transport, b"1", b"2", b"3")
    await transport.read_group(["s"], group="g", consumer="c", count=1, wait_s=0.01)
    assert await transport.rewind("s", group="g", after=just_before(await transport.server_time() + 3600)) == 0
    assert await read(transport) == [b"2", b"3"]


async def test_taking_back_goes_no_farther_than_what_the_stream_still_has(connect: Connect) -> None:
    transport = await connect()
    for number in range(400):
        await transport.append("s", b"%d" % number, identity=f"{number}", retention=Retention(max_length=100))
    kept = len(await transport.range("s", count=1000))
    await transport.read_group(["s"], group="g", consumer="c", count=1000, wait_s=0.01)
    assert await transport.rewind("s", group="g", after=BEGINNING) == kept < 400
    again = await transport.read_group(["s"], group="g", consumer="c", count=1000, wait_s=0.01)
    assert len(again) == kept


async def test_many_pages_are_counted_when_a_group_is_taken_back(connect: Connect) -> None:
    transport = await connect()
    await asyncio.gather(*(transport.append("s", b"%d" % number, identity=f"{number}") for number in range(2500)))
    await transport.read_group(["s"], group="g", consumer="c", count=5000, wait_s=0.01)
    assert await transport.rewind("s", group="g", after=BEGINNING) == 2500
    assert await transport.backlog("s", group="g") == 5000, "2,500 in hand, and all to be read again"


async def test_a_group_that_is_not_there_cannot_be_taken_back(connect: Connect) -> None:
    transport = await connect()
    await fill(transport, b"1")
    with pytest.raises(LookupError, match="s has no group g"):
        await transport.rewind("s", group="g", after=BEGINNING)
    with pytest.raises(LookupError, match="no such stream has no group g"):
        await transport.rewind("no such stream", group="g", after=BEGINNING)
