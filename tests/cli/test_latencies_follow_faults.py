"""What the file of latencies says while latency is added somewhere, as a reader sees it who keeps what it once read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from galileo_cli.emulate.latency_file import LatencyFile, measured_graph, touched_pairs
from galileo_cli.emulate.world_faults import world_acts
from galileo_context.latencies import Latencies
from galileo_emulation.fault_table import FaultRefusedError, FaultTable
from galileo_emulation.specification import SpecificationError
from galileo_schemas.events import Fault

ZONES = {"edge-1": "zone-a", "edge-2": "zone-a", "cloudlet-1": "zone-b", "cloudlet-2": "zone-b", "cloud-1": "zone-c"}
BASE = {
    "zone-a": {"zone-a": 2.0, "zone-b": 80.0},
    "zone-b": {"zone-b": 2.0, "zone-c": 60.0},
    "edge-2": {"zone-b": 90.0},
}


def slower(origin: str, destination: str, ms: float) -> Fault:
    return Fault(kind="add_latency", origin=origin, destination=destination, latency_ms=ms)


class Reader:
    """As deciders learn latencies: each value that is told replaces the one before, and nothing is forgotten."""

    def __init__(self) -> None:
        self.latencies = Latencies(zone_of=ZONES.get)
        self._touched: set[tuple[str, str]] = set()

    def read(self, *faults: Fault) -> None:
        self._touched |= touched_pairs(faults, ZONES)
        for origin, row in measured_graph(BASE, ZONES, faults, self._touched).items():
            for destination, ms in row.items():
                self.latencies.update(origin, destination, ms)

    def ms(self, origin: str, destination: str) -> float | None:
        return self.latencies.between(origin, destination)


def test_latency_between_zones_holds_for_all_their_nodes_in_both_directions() -> None:
    reader = Reader()
    reader.read(slower("zone-b", "zone-a", 50.0))
    assert reader.ms("edge-1", "cloudlet-1") == reader.ms("cloudlet-2", "edge-1") == 130.0
    assert reader.ms("edge-2", "cloudlet-1") == 140.0
    assert reader.ms("edge-1", "edge-2") == 2.0
    assert reader.ms("cloudlet-1", "cloud-1") == 60.0


def test_latency_between_a_node_and_a_zone_holds_for_that_node_alone() -> None:
    reader = Reader()
    reader.read(slower("edge-1", "zone-b", 50.0))
    assert reader.ms("edge-1", "cloudlet-2") == 130.0
    assert reader.ms("edge-2", "cloudlet-2") == 90.0
    assert reader.ms("zone-a", "zone-b") == 80.0


def test_latency_within_a_zone() -> None:
    reader = Reader()
    reader.read(slower("zone-a", "zone-a", 10.0))
    assert reader.ms("edge-1", "edge-2") == 12.0
    assert reader.ms("edge-1", "edge-1") == 0.0
    assert reader.ms("cloudlet-1", "cloudlet-2") == 2.0


def test_overlapping_faults_add_up() -> None:
    reader = Reader()
    reader.read(slower("zone-a", "zone-b", 50.0), slower("edge-1", "cloudlet-1", 7.0))
    assert reader.ms("edge-1", "cloudlet-1") == 137.0
    assert reader.ms("edge-1", "cloudlet-2") == 130.0


@pytest.mark.parametrize(
    "fault",
    [slower("zone-a", "zone-b", 50.0), slower("edge-1", "zone-b", 50.0), slower("edge-1", "edge-2", 9.0)],
    ids=lambda fault: f"{fault.origin}-{fault.destination}",
)
def test_a_reader_who_forgets_nothing_comes_back_to_the_old_values(fault: Fault) -> None:
    before, reader = Reader(), Reader()
    before.read()
    reader.read(fault)
    reader.read()
    pairs = [(a, b) for a in ZONES for b in ZONES]
    assert {pair: reader.ms(*pair) for pair in pairs} == {pair: before.ms(*pair) for pair in pairs}


def test_where_nothing_was_known_what_is_added_counts() -> None:
    reader = Reader()
    reader.read(slower("zone-a", "zone-c", 30.0))
    assert reader.ms("edge-1", "cloud-1") == 30.0


class FakeWorld:
    """Does at once what the emulated world does, or raises as it does."""

    def __init__(self) -> None:
        self.added: dict[tuple[str, str], float] = {}
        self.killed: list[str] = []
        self.burning: dict[str, float] = {}

    async def kill_node(self, name: str) -> None:
        self.killed.append(name)

    async def restore_node(self, name: str) -> None:
        self.killed.remove(name)

    def burn_cpu(self, node: str, cores: float) -> None:
        self.burning[node] = cores

    def stop_burning(self, node: str) -> None:
        del self.burning[node]

    def add_latency(self, origin: str, destination: str, extra_ms: float) -> None:
        if origin == "nowhere":
            raise SpecificationError("'nowhere' is neither a node nor a zone")
        self.added[origin, destination] = extra_ms

    def remove_latency(self, origin: str, destination: str) -> None:
        del self.added[origin, destination]


class Acts:
    """The acts on a fake world, with the table that the desk would keep."""

    def __init__(self, folder: Path) -> None:
        self.world = FakeWorld()
        self.path = folder / "latencies.json"
        self.table = FaultTable(("kill_node", "add_latency", "burn_cpu"))
        self.acts = world_acts(self.world, LatencyFile(self.path, BASE, ZONES), self.table)

    async def begin(self, fault: Fault) -> None:
        self.table.begin(fault, now=0.0)
        await self.acts[fault.kind].begin(fault)

    async def end(self, fault: Fault) -> None:
        self.table.end(fault)
        await self.acts[fault.kind].end(fault)

    def files(self) -> list[str]:
        return [path.name for path in self.path.parent.iterdir()]

    def written(self) -> dict[str, dict[str, float]]:
        graph = json.loads(self.path.read_text())
        assert isinstance(graph, dict)
        return graph


async def test_the_file_follows_the_beginning_and_the_end_of_added_latency(tmp_path: Path) -> None:
    acts = Acts(tmp_path)
    fault = slower("zone-a", "zone-b", 50.0)
    await acts.begin(fault)
    assert acts.world.added == {("zone-a", "zone-b"): 50.0}
    assert acts.written()["zone-a"]["zone-b"] == 130.0
    await acts.end(fault)
    assert acts.world.added == {}
    assert acts.written()["zone-a"]["zone-b"] == 80.0
    assert acts.files() == ["latencies.json"]


async def test_the_file_keeps_what_readers_would_keep(tmp_path: Path) -> None:
    acts = Acts(tmp_path)
    fault = slower("edge-1", "zone-b", 50.0)
    await acts.begin(fault)
    assert acts.written()["edge-1"] == {"cloudlet-1": 130.0, "cloudlet-2": 130.0}
    await acts.end(fault)
    assert acts.written()["edge-1"] == {"cloudlet-1": 80.0, "cloudlet-2": 80.0}


async def test_what_the_world_refuses_changes_no_file(tmp_path: Path) -> None:
    acts = Acts(tmp_path)
    with pytest.raises(FaultRefusedError, match="neither a node nor a zone"):
        await acts.begin(slower("nowhere", "zone-b", 50.0))
    assert not acts.path.exists()


async def test_nodes_are_killed_and_their_cores_burnt(tmp_path: Path) -> None:
    acts = Acts(tmp_path)
    killed = Fault(kind="kill_node", node="edge-1")
    burnt = Fault(kind="burn_cpu", node="edge-2", cores=1.5)
    await acts.begin(killed)
    await acts.begin(burnt)
    assert (acts.world.killed, acts.world.burning) == (["edge-1"], {"edge-2": 1.5})
    await acts.end(killed)
    await acts.end(burnt)
    assert (acts.world.killed, acts.world.burning) == ([], {})
