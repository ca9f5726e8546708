"""The world hears which processes its gateways and clients are."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest
from galileo_cli.emulate.own_processes import OwnProcesses
from galileo_emulation.kubelets.external_use import CLIENTS, GATEWAYS
from galileo_experiments.scenario_file import load_scenario
from galileo_schemas.events import LoadStatus, ServiceStatus

from tests.cli.asks import bus_on, memory_transport, until

pytestmark = pytest.mark.looptime
WORLD = Path(__file__).parents[1] / "end_to_end" / "kubectl" / "files" / "small-world.yaml"


class ListeningWorld:
    def __init__(self) -> None:
        self.told: list[object] = []

    def note_process(self, what: str, pid: int) -> None:
        self.told.append((what, pid))

    def note_rates(self, what: str, by_zone: Mapping[str, float]) -> None:
        self.told.append((what, dict(by_zone)))


def status(service: str, instance: str, pid: int, *, host: str = "") -> ServiceStatus:
    return ServiceStatus(service=service, instance=instance, host=host or socket.gethostname(), pid=pid, started=0.0)


async def test_its_own_gateways_and_clients_are_told_and_nobody_elses() -> None:
    transport, world = memory_transport(), ListeningWorld()
    bus, other = bus_on(transport, "world"), bus_on(transport, "others")
    OwnProcesses(bus, world, load_scenario(str(WORLD)))
    await bus.start()
    await other.start()
    try:
        await other.say(status("gateway", "gateway-zone-a", 10))
        await other.say(status("gateway", "mine", 11))
        await other.say(status("gateway", "gateway-zone-a", 12, host="elsewhere"))
        await other.say(status("pod_creator", "pod_creator", 13))
        await other.say(status("load_client", "load_client", 14))
        rates = {"zone-a": 5.0}
        await other.say(LoadStatus(experiment="", sent=0, succeeded=0, failed=0, in_flight=0, rates=rates))
        await until(lambda: len(world.told) >= 3)
    finally:
        await other.close(patience_s=0.1)
        await bus.close(patience_s=0.1)
    assert world.told == [(GATEWAYS, 10), (CLIENTS, 14), (CLIENTS, rates)]
