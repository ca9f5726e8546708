"""redis-py's `listen()` with hiredis and the validation that we have: `python redis_py_listen.py PORT COUNT`.

Says `ready` when it listens and its CPU seconds for `COUNT` messages at the end.
"""

from __future__ import annotations

import sys
import time

import msgspec
import redis.asyncio as redis
import uvloop


class Meta(msgspec.Struct):
    id: str = ""
    source: str = ""
    seq: int = 0


class ApiPressure(msgspec.Struct):
    node: str
    zone: str
    value: float
    meta: Meta | None = None


async def listen(port: int, count: int) -> None:
    decode = msgspec.json.Decoder(ApiPressure).decode
    total, handled = 0.0, 0

    async def handle(event: ApiPressure) -> None:
        nonlocal total, handled
        handled += 1
        total += event.value

    async with redis.Redis(port=port) as client, client.pubsub() as pubsub:
        await pubsub.subscribe("galileo/events")
        cpu = 0.0
        async for message in pubsub.listen():
            if message["type"] != "message":
                print("ready", flush=True)
                cpu = time.process_time()
                continue
            _time, name, value = message["data"].split(b" ", 2)
            if name == b"api_pressure":
                await handle(decode(value))
            if handled == count:
                break
    print(time.process_time() - cpu, flush=True)


uvloop.run(listen(int(sys.argv[1]), int(sys.argv[2])))
