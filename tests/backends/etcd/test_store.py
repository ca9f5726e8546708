"""What every etcd promises: the same tests for the real one and for the twin."""

import pytest
from galileo_backends.etcd import Etcd, EtcdRefused, KeyValue


async def test_a_key_reads_back_as_it_was_written(etcd: Etcd, prefix: str) -> None:
    value = b'{"ips": ["10.0.0.1:8080"]}\n\x00\xff'
    revision = await etcd.put(prefix + "fn", value)
    assert await etcd.get(prefix + "fn") == KeyValue(prefix + "fn", value, revision)


async def test_an_empty_value_is_a_value(etcd: Etcd, prefix: str) -> None:
    await etcd.put(prefix + "empty", b"")
    found = await etcd.get(prefix + "empty")
    assert found is not None
    assert found.value == b""


async def test_a_key_that_is_not_there_is_none(etcd: Etcd, prefix: str) -> None:
    assert await etcd.get(prefix + "nothing") is None


async def test_every_write_raises_the_revision_by_one(etcd: Etcd, prefix: str) -> None:
    first = await etcd.put(prefix + "a", b"1")
    assert await etcd.put(prefix + "a", b"2") == first + 1


async def test_a_prefix_is_listed_by_key_with_its_revision(etcd: Etcd, prefix: str) -> None:
    await etcd.put(prefix + "b", b"2")
    last = await etcd.put(prefix + "a", b"1")
    items, revision = await etcd.get_prefix(prefix)
    assert [item.key for item in items] == [prefix + "a", prefix + "b"]
    assert revision == last


async def test_zone_a_slash_does_not_match_zone_ab(etcd: Etcd, prefix: str) -> None:
    await etcd.put_all({prefix + "zone-a/fn": b"1", prefix + "zone-ab/fn": b"2", prefix + "zone-a": b"3"})
    items, _ = await etcd.get_prefix(prefix + "zone-a/")
    assert [item.key for item in items] == [prefix + "zone-a/fn"]


async def test_a_prefix_in_another_script_matches_its_own_keys_only(etcd: Etcd, prefix: str) -> None:
    await etcd.put_all({prefix + "zöne-ÿ/fn": b"1", prefix + "zöne-Ā/fn": b"2"})
    items, _ = await etcd.get_prefix(prefix + "zöne-ÿ")
    assert [item.value for item in items] == [b"1"]


async def test_the_empty_prefix_lists_every_key(etcd: Etcd, prefix: str) -> None:
    await etcd.put(prefix + "any", b"")
    items, _ = await etcd.get_prefix("")
    assert prefix + "any" in [item.key for item in items]


async def test_a_transaction_writes_all_its_keys_at_one_revision(etcd: Etcd, prefix: str) -> None:
    revision = await etcd.put_all({prefix + "a": b"1", prefix + "b": b"2"})
    items, _ = await etcd.get_prefix(prefix)
    assert [item.mod_revision for item in items] == [revision, revision]


async def test_a_transaction_that_is_too_large_writes_nothing(etcd: Etcd, prefix: str) -> None:
    with pytest.raises(EtcdRefused, match="too many operations"):
        await etcd.put_all({f"{prefix}{number}": b"" for number in range(129)})
    assert (await etcd.get_prefix(prefix))[0] == []


async def test_an_empty_transaction_changes_nothing(etcd: Etcd, prefix: str) -> None:
    before = await etcd.put(prefix + "a", b"1")
    assert await etcd.put_all({}) == before


async def test_deleting_says_whether_the_key_was_there(etcd: Etcd, prefix: str) -> None:
    await etcd.put(prefix + "a", b"1")
    assert await etcd.delete(prefix + "a") is True
    assert await etcd.delete(prefix + "a") is False
    assert await etcd.get(prefix + "a") is None


async def test_a_key_without_a_name_is_refused(etcd: Etcd) -> None:
    with pytest.raises(EtcdRefused, match="key is not provided"):
        await etcd.put("", b"1")


async def test_the_cluster_says_who_it_is(etcd: Etcd, prefix: str) -> None:
    await etcd.get(prefix)
    assert etcd.cluster_id
