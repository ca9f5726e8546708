"""Services for tests, run by a `Runtime` on an in-memory bus until they are told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from galileo_bus.bus import Bus
from galileo_bus.service.runtime import Runtime
from galileo_bus.service.service import Service
from galileo_bus.transport import Transport

from tests.bus.delivery.acting import bus_on, unix_now
from tests.bus.hearing import until


def runtime_on(transport: Transport, *, environ: Mapping[str, str] | None = None, seed: int = 1) -> Runtime:
    return Runtime(transport, environ=environ or {}, now=unix_now, seed=seed)


@asynccontextmanager
async def living(runtime: Runtime, *services: type[Service]) -> AsyncIterator[list[Service]]:
    """Runs services within the block and stops them at its end; raises what the runtime raises."""
    made = [runtime.add(service) for service in services]
    stop = asyncio.Event()
    running = asyncio.get_running_loop().create_task(runtime.run(stop), name="runtime")
    try:
        await until(lambda: runtime.started.is_set() or running.done())
        yield made
    finally:
        stop.set()
        await running


def person(transport: Transport) -> Bus:
    """Somebody else on the same bus."""
    return bus_on(transport, "person")
