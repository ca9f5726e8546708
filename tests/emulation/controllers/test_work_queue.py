"""A key is worked on once however often it is named, never twice at a time, and later after failures."""

import asyncio

import pytest
from galileo_emulation.controllers.work_queue import FIRST_RETRY_S, LONGEST_RETRY_S, WorkQueue

pytestmark = pytest.mark.looptime


async def next_of(queue: WorkQueue) -> str | None:
    try:
        return await asyncio.wait_for(queue.get(), 0.001)
    except TimeoutError:
        return None


async def test_a_key_that_waits_is_not_added_twice_and_the_eldest_comes_first() -> None:
    queue = WorkQueue()
    for key in ("b", "a", "b"):
        queue.add(key)
    assert [await next_of(queue) for _ in range(3)] == ["b", "a", None]


async def test_a_key_that_is_named_during_the_work_comes_again_after_it() -> None:
    queue = WorkQueue()
    queue.add("a")
    await queue.get()
    queue.add("a")
    assert await next_of(queue) is None
    queue.done("a")
    assert await next_of(queue) == "a"


async def test_a_key_put_off_comes_when_it_is_due_and_the_earliest_time_counts() -> None:
    queue, loop = WorkQueue(), asyncio.get_running_loop()
    queue.add_after("a", 60)
    queue.add_after("a", 10)
    queue.add_after("a", 30)
    began = loop.time()
    assert await queue.get() == "a"
    assert round(loop.time() - began) == 10
    queue.done("a")
    assert await next_of(queue) is None
    queue.close()


async def test_waits_after_failures_double_up_to_a_limit_and_begin_anew_when_all_is_well() -> None:
    queue = WorkQueue()
    waits = [queue.add_failed("a") for _ in range(20)]
    assert waits[:3] == [FIRST_RETRY_S, 2 * FIRST_RETRY_S, 4 * FIRST_RETRY_S]
    assert waits[-1] == LONGEST_RETRY_S
    queue.forget("a")
    assert queue.add_failed("a") == FIRST_RETRY_S
    queue.close()


async def test_it_tells_when_it_is_idle_and_when_it_will_be_for_a_while() -> None:
    told = []
    queue = WorkQueue(became_idle=lambda: told.append("idle"))
    queue.add("a")
    queue.add("b")
    for _ in range(2):
        queue.done(await queue.get())
    assert told == ["idle"]
    queue.add_after("a", 5)
    assert queue.is_quiet(4)
    assert not queue.is_quiet(6)
    queue.close()
    assert queue.is_quiet(6)
