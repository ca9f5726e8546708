"""Takes messages off the wire by our own link and drops them: `python -m benchmarks.bus_protocol PORT`.

What the protocol's own parsing costs, below the bus. Says `ready` when it listens.
"""

from __future__ import annotations

import asyncio
import random
import sys

import uvloop
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.frame import EVENTS_CHANNEL


def _drop(_channel: str, _payload: bytes) -> None:
    return None


async def receive(port: int) -> None:
    """Until the process is ended."""
    transport = RedisTransport(RedisAddress(host="127.0.0.1", port=port), rng=random.Random())
    await transport.start()
    await transport.subscribe(_drop, channels=[EVENTS_CHANNEL])
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(receive(int(sys.argv[1])))
