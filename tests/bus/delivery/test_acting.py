"""Acting on decisions: until the handler succeeded, in order per key, not after their time, given up at last."""

from __future__ import annotations

import asyncio

import pytest
from galileo_bus.delivery.decision_worker import MAX_ATTEMPTS
from galileo_bus.transport import TransportUnavailableError
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.frame import join_frame

from tests.bus.delivery.acting import GROUP, JOURNAL, Actor, Workers, bus_on, decision, settled
from tests.bus.hearing import until, until_so

pytestmark = pytest.mark.looptime


async def until_settled(transport: MemoryTransport, *, within_s: float = 60.0) -> None:
    await until_so(lambda: settled(transport), within_s=within_s)


async def test_a_decision_is_acknowledged_after_its_handler_and_not_before(
    memory: MemoryTransport, workers: Workers
) -> None:
    go_on = asyncio.Event()

    async def wait(_pod: str) -> None:
        await go_on.wait()

    actor = Actor(wait)
    workers.start(memory, actor)
    await bus_on(memory).say(decision("p"))
    await until(lambda: actor.asked == ["p"])
    await asyncio.sleep(30)
    assert not await settled(memory)
    go_on.set()
    await until_settled(memory, within_s=1)
    assert actor.asked == ["p"]


async def test_decisions_said_before_the_actor_came_are_acted_on(memory: MemoryTransport, workers: Workers) -> None:
    await bus_on(memory).say(decision("p"))
    actor = Actor()
    workers.start(memory, actor)
    await until_settled(memory)
    assert actor.done == ["p"]


async def test_a_handler_that_fails_twice_is_called_a_third_time_with_growing_pauses(
    memory: MemoryTransport, workers: Workers
) -> None:
    moments: list[float] = []

    async def fail_twice(_pod: str) -> None:
        moments.append(asyncio.get_running_loop().time())
        if len(moments) <= 2:
            raise RuntimeError("not yet")

    actor = Actor(fail_twice)
    workers.start(memory, actor)
    await bus_on(memory).say(decision("p"))
    await until_settled(memory)
    assert actor.asked == ["p", "p", "p"]
    assert actor.done == ["p"]
    assert not actor.buried
    assert moments[1] - moments[0] == pytest.approx(0.2)
    assert moments[2] - moments[1] == pytest.approx(0.4)


async def test_a_decision_that_never_succeeds_is_buried_after_the_limit(
    memory: MemoryTransport, workers: Workers
) -> None:
    async def fail(pod: str) -> None:
        if pod == "p":
            raise RuntimeError("no such image")

    actor = Actor(fail)
    workers.start(memory, actor)
    bus = bus_on(memory)
    await bus.say(decision("p"), key="k")
    await bus.say(decision("q"), key="k")
    await until_settled(memory)
    assert actor.asked == ["p"] * MAX_ATTEMPTS + ["q"]
    assert actor.buried == [("p", f"RuntimeError: no such image (given up after {MAX_ATTEMPTS} attempts)")]


async def test_that_the_bus_is_away_is_no_fault_of_the_decision(memory: MemoryTransport, workers: Workers) -> None:
    back_at = 60.0

    async def need_the_bus(_pod: str) -> None:
        if asyncio.get_running_loop().time() < back_at:
            raise TransportUnavailableError("away")

    actor = Actor(need_the_bus)
    workers.start(memory, actor)
    await bus_on(memory).say(decision("p"))
    await until_settled(memory, within_s=100)
    assert actor.done == ["p"]
    assert not actor.buried


async def test_an_expired_decision_is_said_to_be_so_and_not_acted_on(memory: MemoryTransport, workers: Workers) -> None:
    bus = bus_on(memory)
    await bus.say(decision("late"), expires_in_s=5)
    await bus.say(decision("patient"), expires_in_s=50)
    await bus.say(decision("for ever"))
    await asyncio.sleep(10)
    actor = Actor()
    workers.start(memory, actor)
    await until_settled(memory)
    assert actor.too_late == ["late"]
    assert sorted(actor.done) == ["for ever", "patient"]


async def test_a_decision_that_expires_while_it_is_tried_again_is_not_acted_on(
    memory: MemoryTransport, workers: Workers
) -> None:
    async def fail(_pod: str) -> None:
        raise RuntimeError("not yet")

    actor = Actor(fail)
    workers.start(memory, actor)
    await bus_on(memory).say(decision("p"), expires_in_s=0.5)
    await until_settled(memory)
    assert actor.asked == ["p", "p"]
    assert actor.too_late == ["p"]
    assert not actor.buried


async def test_one_at_a_time_and_in_order_per_key_and_side_by_side_across_keys(
    memory: MemoryTransport, workers: Workers
) -> None:
    running: dict[str, int] = {}
    most_of_a_key = most_at_all = 0

    async def work(pod: str) -> None:
        nonlocal most_of_a_key, most_at_all
        key = pod[0]
        running[key] = running.get(key, 0) + 1
        most_of_a_key = max(most_of_a_key, running[key])
        most_at_all = max(most_at_all, sum(running.values()))
        await asyncio.sleep(0.5 if pod.endswith("0") else 0.1)  # the first of each key is the slowest
        running[key] -= 1

    actor = Actor(work)
    workers.start(memory, actor)
    bus = bus_on(memory)
    for number in range(5):
        for key in "abc":
            await bus.say(decision(f"{key}{number}"), key=key)
    await until_settled(memory)
    for key in "abc":
        assert [pod for pod in actor.done if pod[0] == key] == [f"{key}{number}" for number in range(5)]
    assert most_of_a_key == 1
    assert most_at_all == 3


async def test_a_failing_decision_holds_up_its_own_key_only(memory: MemoryTransport, workers: Workers) -> None:
    async def fail_once(pod: str) -> None:
        if pod == "a0" and actor.asked.count("a0") == 1:
            raise RuntimeError("not yet")

    actor = Actor(fail_once)
    workers.start(memory, actor)
    bus = bus_on(memory)
    for pod in ("a0", "a1", "b0"):
        await bus.say(decision(pod), key=pod[0])
    await until_settled(memory)
    assert actor.done == ["b0", "a0", "a1"]


async def test_no_more_keys_than_allowed_are_worked_on_at_once(memory: MemoryTransport, workers: Workers) -> None:
    running = most = 0

    async def work(_pod: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.1)
        running -= 1

    actor = Actor(work)
    workers.start(memory, actor, parallel=4)
    bus = bus_on(memory)
    for number in range(20):
        await bus.say(decision(f"p{number}"))
    await until_settled(memory)
    assert len(actor.done) == 20
    assert most == 4


async def test_an_unreadable_journal_entry_is_buried_and_the_next_acted_on(
    memory: MemoryTransport, workers: Workers
) -> None:
    actor = Actor()
    workers.start(memory, actor)
    await memory.append(JOURNAL, b"nonsense", identity="1")
    await memory.append(JOURNAL, join_frame(1.0, "scale_schedule", b'{"fn": 1}'), identity="2")
    await bus_on(memory).say(decision("p"))
    await until_settled(memory)
    assert actor.done == ["p"]
    assert [pod for pod, _ in actor.buried] == ["?", "?"]
    assert "a frame is '<unix time> <event name> [<value>]'" in actor.buried[0][1]
    assert "scale_schedule: Expected `str`, got `int`" in actor.buried[1][1]


async def test_a_decision_that_never_came_to_an_end_is_buried_before_it_does_harm_again(
    memory: MemoryTransport, workers: Workers
) -> None:
    """As when it takes the process down each time: it is delivered again and again, and no failure is ever counted."""
    await bus_on(memory).say(decision("p"))
    await memory.read_group([JOURNAL], group=GROUP, consumer="c", count=1, wait_s=0)
    for _ in range(MAX_ATTEMPTS - 1):
        await memory.claim_idle(JOURNAL, group=GROUP, consumer="c", idle_s=0, count=1)
    actor = Actor()
    workers.start(memory, actor)
    await until_settled(memory)
    assert actor.asked == []
    assert actor.buried == [("p", f"given up after {MAX_ATTEMPTS} deliveries without an end")]


async def test_a_burial_waits_for_the_bus_and_survives_what_the_author_of_the_handler_raises(
    memory: MemoryTransport, workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[float] = []

    class Gravedigger(Actor):
        async def dead(self, event: object, entry: object, reason: str) -> None:
            tries.append(asyncio.get_running_loop().time())
            raise TransportUnavailableError("away") if len(tries) < 10 else RuntimeError("a fault of its own")

    async def fail(pod: str) -> None:
        if pod == "p":
            raise ValueError("no such image")

    actor = Gravedigger(fail)
    workers.start(memory, actor)
    bus = bus_on(memory)
    await bus.say(decision("p"))
    await bus.say(decision("q"))
    await until_settled(memory)
    assert len(tries) == 10
    assert actor.done == ["q"]
    assert "no such image" in caplog.text
    assert "a fault of its own" in caplog.text


async def test_reading_and_acknowledging_wait_for_a_server_that_is_away(
    memory_server: MemoryServer, memory: MemoryTransport, workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    async def switch_off(_pod: str) -> None:
        memory_server.available = False

    actor = Actor(switch_off)
    workers.start(memory, actor)
    await bus_on(memory).say(decision("p"))
    await until(lambda: actor.done == ["p"])
    await asyncio.sleep(30)
    memory_server.available = True
    await until_settled(memory, within_s=1)
    assert actor.asked == ["p"]
    assert caplog.text.count("waits for the server") == 1


async def test_a_worker_that_is_to_stop_finishes_what_is_in_hand_and_leaves_the_rest(
    memory: MemoryTransport, workers: Workers
) -> None:
    async def work(_pod: str) -> None:
        await asyncio.sleep(1.0)

    actor = Actor(work)
    task = workers.start(memory, actor, finish_s=2.0)
    bus = bus_on(memory)
    await bus.say(decision("a0"), key="a")
    await bus.say(decision("a1"), key="a")
    await until(lambda: actor.asked == ["a0"])
    await workers.kill(task)
    assert actor.done == ["a0"]
    assert actor.asked == ["a0"]
    assert await memory.backlog(JOURNAL, group=GROUP) == 1


async def test_a_fault_in_the_worker_itself_ends_it_with_its_error(memory: MemoryTransport, workers: Workers) -> None:
    class Broken(MemoryTransport):
        async def acknowledge(self, stream: str, *, group: str, ids: object, fence: object = None) -> None:
            raise LookupError("a fault of the transport")

    server = memory._server
    task = workers.start(Broken(server), Actor())
    await bus_on(memory).say(decision("p"))
    await asyncio.wait([task], timeout=10)
    assert task.done(), "it must not go on without acknowledging"
    with pytest.raises(LookupError, match="a fault of the transport"):
        task.result()
    workers._tasks.remove(task)
