"""Starts the emulation's processes in order, watches over them, stops them in order.

A decider, a recorder or the gateways that die are started again, as a cluster would; the death of a server, the world
or the clients ends the run, since nothing could be learned from what is left.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from galileo_experiments.recorded_run import Restart
from galileo_experiments.scenario import Scenario

from galileo_cli.emulate.child_process import ChildFailedError, ChildProcess
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.run_record import RunRecord
from galileo_cli.emulate.servers import HOST, etcd_command, free_ports, until_listening, valkey_command
from galileo_cli.environment import write_environment
from galileo_cli.joined_run import RUN_VARIABLE

RECORDERS = ("telemetry_ingester", "trace_recorder", "event_recorder")
RESTART_PAUSE_S = 0.5
STOP_PATIENCE_S = 3.0

log = logging.getLogger("galileo.emulate")


class Supervisor:
    """All processes of one run. `said` is told in a line what happens.

    `begun` is called when the first processes have been started and there is time for other work while they get ready.
    """

    def __init__(
        self,
        scenario: Scenario,
        folder: RunFolder,
        *,
        experiment: str,
        said: Callable[[str], None],
        begun: Callable[[], None],
    ) -> None:
        self.scenario = scenario
        self.folder = folder
        self.experiment = experiment
        self.record = RunRecord(experiment=experiment, began=time.time())
        self.ended = asyncio.Event()
        """Set when the clients have finished, or when the run cannot go on; then `failure` says why."""
        self.failure: str | None = None
        self._said = said
        self._begun = begun
        self._children: dict[str, ChildProcess] = {}
        self._restarting: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._python = [sys.executable, "-m"]
        self.environ: dict[str, str] = {}
        self._joining: dict[str, str] = {}

    # ------------------------------------------------------------ starting

    async def start(self) -> None:
        """Starts everything up to the clients, who begin when functions can be reached. Raises `ChildFailedError`."""
        await self._start_servers()
        world = self._new_child("world", self._own_command("galileo_cli.emulate.world_process"), restart=False)
        await world.start()
        self._begun()
        await asyncio.gather(world.ready(), self._start_bus_relays())
        services = [name for name in self.scenario.services if name not in RECORDERS]
        recorders = [name for name in RECORDERS if name in self.scenario.services]
        starting = [self._start_own("edge", "galileo_cli.emulate.edge_process", restart=True)]
        if services:
            starting.append(self._start_services("control", services))
        if recorders:
            starting.append(self._start_services("recorders", recorders))
        load = self._new_child("load", self._own_command("galileo_cli.emulate.load_process"), restart=False)
        await asyncio.gather(*starting, load.start())

    async def load_started(self) -> float:
        """Waits until functions can be reached; returns the moment of the first request, unix seconds."""
        return float((await self._children["load"].ready())["start"])

    async def _start_servers(self) -> None:
        valkey_port, etcd_port, peer_port = free_ports(3)
        self._joining = self._variables(valkey_port, etcd_port)
        self.environ = {**os.environ, **self._joining}
        data = self.folder.servers
        (data / "valkey").mkdir(parents=True)
        commands = {
            "valkey": valkey_command(valkey_port, data / "valkey"),
            "etcd": etcd_command(etcd_port, peer_port, data / "etcd"),
        }
        for name, command in commands.items():
            await self._new_child(name, command, restart=False).start()
        await asyncio.gather(until_listening(valkey_port, what="Valkey"), until_listening(etcd_port, what="etcd"))

    async def _start_bus_relays(self) -> None:
        """From here on, services get to the bus by ways that can be cut one by one."""
        await self._start_own("bus-relay", "galileo_cli.emulate.bus_relay_process", restart=False)
        ports: dict[str, int] = self._children["bus-relay"].facts["ports"]
        own_ways = {f"{name.replace('-', '_')}_redis_url": f"redis://{HOST}:{port}" for name, port in ports.items()}
        self.environ |= own_ways
        write_environment(self.folder.env, self._joining | own_ways, programs=Path(sys.executable).parent)

    def _variables(self, valkey_port: int, etcd_port: int) -> dict[str, str]:
        """What anyone needs to join in, and the scenario's settings; later ones win."""
        folder = self.folder
        return {
            RUN_VARIABLE: str(folder.path.resolve()),
            "galileo_redis_host": HOST,
            "galileo_redis_port": str(valkey_port),
            "osmotic_lb_opt_etcd_host": HOST,
            "osmotic_lb_opt_etcd_port": str(etcd_port),
            "KUBECONFIG": str(folder.kubeconfig.resolve()),
            "galileo_context_latency_graph_json": str(folder.latencies.resolve()),
            "galileo_expdb_driver": "sqlite",
            "galileo_expdb_sqlite_path": str(folder.database.resolve()),
            "galileo_experiment_id": self.experiment,
            "event_recorder_log": str(folder.event_log.resolve()),
            "scheduler_binder_names": "custom-scheduler default-scheduler",
            **self.scenario.environment,
        }

    async def _start_own(self, name: str, module: str, *, restart: bool) -> None:
        await self._until_ready(self._new_child(name, self._own_command(module), restart=restart))

    def _own_command(self, module: str) -> list[str]:
        return [*self._python, module, str(self.folder.path)]

    async def _start_services(self, name: str, services: list[str]) -> None:
        command = [*self._python, "galileo_cli", "run", *services]
        await self._until_ready(self._new_child(name, command, restart=True))

    def _new_child(self, name: str, command: list[str], *, restart: bool) -> ChildProcess:
        ended = self._start_again if restart else self._end_run
        child = ChildProcess(name, command, environ=self.environ, log_folder=self.folder.logs, ended=ended)
        self._children[name] = child
        return child

    async def _until_ready(self, child: ChildProcess) -> None:
        await child.start()
        await child.ready()

    # ------------------------------------------------------------ watching over

    def processes(self) -> Mapping[str, ChildProcess]:
        """By name."""
        return self._children

    def _end_run(self, child: ChildProcess, status: int) -> None:
        if not (child.name == "load" and status == 0):
            self._fail(f"{child.name} ended with status {status} (log: {child.log_file})")
        self.ended.set()

    def _fail(self, reason: str) -> None:
        self.failure = self.failure or reason
        self.ended.set()

    def _start_again(self, child: ChildProcess, status: int) -> None:
        if self._stopping or not child.facts:
            return  # one that was never ready is a failure, which `ready` tells whoever awaits it
        reason = f"status {status}"
        self.record.note_restart(Restart(at=time.time(), process=child.name, reason=reason))
        self.record.write(self.folder)
        self._said(f"{child.name} ended with {reason} and is started again (log: {child.log_file})")
        task = asyncio.get_running_loop().create_task(self._restart(child), name=f"restart {child.name}")
        self._restarting.add(task)
        task.add_done_callback(self._restarting.discard)

    async def _restart(self, child: ChildProcess) -> None:
        await asyncio.sleep(RESTART_PAUSE_S)
        try:
            await self._until_ready(child)
        except ChildFailedError as error:
            self._fail(str(error))

    # ------------------------------------------------------------ stopping

    async def stop_load(self) -> None:
        """Lets the clients finish what is in flight."""
        if "load" in self._children:
            await self._children["load"].stop(patience_s=STOP_PATIENCE_S)

    async def stop(self) -> None:
        """Stops everything else: deciders and gateways, then recorders and the world, then the servers."""
        self._stopping = True
        for task in self._restarting:
            task.cancel()
        await asyncio.gather(*self._restarting, return_exceptions=True)
        for names in (("load",), ("control", "edge"), ("recorders", "world"), ("bus-relay",), ("valkey", "etcd")):
            present = [self._children[name] for name in names if name in self._children]
            await asyncio.gather(*(child.stop(patience_s=STOP_PATIENCE_S) for child in present))
        shutil.rmtree(self.folder.servers, ignore_errors=True)  # tens of megabytes that nobody reads any more


def default_folder(scenario: Scenario, now: float) -> Path:
    """`runs/<day>-<time>-<scenario>-<seed>`."""
    return Path("runs") / f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{scenario.name}-{scenario.seed}"
