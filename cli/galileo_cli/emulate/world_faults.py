"""How the world carries out faults: nodes that fail, round trips that take longer, cores that something else uses."""

from __future__ import annotations

from typing import Protocol

from galileo_emulation.fault_table import FaultRefusedError, FaultTable
from galileo_emulation.specification import SpecificationError
from galileo_schemas.events import Fault, FaultKind

from galileo_cli.emulate.fault_desk import Act
from galileo_cli.emulate.latency_file import LatencyFile

WORLD_FAULTS: tuple[FaultKind, ...] = ("kill_node", "add_latency", "burn_cpu")


class BreakableWorld(Protocol):
    """What is asked of the emulated world; unknown names raise `LookupError` or `SpecificationError`."""

    async def kill_node(self, name: str) -> None: ...
    async def restore_node(self, name: str) -> None: ...
    def burn_cpu(self, node: str, cores: float) -> None: ...
    def stop_burning(self, node: str) -> None: ...
    def add_latency(self, origin: str, destination: str, extra_ms: float) -> None: ...
    def remove_latency(self, origin: str, destination: str) -> None: ...


def world_acts(world: BreakableWorld, latencies: LatencyFile, table: FaultTable) -> dict[FaultKind, Act]:
    """What the world can break; `table` tells which faults are in force."""
    return {
        "kill_node": _KillNode(world),
        "add_latency": _AddLatency(world, latencies, table),
        "burn_cpu": _BurnCpu(world),
    }


class _KillNode:
    def __init__(self, world: BreakableWorld) -> None:
        self._world = world

    async def begin(self, fault: Fault) -> None:
        await self._world.kill_node(fault.node)

    async def end(self, fault: Fault) -> None:
        await self._world.restore_node(fault.node)


class _BurnCpu:
    def __init__(self, world: BreakableWorld) -> None:
        self._world = world

    async def begin(self, fault: Fault) -> None:
        try:
            self._world.burn_cpu(fault.node, fault.cores)
        except SpecificationError as error:
            raise FaultRefusedError(str(error)) from None

    async def end(self, fault: Fault) -> None:
        self._world.stop_burning(fault.node)


class _AddLatency:
    """What is measured follows: the file that latency observers read."""

    def __init__(self, world: BreakableWorld, latencies: LatencyFile, table: FaultTable) -> None:
        self._world = world
        self._latencies = latencies
        self._table = table

    async def begin(self, fault: Fault) -> None:
        try:
            self._world.add_latency(fault.origin, fault.destination, fault.latency_ms)
        except SpecificationError as error:
            raise FaultRefusedError(str(error)) from None
        self._latencies.write(self._table.in_force("add_latency"))

    async def end(self, fault: Fault) -> None:
        self._world.remove_latency(fault.origin, fault.destination)
        self._latencies.write(self._table.in_force("add_latency"))
