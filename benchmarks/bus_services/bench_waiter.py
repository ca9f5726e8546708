"""Measures the time from a frame's time to its handler, as `galileo run` runs it."""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass

from galileo_bus.service import Service, Settings, on
from galileo_schemas.events import ApiPressure
from galileo_schemas.frame import RawFrame


@dataclass(frozen=True)
class NoSettings(Settings):
    """Nothing to set."""


class BenchWaiter(Service):
    """Measures the time from a frame's time to its handler."""

    name = "bench_waiter"
    settings: NoSettings

    async def started(self) -> None:
        self.latencies_s = array("d")

    @on(ApiPressure)
    async def measure(self, _event: ApiPressure, frame: RawFrame) -> None:
        self.latencies_s.append(time.time() - frame.ts)

    def figures(self) -> dict[str, float]:
        ordered = sorted(self.latencies_s)
        if not ordered:
            return {"handled": 0.0}
        p50, p99 = (1000.0 * ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99))
        return {"handled": float(len(ordered)), "p50_ms": p50, "p99_ms": p99}
