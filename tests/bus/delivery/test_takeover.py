"""Replicas of an actor: a dead one's decisions are taken over, a slow one's are not, and effects happen once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from galileo_bus.delivery.group_reader import GroupReader
from galileo_bus.transport import Transport

from tests.bus.delivery.acting import Actor, Workers, bus_on, decision, settled
from tests.bus.hearing import until, until_so

Connect = Callable[[], Awaitable[Transport]]
IDLE_S = 0.25


async def test_a_second_replica_takes_over_what_the_first_was_killed_over(connect: Connect, workers: Workers) -> None:
    created: dict[str, str] = {}

    async def create_then_hang(_pod: str) -> None:
        await asyncio.Event().wait()

    dying, heir = Actor(create_then_hang, effects=created), Actor(effects=created)
    killed = workers.start(await connect(), dying, "dying", idle_s=IDLE_S)
    bus = bus_on(await connect())
    first = await bus.say(decision("p"))
    await until(lambda: dying.asked == ["p"])
    created[first] = "p"  # the effect happened, and the acknowledgement never will
    await workers.kill(killed)
    transport = await connect()
    workers.start(transport, heir, "heir", idle_s=IDLE_S)
    second = await bus.say(decision("q"))
    await until(lambda: sorted(heir.done) == ["p", "q"], within_s=5)
    assert created == {first: "p", second: "q"}
    await until_so(lambda: settled(transport), within_s=2)


async def test_a_slow_handler_keeps_its_decision_while_it_lives(connect: Connect, workers: Workers) -> None:
    async def take_long(_pod: str) -> None:
        await asyncio.sleep(3 * IDLE_S)

    slow, other = Actor(take_long), Actor()
    workers.start(await connect(), slow, "slow", idle_s=IDLE_S)
    await bus_on(await connect()).say(decision("p"))
    await until(lambda: slow.asked == ["p"])
    workers.start(await connect(), other, "other", idle_s=IDLE_S)
    await until(lambda: slow.done == ["p"])
    assert other.asked == []


async def test_a_worker_with_all_hands_full_keeps_its_decisions_too(connect: Connect, workers: Workers) -> None:
    async def take_long(_pod: str) -> None:
        await asyncio.sleep(3 * IDLE_S)

    slow, other = Actor(take_long), Actor()
    bus = bus_on(await connect())
    for number in range(4):
        await bus.say(decision(f"p{number}"))
    workers.start(await connect(), slow, "slow", idle_s=IDLE_S, parallel=2)
    await until(lambda: len(slow.asked) == 2)
    workers.start(await connect(), other, "other", idle_s=IDLE_S)
    await until(lambda: len(slow.done) + len(other.done) == 4)
    taken = slow.asked + other.asked
    assert sorted(taken) == sorted(set(taken)), "no decision in the hands of two"


async def test_a_batch_that_takes_long_stays_with_the_reader_that_has_it(connect: Connect, no_task_left: None) -> None:
    """Recorders read batches without a worker; while they write one, nobody asks for the next."""
    writer, other = await connect(), await connect()
    for number in range(3):
        await writer.append("s", b"%d" % number, identity=f"{number}")
    reader = GroupReader(writer, ["s"], group="recorder", consumer="one", idle_s=IDLE_S)
    async with aclosing(reader.batches(count=10)) as batches:
        async for entries in batches:
            assert len(entries) == 3
            await asyncio.sleep(3 * IDLE_S)
            break
        assert await other.claim_idle("s", group="recorder", consumer="two", idle_s=IDLE_S, count=10) == []
    await asyncio.sleep(IDLE_S)
    assert len(await other.claim_idle("s", group="recorder", consumer="two", idle_s=IDLE_S, count=10)) == 3


async def test_two_replicas_share_the_work_and_nothing_is_done_twice(connect: Connect, workers: Workers) -> None:
    async def work(_pod: str) -> None:
        await asyncio.sleep(0.005)

    one, two = Actor(work), Actor(work)
    workers.start(await connect(), one, "one", parallel=2)
    workers.start(await connect(), two, "two", parallel=2)
    bus = bus_on(await connect())
    said = [f"p{number}" for number in range(40)]
    for pod in said:
        await bus.say(decision(pod))
    await until(lambda: len(one.done) + len(two.done) >= len(said))
    assert sorted(one.done + two.done) == sorted(said)
    assert one.done
    assert two.done
