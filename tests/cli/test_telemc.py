"""telemc, telemd's own client, gets along with our agent on a real host and with emulated nodes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from galileo_cli.emulate.run_folder import RunFolder

from tests.cli.telemc_client import Telemc, install
from tests.servers import RedisServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the agent reads Linux's files")

REAL = "real-host"
EMULATED = ["box-1", "client-here", "gateway-here"]
SCENARIO = """
name: small
duration_s: 60
zones: {here: {nodes: [{name: box-1, cores: 2, memory: 1Gi}]}}
functions: {f: {image: example/f, cpu_ms: 1, initial_replicas: {here: 1}}}
clients: [{function: f, phases: [{at_s: 0, zone: here, rps: 1}]}]
"""


class Running:
    """A process of ours that has said that it is ready; at the end of the block it is stopped, if it runs still."""

    def __init__(self, log: Path, module: str, *arguments: str, environ: dict[str, str]) -> None:
        command = [sys.executable, "-m", module, *arguments]
        with log.open("wb") as told:
            self.process = subprocess.Popen(command, env=environ, cwd=log.parent, stdout=subprocess.PIPE, stderr=told)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.stop()
        assert line.startswith(b'{"ready": true'), log.read_text()

    def stop(self) -> int:
        """SIGTERM, and its exit status."""
        self.process.send_signal(signal.SIGTERM)
        with self.process:
            return self.process.wait(10)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def telemc(request: pytest.FixtureRequest, server: RedisServer) -> Iterator[Telemc]:
    with Telemc(install(request.config.cache.mkdir("telemc")), server.port) as prompt:
        yield prompt


@pytest.fixture(scope="module")
def environ(server: RedisServer) -> dict[str, str]:
    """As a node that was set up for telemd has it."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("galileo_")}
    return {**others, "telemd_redis_host": "127.0.0.1", "telemd_redis_port": str(server.port), "telemd_nodename": REAL}


@pytest.fixture(scope="module")
def nodes(
    telemc: Telemc, server: RedisServer, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Our agent on this host, and the process of an emulated world, both on one server."""
    folder = RunFolder(tmp_path_factory.mktemp("run"))
    folder.create()
    folder.scenario.write_text(SCENARIO)
    world_environ = {**environ, "galileo_redis_host": "127.0.0.1", "galileo_redis_port": str(server.port)}
    world_process = ("galileo_cli.emulate.world_process", str(folder.path))
    with (
        Running(folder.logs / "world", *world_process, environ=world_environ) as world,
        Running(folder.logs / "agent", "galileo_cli", "run", "telemetry_agent", environ=environ) as agent,
    ):
        yield
        assert (agent.stop(), world.stop()) == (0, 0)


def soon(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < deadline, "did not come true within 10 s"


def hears(telemc: Telemc, nodes: set[str]) -> None:
    """Just these nodes are heard of within a good second; what was on its way may come a moment late."""
    soon(lambda: {row[2] for row in telemc.follows(1.2)} == nodes)


@pytest.mark.usefixtures("nodes")
def test_it_lists_real_and_emulated_nodes(telemc: Telemc) -> None:
    assert sorted(telemc.types("print(*controller.get_nodes(), sep='\\n')")) == sorted([REAL, *EMULATED])


@pytest.mark.usefixtures("nodes")
def test_it_shows_what_nodes_say_of_themselves(telemc: Telemc) -> None:
    (line,) = telemc.types("import json; print(json.dumps({n.node: n.data for n in controller.get_node_infos()}))")
    infos = json.loads(line)
    assert sorted(infos) == sorted([REAL, *EMULATED])
    for info in infos.values():
        assert set(info) >= {"arch", "boot", "hostname", "ram", "cpus", "disk", "net", "netspeed"}
    assert infos["box-1"] | {"boot": ""} == {
        "arch": "amd64",
        "boot": "",
        "hostname": "box-1",
        "ram": str(1024 * 1024),
        "cpus": "2",
        "disk": "sda",
        "net": "eth0",
        "netspeed": "1000",
    }
    assert int(infos[REAL]["cpus"]) >= 1
    assert int(infos[REAL]["ram"]) > 100_000


@pytest.mark.usefixtures("nodes")
@pytest.mark.parametrize("node", [REAL, "box-1"])
def test_a_node_writes_its_info_anew_when_it_is_asked_to(telemc: Telemc, node: str) -> None:
    key = f"telemd.info:{node}"
    telemc.types(f"rds.delete({key!r}); controller.info({node!r})")
    soon(lambda: telemc.types(f"print(rds.hget({key!r}, 'hostname'))") != ["None"])
    telemc.types(f"rds.delete({key!r}); controller.info_all()")
    soon(lambda: telemc.types(f"print(rds.hget({key!r}, 'hostname'))") != ["None"])


@pytest.mark.usefixtures("nodes")
def test_it_follows_the_telemetry_of_all(telemc: Telemc) -> None:
    rows = telemc.follows(2.3)
    metrics = {node: {row[3] for row in rows if row[2] == node} for node in (REAL, "box-1")}
    assert metrics[REAL] >= {"cpu", "ram", "procs", "rx", "tx"}
    assert metrics["box-1"] >= {"cpu", "ram", "procs", "load1", "load5"}
    now = time.time()
    for ts, value, _node, _metric, _subsystem in rows:
        assert now - 10.0 < float(ts) < now + 1.0
        assert float(value) >= 0.0
        assert len(ts.partition(".")[2]) == 9
    assert {row[4] for row in rows if row[3] == "cpu"} == {""}
    assert all(row[4] for row in rows if row[3] in ("rx", "tx"))


@pytest.mark.usefixtures("nodes")
def test_it_pauses_one_node_and_lets_it_go_on(telemc: Telemc) -> None:
    telemc.types(f"controller.pause({REAL!r})")
    hears(telemc, {*EMULATED})
    telemc.types(f"controller.unpause({REAL!r}); controller.pause('box-1')")
    hears(telemc, {REAL, *EMULATED} - {"box-1"})
    telemc.types("controller.unpause('box-1')")
    hears(telemc, {REAL, *EMULATED})


@pytest.mark.usefixtures("nodes")
def test_it_pauses_all_nodes_and_lets_them_go_on(telemc: Telemc) -> None:
    telemc.types("controller.pause_all()")
    hears(telemc, set())
    assert len(telemc.types("print(*controller.get_nodes(), sep='\\n')")) == 4  # they are there and listen
    telemc.types("controller.unpause_all()")
    hears(telemc, {REAL, *EMULATED})


@pytest.mark.usefixtures("nodes")
def test_its_recorder_writes_our_telemetry_into_a_file(telemc: Telemc, tmp_path: Path) -> None:
    path = tmp_path / "telemetry.csv"
    telemc.types(
        f"""
import time
from telemc.recorder import TelemetryFileRecorder
recorder = TelemetryFileRecorder(rds, {str(path)!r})
recorder.start()
time.sleep(1.5)
recorder.stop(timeout=5)
"""
    )
    rows = [line.split(",") for line in path.read_text().splitlines()]
    assert {row[2] for row in rows} == {REAL, *EMULATED}
    assert {len(row) for row in rows} == {5}


def test_an_agent_that_was_stopped_is_no_longer_listed(telemc: Telemc, environ: dict[str, str], tmp_path: Path) -> None:
    listed = "print('leaving' in controller.get_nodes(), rds.exists('telemd.info:leaving'))"
    environ = {**environ, "telemd_nodename": "leaving"}
    with Running(tmp_path / "log", "galileo_cli", "run", "telemetry_agent", environ=environ) as agent:
        assert telemc.types(listed) == ["True 1"]
        assert agent.stop() == 0
    soon(lambda: telemc.types(listed) == ["False 0"])
