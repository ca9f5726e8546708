"""What every watch promises: the same tests for the real etcd and for the twin."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from galileo_backends.etcd import Change, Delete, Etcd, KeyValue, Put, Snapshot


async def take(changes: AsyncGenerator[Change, None], count: int) -> list[Change]:
    """The next so many changes."""
    async with asyncio.timeout(10):
        return [await anext(changes) for _ in range(count)]


async def test_a_watch_begins_with_what_is_there(etcd: Etcd, prefix: str) -> None:
    revision = await etcd.put(prefix + "a", b"1")
    async with aclosing(etcd.watch_prefix(prefix)) as changes:
        assert await take(changes, 1) == [Snapshot([KeyValue(prefix + "a", b"1", revision)], revision)]


async def test_a_watch_of_nothing_begins_with_an_empty_snapshot(etcd: Etcd, prefix: str) -> None:
    async with aclosing(etcd.watch_prefix(prefix)) as changes:
        (snapshot,) = await take(changes, 1)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.items == []


async def test_changes_follow_in_order(etcd: Etcd, prefix: str) -> None:
    async with aclosing(etcd.watch_prefix(prefix)) as changes:
        await take(changes, 1)
        first = await etcd.put(prefix + "a", b"1")
        await etcd.put(prefix + "a", b"")
        await etcd.delete(prefix + "a")
        assert await take(changes, 3) == [
            Put(prefix + "a", b"1", first),
            Put(prefix + "a", b"", first + 1),
            Delete(prefix + "a", first + 2),
        ]


async def test_nothing_is_lost_between_the_snapshot_and_the_first_read(etcd: Etcd, prefix: str) -> None:
    async with aclosing(etcd.watch_prefix(prefix)) as changes:
        await take(changes, 1)
        written = [await etcd.put(f"{prefix}{number}", b"") for number in range(20)]
        assert [change.revision for change in await take(changes, 20)] == written


async def test_a_transaction_arrives_whole_and_at_one_revision(etcd: Etcd, prefix: str) -> None:
    async with aclosing(etcd.watch_prefix(prefix)) as changes:
        await take(changes, 1)
        revision = await etcd.put_all({prefix + "a": b"1", prefix + "b": b"2"})
        assert await take(changes, 2) == [Put(prefix + "a", b"1", revision), Put(prefix + "b", b"2", revision)]


async def test_a_watch_of_zone_a_slash_hears_nothing_of_zone_ab(etcd: Etcd, prefix: str) -> None:
    async with aclosing(etcd.watch_prefix(prefix + "zone-a/")) as changes:
        await take(changes, 1)
        await etcd.put(prefix + "zone-ab/fn", b"other")
        await etcd.put(prefix + "zone-a/fn", b"own")
        (change,) = await take(changes, 1)
        assert change.key == prefix + "zone-a/fn"  # type: ignore[union-attr]


async def test_two_watches_of_one_prefix_both_hear_everything(etcd: Etcd, prefix: str) -> None:
    async with aclosing(etcd.watch_prefix(prefix)) as one, aclosing(etcd.watch_prefix(prefix)) as two:
        await take(one, 1)
        await take(two, 1)
        revision = await etcd.put(prefix + "a", b"1")
        assert await take(one, 1) == await take(two, 1) == [Put(prefix + "a", b"1", revision)]
        await one.aclose()
        await etcd.put(prefix + "a", b"2")
        assert await take(two, 1) == [Put(prefix + "a", b"2", revision + 1)]


async def test_a_large_value_passes_in_one_piece(etcd: Etcd, prefix: str) -> None:
    value = b"x" * 700_000
    async with aclosing(etcd.watch_prefix(prefix)) as changes:
        await take(changes, 1)
        revision = await etcd.put(prefix + "large", value)
        assert await take(changes, 1) == [Put(prefix + "large", value, revision)]
