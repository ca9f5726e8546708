"""A unix time that goes with the loop's clock, virtual or not, and waiting by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

UNIX_START = 1_700_000_000.0
LOOK_EVERY_S = 0.01


def unix_now() -> float:
    """Unix time in seconds: a fixed day, plus what the running loop's clock shows."""
    return UNIX_START + asyncio.get_running_loop().time()


async def until(condition: Callable[[], object], *, within_s: float = 5.0) -> None:
    """Returns as soon as the condition holds. Raises `AssertionError` when it does not in time."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not condition():
        if asyncio.get_running_loop().time() >= deadline:
            raise AssertionError(f"did not come true within {within_s:g} s")
        await asyncio.sleep(LOOK_EVERY_S)
