"""The process of the emulated API server, as `galileo emulate` runs it but with nothing else beside it."""

from __future__ import annotations

import asyncio
import random
import sys
import time

import uvloop
from galileo_emulation.kubernetes import ApiServer, Store


async def serve() -> None:
    """Serve until standard input ends; say the address on standard output."""
    store = Store(now=time.time, rng=random.Random(1))
    async with ApiServer(store) as server:
        print(server.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve())
