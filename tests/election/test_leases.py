"""What every keeper of leases promises: one holder at a time, an epoch that rises, a bus that refuses older ones."""

from __future__ import annotations

import asyncio

import pytest
from galileo_bus.election.leases import Grant, Held
from galileo_bus.transport import FencedError

from tests.election.conftest import Keeper

LONG_S = 30.0
SHORT_S = 1.0
"""Leases of Kubernetes are in whole seconds."""


async def acquired(keeper: Keeper, holder: str, *, duration_s: float = LONG_S) -> Grant:
    answer = await keeper.seen_by_a_replica().acquire("decider", holder, duration_s=duration_s)
    assert isinstance(answer, Grant), answer
    return answer


async def append(keeper: Keeper, grant: Grant, identity: str) -> bool:
    return await keeper.transport.append("journal", b"decision", identity=identity, fence=grant.fence)


async def test_the_first_to_ask_leads_and_the_second_hears_who_does(keeper: Keeper) -> None:
    await acquired(keeper, "one")
    answer = await keeper.seen_by_a_replica().acquire("decider", "two", duration_s=LONG_S)
    assert isinstance(answer, Held)
    assert answer.holder == "one"
    assert 0 < answer.free_in_s <= LONG_S


async def test_each_name_has_a_leader_of_its_own(keeper: Keeper) -> None:
    leases = keeper.seen_by_a_replica()
    for name in ("decider", "decider/zone-a", "vpa_updater"):
        assert isinstance(await leases.acquire(name, f"for {name}".replace(" ", "-"), duration_s=LONG_S), Grant)


async def test_of_many_that_ask_at_once_one_leads(keeper: Keeper) -> None:
    replicas = [keeper.seen_by_a_replica() for _ in range(8)]
    answers = await asyncio.gather(
        *(leases.acquire("decider", f"r{n}", duration_s=LONG_S) for n, leases in enumerate(replicas))
    )
    assert sum(isinstance(answer, Grant) for answer in answers) == 1


async def test_what_is_given_back_is_free_at_once_and_the_next_epoch_is_higher(keeper: Keeper) -> None:
    first = await acquired(keeper, "one")
    await keeper.seen_by_a_replica().release(first)
    second = await acquired(keeper, "two")
    assert second.epoch > first.epoch


async def test_the_same_holder_gets_a_new_epoch_after_it_gave_the_lease_back(keeper: Keeper) -> None:
    leases = keeper.seen_by_a_replica()
    first = await acquired(keeper, "one")
    await leases.release(first)
    assert (await acquired(keeper, "one")).epoch > first.epoch


async def test_a_holder_that_asks_again_keeps_its_epoch_since_it_did_not_hear_the_answer(keeper: Keeper) -> None:
    first = await acquired(keeper, "one")
    assert await acquired(keeper, "one") == first
    assert await append(keeper, first, "1")


async def test_a_lease_that_is_not_renewed_passes_to_who_waits(keeper: Keeper) -> None:
    first = await acquired(keeper, "one", duration_s=SHORT_S)
    waiting = keeper.seen_by_a_replica()
    began = asyncio.get_running_loop().time()
    answer = await waiting.acquire("decider", "two", duration_s=LONG_S)
    while isinstance(answer, Held):
        await asyncio.sleep(min(0.1, answer.free_in_s + 0.01))
        answer = await waiting.acquire("decider", "two", duration_s=LONG_S)
    assert 0.8 * SHORT_S < asyncio.get_running_loop().time() - began < 2 * SHORT_S
    assert answer.epoch > first.epoch
    assert not await waiting.renew(first, duration_s=LONG_S)


async def test_a_renewed_lease_holds_on(keeper: Keeper) -> None:
    leases, waiting = keeper.seen_by_a_replica(), keeper.seen_by_a_replica()
    first = await acquired(keeper, "one", duration_s=SHORT_S)
    for _ in range(6):
        assert await leases.renew(first, duration_s=SHORT_S)
        assert isinstance(await waiting.acquire("decider", "two", duration_s=LONG_S), Held)
        await asyncio.sleep(SHORT_S / 4)


async def test_what_was_given_back_cannot_be_renewed_even_though_nobody_has_it(keeper: Keeper) -> None:
    leases = keeper.seen_by_a_replica()
    first = await acquired(keeper, "one")
    await leases.release(first)
    assert not await leases.renew(first, duration_s=LONG_S)


async def test_a_late_release_does_not_take_the_lease_from_a_successor(keeper: Keeper) -> None:
    first = await acquired(keeper, "one")
    leases = keeper.seen_by_a_replica()
    await leases.release(first)
    second = await acquired(keeper, "two")
    await leases.release(first)
    assert await leases.renew(second, duration_s=LONG_S)


async def test_the_bus_refuses_what_an_earlier_leader_writes_and_says_by_whom(keeper: Keeper) -> None:
    first = await acquired(keeper, "one")
    assert await append(keeper, first, "1")
    await keeper.seen_by_a_replica().release(first)
    second = await acquired(keeper, "two")
    with pytest.raises(FencedError, match=f"epoch {first.epoch} is over, now it is epoch {second.epoch} of two"):
        await append(keeper, first, "2")
    assert await append(keeper, second, "3")
    assert len(await keeper.transport.range("journal", count=10)) == 2


async def test_the_bus_refuses_what_an_earlier_leader_acknowledges(keeper: Keeper) -> None:
    first = await acquired(keeper, "one")
    await append(keeper, first, "1")
    (entry,) = await keeper.transport.read_group(["journal"], group="g", consumer="c", count=1, wait_s=0.0)
    await keeper.seen_by_a_replica().release(first)
    second = await acquired(keeper, "two")
    with pytest.raises(FencedError):
        await keeper.transport.acknowledge("journal", group="g", ids=[entry.id], fence=first.fence)
    assert await keeper.transport.backlog("journal", group="g") == 1
    await keeper.transport.acknowledge("journal", group="g", ids=[entry.id], fence=second.fence)
    assert await keeper.transport.backlog("journal", group="g") == 0


async def test_a_bus_that_lost_its_data_refuses_the_leader_of_before(keeper: Keeper) -> None:
    """Its epoch means nothing any more: the next leader would count from one."""
    first = await acquired(keeper, "one")
    await keeper.transport.delete_key(first.fence.key)
    with pytest.raises(FencedError, match="now it is epoch no of nobody"):
        await append(keeper, first, "1")
