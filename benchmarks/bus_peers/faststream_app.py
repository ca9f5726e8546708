"""FastStream on Redis with a pydantic model: `python faststream_app.py PORT COUNT`.

Says `ready` when it listens and its CPU seconds for `COUNT` messages at the end.
"""

import asyncio
import logging
import sys
import time

import uvloop
from faststream import FastStream
from faststream.redis import RedisBroker
from pydantic import BaseModel

PORT, COUNT = int(sys.argv[1]), int(sys.argv[2])


class Meta(BaseModel):
    id: str = ""
    source: str = ""
    seq: int = 0


class ApiPressure(BaseModel):
    node: str
    zone: str
    value: float
    meta: Meta | None = None


broker = RedisBroker(f"redis://127.0.0.1:{PORT}", log_level=logging.CRITICAL, logger=None)
app = FastStream(broker, logger=None)
handled = 0
cpu = 0.0


@broker.subscriber("galileo/events")
async def handle(event: ApiPressure) -> None:
    global handled
    handled += 1
    if handled == COUNT:
        app.exit()


@app.after_startup
async def started() -> None:
    global cpu
    cpu = time.process_time()
    print("ready", flush=True)


uvloop.install()
asyncio.run(app.run(log_level=logging.CRITICAL))
print(time.process_time() - cpu, flush=True)
