"""A function of one's own: an ASGI application that counts primes.

    galileo emulate examples/functions/primes.yaml

Each replica is a process of this file. What it prints is the log of its pod (`kubectl logs`), the CPU time and memory
that it uses are its container's. Any framework that makes an ASGI application (Starlette, FastAPI, …) works as well.
"""

import asyncio
import json
import os
from typing import Any

LIMIT = int(os.environ.get("LIMIT", "20000"))


def count_primes(below: int) -> int:
    """How many primes are smaller than `below` (the sieve of Eratosthenes)."""
    sieve = bytearray([1]) * below
    sieve[:2] = b"\0\0"
    for number in range(2, int(below**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, below, number)))
    return sum(sieve)


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers every request with the number of primes below `LIMIT`."""
    if scope["type"] != "http":
        return
    primes = await asyncio.to_thread(count_primes, LIMIT)
    answer = {"primes": primes, "pod": os.environ.get("POD_NAME"), "node": os.environ.get("NODE_NAME")}
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
