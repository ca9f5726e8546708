"""Searches for garbage in cycles: seldom, in proportion to what they take, and left to Python again in the end."""

from __future__ import annotations

import asyncio
import gc

import pytest
from galileo_emulation.cycle_collection import SHORTEST_INTERVAL_S, collect_seldom, interval_s

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize(("took_s", "wait_s"), [(0.0, 60.0), (0.03, 60.0), (0.5, 500.0), (2.0, 2000.0)])
def test_a_search_takes_a_thousandth_of_the_time(took_s: float, wait_s: float) -> None:
    assert interval_s(took_s) == pytest.approx(wait_s)


async def test_everything_is_searched_after_a_while_and_never_by_chance() -> None:
    before, full = gc.get_threshold(), []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 2:
            full.append(asyncio.get_running_loop().time())

    task = asyncio.create_task(collect_seldom())
    await asyncio.sleep(1.0)
    gc.callbacks.append(note)
    try:
        kept = [[[number] for number in range(100)] for _ in range(2000)]
        assert not full, "hundreds of thousands of objects that stay are no reason"
        await asyncio.sleep(SHORTEST_INTERVAL_S)
        assert len(full) == 1
        assert kept
    finally:
        gc.callbacks.remove(note)
        task.cancel()
        await asyncio.wait({task})
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
