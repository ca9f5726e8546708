"""Appending to streams: acknowledged, once per identity, published in the same step; and small shared state."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from galileo_bus.transport import Retention, Transport

from tests.bus.hearing import Heard

Connect = Callable[[], Awaitable[Transport]]


async def payloads(transport: Transport, stream: str, *, newest_first: bool = False, count: int = 1000) -> list[bytes]:
    return [entry.payload for entry in await transport.range(stream, count=count, newest_first=newest_first)]


async def test_an_entry_is_in_the_stream_and_published_when_append_returns(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=["c", "d"])
    assert await speaker.append("s", b"entry", identity="1", publish=[("c", b"one"), ("d", b"two")])
    assert await payloads(listener, "s") == [b"entry"]
    assert await heard.at_least(2) == [("c", b"one"), ("d", b"two")]


async def test_an_identity_is_appended_and_published_once_whoever_repeats_it(connect: Connect) -> None:
    participants = [await connect() for _ in range(3)]
    listener, heard = await connect(), Heard()
    await listener.subscribe(heard, channels=["c"])
    said = [
        participant.append("s", b"entry", identity="same", publish=[("c", b"entry")])
        for participant in participants
        for _ in range(5)
    ]
    assert sorted(await asyncio.gather(*said)) == [False] * 14 + [True]
    listener.publish("c", b"end")
    assert await payloads(listener, "s") == [b"entry"]
    assert [payload for _, payload in await heard.at_least(2)] == [b"entry", b"end"]


async def test_different_identities_are_different_entries_even_with_equal_bytes(connect: Connect) -> None:
    speaker = await connect()
    assert await speaker.append("s", b"entry", identity="1")
    assert await speaker.append("s", b"entry", identity="2")
    assert await payloads(speaker, "s") == [b"entry", b"entry"]


async def test_a_stream_keeps_order_and_can_be_read_from_both_ends(connect: Connect) -> None:
    speaker = await connect()
    for number in range(5):
        await speaker.append("s", b"%d" % number, identity=f"{number}")
    assert await payloads(speaker, "s") == [b"0", b"1", b"2", b"3", b"4"]
    assert await payloads(speaker, "s", newest_first=True, count=2) == [b"4", b"3"]
    assert await payloads(speaker, "s", count=2) == [b"0", b"1"]
    assert await payloads(speaker, "no such stream") == []


async def test_a_stream_stays_near_its_greatest_length_and_loses_the_oldest(connect: Connect) -> None:
    speaker = await connect()
    for number in range(600):
        await speaker.append("s", b"%d" % number, identity=f"{number}", retention=Retention(max_length=100))
    kept = await payloads(speaker, "s")
    assert 100 <= len(kept) <= 300  # servers trim whole blocks of entries
    assert kept[-1] == b"599"


async def test_a_hash_keeps_its_other_fields(connect: Connect) -> None:
    writer, reader = await connect(), await connect()
    assert await reader.get_hash("telemd.info:a") == {}
    await writer.set_hash("telemd.info:a", {"arch": "arm64", "cpus": "4"})
    await writer.set_hash("telemd.info:a", {"cpus": "8", "zone": "zürich"})
    assert await reader.get_hash("telemd.info:a") == {"arch": "arm64", "cpus": "8", "zone": "zürich"}
    await reader.delete_key("telemd.info:a")
    assert await writer.get_hash("telemd.info:a") == {}


async def test_fields_of_a_hash_are_deleted_and_the_others_stay(connect: Connect) -> None:
    one, other = await connect(), await connect()
    await one.set_hash("telemd.info:a", {"arch": "arm64", "cpus": "4", "labels": "{}"})
    await other.delete_hash_fields("telemd.info:a", ["arch", "cpus", "gpu"])
    assert await one.get_hash("telemd.info:a") == {"labels": "{}"}
    await other.delete_hash_fields("telemd.info:a", ["labels"])
    assert await one.get_hash("telemd.info:a") == {}
    await other.delete_hash_fields("telemd.info:a", ["labels"])  # of a hash that is gone


async def test_deleting_a_stream_deletes_its_entries(connect: Connect) -> None:
    speaker = await connect()
    await speaker.append("s", b"entry", identity="1")
    await speaker.delete_key("s")
    assert await payloads(speaker, "s") == []


async def test_very_many_at_once_are_all_taken(connect: Connect) -> None:
    transport = await connect()
    taken = await asyncio.gather(*(transport.append("s", b"%d" % n, identity=f"many/{n}") for n in range(500)))
    assert taken == [True] * 500
    assert [entry.payload for entry in await transport.range("s", count=1000)] == [b"%d" % n for n in range(500)]
