"""One participant's process: a shipped `Runtime` with one service, on a shipped transport, until SIGTERM or SIGKILL.

It lives faster than in production, so that a run is short: heartbeats and claims come sooner. A mutation of the bus,
named in the spec, is applied here and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import random
import signal
import time
from collections.abc import Callable

from galileo_bus import bus as bus_module
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_transport import RedisTransport

from tests.mutations.mutations import apply
from tests.robustness.histories import History
from tests.robustness.participants import CLAIM_AFTER_S, SERVICES
from tests.robustness.worker_spec import WorkerSpec

LINK_HEARTBEAT_S = 0.25
SOURCE_HEARTBEAT_S = 0.3
TICK_S = 0.05
LATE_S = 0.15


def live(spec: WorkerSpec) -> None:
    """The process's main function; exits with 1 when the runtime ends by a fault of its own."""
    log_file = spec.folder / f"{spec.who.replace('/', '-')}.log"
    logging.basicConfig(filename=log_file, force=True, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    bus_module.HEARTBEAT_S = SOURCE_HEARTBEAT_S
    if spec.mutation:
        apply(spec.mutation)
    history = History(spec.folder, spec.who)
    try:
        with asyncio.Runner(loop_factory=_loop_factory(spec.uvloop)) as runner:
            runner.run(_live(spec, history))
    except BaseException as error:
        logging.critical("ended", exc_info=True)
        history.note("failed", error=f"{type(error).__name__}: {error}")
        raise SystemExit(1) from None
    history.note("stopped")


async def _live(spec: WorkerSpec, history: History) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    rng = random.Random(f"{spec.seed} {spec.who}")
    address = RedisAddress(host="127.0.0.1", port=spec.port)
    transport = RedisTransport(address, rng=rng, heartbeat_s=LINK_HEARTBEAT_S)
    runtime = Runtime(transport, environ={}, now=time.time, seed=rng.getrandbits(32), claim_after_s=CLAIM_AFTER_S)
    kind = SERVICES[spec.role]
    kind.spec, kind.history = spec, history
    runtime.add(kind)
    ticking = asyncio.get_running_loop().create_task(_tick(history, stop), name="ticks")
    try:
        await transport.start()
        await runtime.run(stop)
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await transport.close()


async def _tick(history: History, stop: asyncio.Event) -> None:
    """Notes when the machine was too busy to run this process, which is no fault of the bus: the checks allow for it.

    A worker does not outlive its run.
    """
    loop = asyncio.get_running_loop()
    run = multiprocessing.parent_process()
    while True:
        due = loop.time() + TICK_S
        await asyncio.sleep(TICK_S)
        if (late_s := loop.time() - due) > LATE_S:
            history.note("stood_still", for_s=late_s)
        if run is not None and not run.is_alive():
            stop.set()


def _loop_factory(uvloop_wanted: bool) -> Callable[[], asyncio.AbstractEventLoop]:
    if not uvloop_wanted:
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop
