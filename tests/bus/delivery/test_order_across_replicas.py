"""A key's order holds across replicas, after a death, and after an answer that was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from galileo_bus.delivery.predecessors import Predecessors
from galileo_bus.transport import Transport
from galileo_bus.transport.memory import MemoryTransport

from tests.bus.delivery.acting import GROUP, JOURNAL, Actor, Workers, bus_on, decision, settled
from tests.bus.hearing import until, until_so

Connect = Callable[[], Awaitable[Transport]]
IDLE_S = 0.3


async def given_to(transport: Transport, consumer: str, *, count: int) -> None:
    """Has the group give entries to a consumer that does nothing with them."""
    assert len(await transport.read_group([JOURNAL], group=GROUP, consumer=consumer, count=count, wait_s=0)) == count


async def test_a_replica_waits_for_an_earlier_decision_of_the_key_that_another_has_in_hand(
    connect: Connect, workers: Workers
) -> None:
    transport = await connect()
    bus, quick = bus_on(transport), Actor()
    await bus.say(decision("a0"), key="a")
    (entry,) = await transport.read_group([JOURNAL], group=GROUP, consumer="busy", count=1, wait_s=0)
    workers.start(await connect(), quick, "quick")
    for pod in ("a1", "b0"):
        await bus.say(decision(pod), key=pod[0])
    await bus.say(decision("no key"))
    await until(lambda: len(quick.done) == 2)
    await asyncio.sleep(0.2)
    assert sorted(quick.done) == ["b0", "no key"]
    await transport.acknowledge(JOURNAL, group=GROUP, ids=[entry.id])
    await until(lambda: quick.done[2:] == ["a1"], within_s=1)


async def test_what_a_dead_replica_left_behind_goes_before_what_was_decided_later(
    connect: Connect, workers: Workers
) -> None:
    transport = await connect()
    bus, heir = bus_on(transport), Actor()
    for pod in ("a0", "a1", "b0"):
        await bus.say(decision(pod), key=pod[0])
    await given_to(transport, "dead", count=3)
    await bus.say(decision("a2"), key="a")
    await bus.say(decision("c0"), key="c")
    workers.start(transport, heir, "heir", idle_s=IDLE_S)
    await until(lambda: len(heir.done) == 5)
    assert heir.done[0] == "c0", "other keys do not wait"
    assert [pod for pod in heir.done if pod[0] == "a"] == ["a0", "a1", "a2"]
    await until_so(lambda: settled(transport), within_s=2)


async def test_what_a_reader_was_given_in_an_answer_that_was_lost_comes_first(
    connect: Connect, workers: Workers
) -> None:
    transport = await connect()
    bus, actor = bus_on(transport), Actor()
    await bus.say(decision("a0"), key="a")
    await given_to(transport, "one", count=1)  # to the very consumer that the worker is, which never sees it
    await bus.say(decision("a1"), key="a")
    workers.start(transport, actor, "one", idle_s=60)
    await until(lambda: len(actor.done) == 2, within_s=3)
    assert actor.done == ["a0", "a1"], "at once: nobody has to be idle for a minute"


@pytest.mark.looptime
async def test_keys_that_wait_do_not_keep_others_from_being_claimed(memory: MemoryTransport, workers: Workers) -> None:
    """All places are taken by keys that wait for what a dead replica holds: it has to be claimed all the same."""
    bus, heir = bus_on(memory), Actor()
    keys = [f"{number:02d}" for number in range(20)]
    for key in keys:
        await bus.say(decision(f"{key} first"), key=key)
    await given_to(memory, "dead", count=20)
    for key in keys:
        await bus.say(decision(f"{key} second"), key=key)
    workers.start(memory, heir, "heir", parallel=4)
    await until(lambda: len(heir.done) == 40, within_s=120)
    for key in keys:
        assert [pod for pod in heir.done if pod.startswith(key)] == [f"{key} first", f"{key} second"]


def test_only_an_earlier_entry_of_the_key_holds_one_up() -> None:
    known = Predecessors()
    known.note("s", [("5-0", "a"), ("5-1", ""), ("10-0", "b")])
    assert known.hold("s", "a", "6-0")
    assert known.hold("s", "b", "10-1")
    assert not known.hold("s", "b", "9-0"), "ids are numbers, not texts"
    assert not known.hold("s", "", "6-0")
    assert not known.hold("other", "a", "6-0")
    known.keep_only("s", {"10-0"})
    assert not known.hold("s", "a", "6-0")
    known.taken_over("s", "10-0")
    assert not known.hold("s", "b", "11-0")
