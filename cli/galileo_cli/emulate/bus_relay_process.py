"""The way to the bus, service by service: a relay for each, so that one can be cut off and its neighbours not.

    a service -> its relay -> Valkey

Services reach the bus at the port that `<service>_redis_url` names, and cannot tell it from the server's own. This
process itself speaks to the server directly, so that what is cut can be mended. See docs/adr/0009.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from galileo_bus.bus import Bus
from galileo_emulation.fault_table import FaultRefusedError, FaultTable
from galileo_emulation.network.cuttable_relay import CuttableRelay
from galileo_experiments.scenario_file import load_scenario
from galileo_schemas.events import Fault

from galileo_cli.connections import BusSettings, redis_transport
from galileo_cli.emulate.fault_desk import FaultDesk
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.servers import HOST
from galileo_cli.process import run_async, unless_stopped, until_told_to_stop


class CutBus:
    """How `cut_bus` is carried out."""

    def __init__(self, relays: Mapping[str, CuttableRelay]) -> None:
        self._relays = relays

    async def begin(self, fault: Fault) -> None:
        relay = self._relays.get(fault.service)
        if relay is None:
            known = ", ".join(sorted(self._relays))
            raise FaultRefusedError(f"there is no service {fault.service!r} to be cut from the bus; there are {known}")
        if fault.half_open:
            relay.freeze()
        else:
            relay.cut()

    async def end(self, fault: Fault) -> None:
        self._relays[fault.service].restore()


async def run_bus_relays(folder: RunFolder, environ: Mapping[str, str], stop: asyncio.Event) -> None:
    """Runs until `stop`."""
    names = load_scenario(folder.scenario).bus_participants
    port = BusSettings.load(environ).port
    relays = {name: CuttableRelay(name, host=HOST, target_port=port) for name in names}
    transport = redis_transport(environ)
    await transport.start()
    bus = Bus(transport, source="bus_relay", now=time.time, rng=random.Random(), adopt="none")
    desk = FaultDesk(bus, FaultTable(("cut_bus",)), {"cut_bus": CutBus(relays)})
    await bus.start()
    try:
        ports = {name: await relay.start() for name, relay in relays.items()}
        print(json.dumps({"ready": True, "ports": ports}), flush=True)
        await unless_stopped(stop, desk.run())
    finally:
        for relay in relays.values():
            await relay.close()
        await bus.close(patience_s=0.5)
        await transport.close()


def main() -> int:
    folder = RunFolder(Path(sys.argv[1]))
    environ = dict(os.environ)
    return run_async(until_told_to_stop(lambda stop: run_bus_relays(folder, environ, stop), environ))


if __name__ == "__main__":
    sys.exit(main())
