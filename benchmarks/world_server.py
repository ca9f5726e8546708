"""The process of the emulated API server and controllers, as `galileo emulate` runs it but without nodes."""

from __future__ import annotations

import asyncio
import random
import sys
import time

import uvloop
from galileo_emulation.controllers import Controllers
from galileo_emulation.cycle_collection import collect_seldom
from galileo_emulation.kubernetes import ApiServer, Store


async def serve() -> None:
    """Serve until standard input ends; say the address on standard output."""
    store = Store(now=time.time, rng=random.Random(1))
    collecting = asyncio.create_task(collect_seldom(), name="cycle collection")
    try:
        async with Controllers(store), ApiServer(store) as server:
            print(server.url, flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    finally:
        collecting.cancel()
        await asyncio.wait({collecting})


if __name__ == "__main__":
    uvloop.run(serve())
