"""Counts the pressures that it hears, as `galileo run` runs it: next to nothing to do, so that the bus is measured."""

from __future__ import annotations

from dataclasses import dataclass

from galileo_bus.service import Service, Settings, on
from galileo_schemas.events import ApiPressure


@dataclass(frozen=True)
class NoSettings(Settings):
    """Nothing to set."""


class BenchReader(Service):
    """Counts the pressures that it hears."""

    name = "bench_reader"
    settings: NoSettings
    handled = 0
    total = 0.0

    @on(ApiPressure)
    async def count(self, event: ApiPressure) -> None:
        self.handled += 1
        self.total += event.value

    def figures(self) -> dict[str, float]:
        return {"handled": float(self.handled), "total": self.total}
