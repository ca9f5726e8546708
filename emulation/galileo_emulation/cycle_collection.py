"""When Python looks for garbage in cycles, in a process that holds the whole world.

What the world stores are trees: they are freed by counting references, and searching them for cycles finds nothing.
Python would search them all again and again as they grow, and everything waits meanwhile: 10,000 pods are a million
objects, and a search takes a large part of a second. So the young are searched as ever, in small portions, while the
search of everything is taken from Python and done here, so seldom that it takes a thousandth of the time.
"""

from __future__ import annotations

import asyncio
import gc
import time

# Objects made before the youngest are searched, and how many such searches there are to one of the next generation.
# Both together decide the longest pause. Trees that replace trees do not count, so that it may be many more: with
# these, 3 ms as a rule and 20 ms at 10,000 status updates a second.
YOUNG, SEARCHES = 2_000, 5
# Python's own search of everything would come after so many of the second generation: never.
_NEVER = 1_000_000_000

SHARE = 0.001
SHORTEST_INTERVAL_S = 60.0


def interval_s(took_s: float) -> float:
    """How long to wait after a search of everything that took so long; seconds."""
    return max(SHORTEST_INTERVAL_S, took_s / SHARE)


async def collect_seldom() -> None:
    """Search for garbage as described, until cancelled; then leave it to Python again.

    Begin it when all modules are imported: what is there then is taken for permanent and not searched at all.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, SEARCHES, _NEVER)
    took_s = 0.0
    try:
        while True:
            await asyncio.sleep(interval_s(took_s))
            began = time.perf_counter()
            gc.collect()
            took_s = time.perf_counter() - began
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
