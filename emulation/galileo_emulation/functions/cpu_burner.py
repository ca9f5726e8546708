"""Something else that uses a node's cores: jobs that never end, in competition with the requests."""

from __future__ import annotations

import asyncio
import math

from galileo_emulation.functions.node_cpu import NodeCpu

_BURNER = "something else"
_CHUNK_S = 3600.0


class CpuBurner:
    """The burner of one node; it takes its share of the cores like any other container."""

    def __init__(self, cpu: NodeCpu) -> None:
        self._cpu = cpu
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, cores: float) -> None:
        """Use up to `cores`, as many as the requests leave in a fair division."""
        self._cpu.set_limit(_BURNER, cores * 1000.0)
        self._tasks += [asyncio.create_task(self._burn(), name="cpu burner") for _ in range(math.ceil(cores))]

    async def end(self) -> None:
        """Stop."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _burn(self) -> None:
        while True:
            await self._cpu.run(_BURNER, _CHUNK_S)
