"""Waiting for something that only shows from outside."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], *, every_s: float = 0.005, timeout_s: float = 5.0) -> None:
    """Return when `holds` does; raises TimeoutError if it does not within `timeout_s`."""
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - what is watched has no event to wait for
            await asyncio.sleep(every_s)
