"""Tells the world which processes its gateways and clients are, so that its metrics show what they use.

service_status (process id), load_status (rates by zone) -> World
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Protocol

from galileo_bus.bus import Bus
from galileo_emulation.kubelets.external_use import CLIENTS, GATEWAYS
from galileo_experiments.scenario import LOAD_CLIENT, Scenario, gateway_name
from galileo_schemas.event import Event
from galileo_schemas.events import LoadStatus, ServiceStatus
from galileo_schemas.frame import RawFrame


class MeasuringWorld(Protocol):
    """What of the world is told."""

    def note_process(self, what: str, pid: int) -> None: ...

    def note_rates(self, what: str, by_zone: Mapping[str, float]) -> None: ...


class OwnProcesses:
    """Listens on a bus that has not started yet. Others may run gateways of their own on it: they are nobody's pod."""

    def __init__(self, bus: Bus, world: MeasuringWorld, scenario: Scenario) -> None:
        self._world = world
        self._gateways = {gateway_name(zone.name) for zone in scenario.zones}
        self._host = socket.gethostname()
        bus.listen(ServiceStatus, self._hear)
        bus.listen(LoadStatus, self._hear)

    async def _hear(self, event: Event, _frame: RawFrame) -> None:
        if isinstance(event, LoadStatus):
            self._world.note_rates(CLIENTS, event.rates)
        elif isinstance(event, ServiceStatus) and event.host == self._host:
            if event.service == "gateway" and event.instance in self._gateways:
                self._world.note_process(GATEWAYS, event.pid)
            elif event.service == LOAD_CLIENT:
                self._world.note_process(CLIENTS, event.pid)
