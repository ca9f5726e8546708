"""Publishes numbered pressures at a steady pace, as a service of ours would: `python -m benchmarks.bus_publisher`.

Its frames carry `meta` with a running number, so that the reader does all its work. One write each millisecond; what is
late is caught up. `--bare` publishes the JSON alone, for readers that know no frames; `--name` says other events.
"""

from __future__ import annotations

import argparse
import socket
import time

import hiredis
from galileo_bus.transport.redis_link import pack

CHANNEL = "galileo/events"
TICK_S = 0.001
VALUE = (
    '{"meta":{"id":"019ab0c5f0aa0123456789ab%06x","source":"pressure_calculator/0123abcd","seq":%d},'
    '"node":"gateway-zone-a","zone":"zone-a","value":0.4312345}'
)


def publish(port: int, *, count: int, rate: float, name: str, bare: bool) -> None:
    """Publish `count` messages, `rate` a second; return when the server has answered all."""
    reader = hiredis.Reader()
    with socket.create_connection(("127.0.0.1", port)) as server:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.setblocking(False)
        began = time.monotonic()
        sent = answered = 0
        while answered < count:
            due = min(count, int((time.monotonic() - began) * rate) + 1)
            if due > sent:
                batch = b"".join(_command(number, name, bare) for number in range(sent + 1, due + 1))
                server.setblocking(True)
                server.sendall(batch)
                server.setblocking(False)
                sent = due
            try:
                reader.feed(server.recv(1 << 20))
                while reader.gets() is not False:
                    answered += 1
            except BlockingIOError:
                time.sleep(TICK_S)


def _command(number: int, name: str, bare: bool) -> bytes:
    value = VALUE % (number & 0xFFFFFF, number)
    message = value if bare else f"{time.time():.6f} {name} {value}"
    return pack("PUBLISH", CHANNEL, message)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=50_000.0)
    parser.add_argument("--name", default="api_pressure")
    parser.add_argument("--bare", action="store_true")
    chosen = parser.parse_args()
    publish(chosen.port, count=chosen.count, rate=chosen.rate, name=chosen.name, bare=chosen.bare)
