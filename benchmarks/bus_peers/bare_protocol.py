"""What the protocol alone costs: an asyncio protocol that parses messages with hiredis and drops them: `… PORT COUNT`.

Says `ready` when it listens and its CPU seconds for `COUNT` messages at the end.
"""

from __future__ import annotations

import asyncio
import sys
import time

import hiredis
import uvloop

PORT, COUNT = int(sys.argv[1]), int(sys.argv[2])


class Bare(asyncio.Protocol):
    def __init__(self, done: asyncio.Event) -> None:
        self._gets = hiredis.Reader()
        self._done = done
        self._count = -1  # the confirmation of the subscription

    def data_received(self, data: bytes) -> None:
        reader, count = self._gets, self._count
        reader.feed(data)
        gets = reader.gets
        while (reply := gets()) is not False:
            if reply[0] == b"message":
                self.channel, self.payload = reply[1], reply[2]
            count += 1
        self._count = count
        if count >= COUNT:
            self._done.set()


async def listen() -> None:
    done = asyncio.Event()
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: Bare(done), "127.0.0.1", PORT)
    transport.write(b"SUBSCRIBE galileo/events\r\n")
    await asyncio.sleep(0.2)
    print("ready", flush=True)
    cpu = time.process_time()
    await done.wait()
    print(time.process_time() - cpu, flush=True)


uvloop.run(listen())
