"""One run from beginning to end: start everything, follow it, stop it, account for it, report."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import random
import shutil
import time
from pathlib import Path

from galileo_backends.database.sqlite import SqliteDatabase
from galileo_bus.delivery.streams import DEAD_LETTERS, EVENT_RECORDS, journal_of
from galileo_bus.transport import TransportUnavailableError
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_experiments.scenario import Scenario
from galileo_experiments.scenario_writer import write_scenario
from galileo_experiments.terminal_summary import terminal_summary
from galileo_schemas.events import Resync
from galileo_schemas.raw.node_info import node_info_key
from galileo_schemas.raw.trace_line import TRACES_STREAM

from galileo_cli.connections import redis_transport
from galileo_cli.emulate.child_process import ChildFailedError
from galileo_cli.emulate.fault_player import play_faults
from galileo_cli.emulate.kept_world import world_file_notes
from galileo_cli.emulate.progress import Progress
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.run_report import NoReportError, report_on
from galileo_cli.emulate.settings_check import unread_names
from galileo_cli.emulate.supervisor import Supervisor
from galileo_cli.emulate.world_process import WorldSettings
from galileo_cli.emulate.world_spec import latency_graph
from galileo_cli.process import StoppedError, unless_stopped
from galileo_cli.view.listening import listening_bus
from galileo_cli.view.live_state import LiveState

DRAIN_S = 3.0
MOST_DEAD_LETTERS = 1001
"""One more than are kept."""


async def emulate(scenario: Scenario, folder: RunFolder, progress: Progress, stop: asyncio.Event) -> int:
    """Runs a scenario; returns 0 when it ran to its end or was stopped by a person, 1 when a process failed."""
    of_the_world = _world_notes(scenario)
    made = folder.create()
    folder.scenario.write_text(write_scenario(scenario))
    folder.latencies.write_text(json.dumps(latency_graph(scenario), indent=1))
    experiment = f"{time.strftime('%Y%m%d%H%M')}-{random.SystemRandom().getrandbits(16):04x}"
    supervisor = Supervisor(scenario, folder, experiment=experiment, said=progress.line, begun=progress.begin)
    loading = asyncio.get_running_loop().run_in_executor(None, importlib.import_module, "matplotlib.figure")
    failure: str | None = None
    stopped_early = False
    started = supervisor.record.began
    try:
        progress.line(f"galileo: {scenario.name}, seed {scenario.seed}, {scenario.duration_s:g} s, into {folder.path}")
        unused = (line for function in scenario.functions for line in function.unused)
        for line in (*scenario.network.missing, *unused, *unread_names(scenario), *of_the_world):
            progress.line(f"note: {line}")
        supervisor.record.write(folder)
        await _open_experiment(supervisor)
        await unless_stopped(stop, supervisor.start())
        failure = await _follow(supervisor, progress, stop, started)
    except StoppedError:
        stopped_early = True
    except (ChildFailedError, TimeoutError) as error:
        failure = str(error)
    finally:
        await supervisor.stop()
    supervisor.record.ended, supervisor.record.failure = time.time(), failure
    supervisor.record.write(folder)
    await progress.end()
    await _close_experiment(supervisor, failure)
    await loading
    if stopped_early:
        progress.line(_leave(folder, made=made))
        return 0
    if failure is not None:
        progress.line(f"galileo: the run ended early: {failure}")
    _report(supervisor, progress)
    return 0 if failure is None else 1


def _leave(folder: RunFolder, *, made: bool) -> str:
    """One line on a run without a request; the folder that was `made` goes when nobody was told of it yet."""
    if made and not folder.is_latest():
        shutil.rmtree(folder.path)
        return "galileo: stopped before the run was ready; nothing is kept of it"
    return f"galileo: stopped before the first request: there is nothing to report on; logs are in {folder.logs}"


def _world_notes(scenario: Scenario) -> list[str]:
    """Raises WorldFileError when the file that should keep the world cannot be used."""
    settings = WorldSettings.load({**os.environ, **scenario.environment})
    return world_file_notes(scenario, settings.world_file, single_address=settings.single_address)


async def _open_experiment(supervisor: Supervisor) -> None:
    """Notes in the experiment database that the experiment runs, and under which settings."""
    scenario = supervisor.scenario
    async with SqliteDatabase(supervisor.folder.database) as database:
        await database.create_experiment(
            supervisor.experiment,
            name=scenario.name,
            creator="galileo emulate",
            start=time.time(),
            metadata={"seed": scenario.seed, "duration_s": scenario.duration_s, "settings": scenario.environment},
        )


async def _close_experiment(supervisor: Supervisor, failure: str | None) -> None:
    async with SqliteDatabase(supervisor.folder.database) as database:
        status = "FINISHED" if failure is None else "FAILED"
        await database.finalize_experiment(supervisor.experiment, end=time.time(), status=status)


async def _keep_node_infos(supervisor: Supervisor, transport: RedisTransport, figures: LiveState) -> None:
    """What the nodes say of themselves, as the recorder of the original keeps it."""
    async with SqliteDatabase(supervisor.folder.database) as database:
        for node in figures.cluster.nodes():
            info = await transport.get_hash(node_info_key(node.name))
            await database.write_nodeinfo(supervisor.experiment, node.name, info)


async def _follow(supervisor: Supervisor, progress: Progress, stop: asyncio.Event, started: float) -> str | None:
    """From the first request to the last record; returns why it failed, None when it did not."""
    transport = redis_transport(supervisor.environ)
    await transport.start()
    figures = progress.state
    bus = listening_bus(transport, figures, source="emulate", now=time.time)
    breaking: asyncio.Task[None] | None = None
    try:
        await bus.start()
        await bus.say(Resync())
        progress.connected(bus)
        supervisor.folder.remember_as_latest()
        _tell_how_to_join(supervisor, progress)
        await unless_stopped(stop, supervisor.load_started())
        first = float(supervisor.processes()["load"].facts["start"])
        progress.line(f"first requests {first - started:.1f} s after the start")
        _tell_gateways(progress)
        progress.run.start = first
        faults = play_faults(bus, supervisor.scenario.faults, start=first, now=time.time)
        breaking = asyncio.create_task(faults, name="the scenario's faults")
        with contextlib.suppress(StoppedError):
            await unless_stopped(stop, supervisor.ended.wait())
        progress.run.stage = "stopping …"
        await supervisor.stop_load()
        await _drain(supervisor, transport)
        supervisor.record.dead_letters = await _dead_letters(transport)
        await _keep_node_infos(supervisor, transport, figures)
        return supervisor.failure
    finally:
        if breaking is not None:
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
        await bus.close(patience_s=0.5)
        await transport.close()


async def _drain(supervisor: Supervisor, transport: RedisTransport) -> None:
    """Waits until the recorders have taken what the clients and services handed to the bus."""
    groups = {
        TRACES_STREAM: "trace_recorder",
        EVENT_RECORDS: "event_recorder",
        journal_of("scale_schedule"): "event_recorder",
    }
    wanted = {stream: group for stream, group in groups.items() if group in supervisor.scenario.services}
    try:
        async with asyncio.timeout(DRAIN_S):
            for stream, group in wanted.items():
                while await transport.backlog(stream, group=group):  # noqa: ASYNC110  (another process's progress)
                    await asyncio.sleep(0.05)
    except (TimeoutError, TransportUnavailableError):
        return  # what is missing shows in the report: recorded is less than sent


async def _dead_letters(transport: RedisTransport) -> int | None:
    """How many messages lie there that nobody could take; None when the bus does not say."""
    try:
        return len(await transport.range(DEAD_LETTERS, count=MOST_DEAD_LETTERS))
    except TransportUnavailableError:
        return None


def _tell_how_to_join(supervisor: Supervisor, progress: Progress) -> None:
    environ, folder = supervisor.environ, supervisor.folder
    port = environ["galileo_redis_port"]
    progress.line(f"join in:   source {folder.env}")
    progress.line(f"  bus      redis-cli -p {port} psubscribe 'galileo/events*'     or: galileo events tail")
    progress.line(f"  cluster  export KUBECONFIG={environ['KUBECONFIG']}")
    if not supervisor.processes()["world"].facts.get("latency", True):
        progress.line("  network  latency is off: this machine has one loopback address only")


def _tell_gateways(progress: Progress) -> None:
    functions = sorted(progress.state.cluster.functions)
    for gateway in progress.state.cluster.gateways():
        name = functions[0] if functions else "FUNCTION"
        progress.line(f"  gateway  {gateway.zone}: http://{gateway.address}/function/{name}")


def _report(supervisor: Supervisor, progress: Progress) -> None:
    """Writes report.json and report.html from what was recorded, however far the run came."""
    folder = supervisor.folder
    try:
        report = report_on(folder.path)
    except NoReportError as error:
        progress.line(f"galileo: there is no report: {error}; logs are in {folder.logs}")
        return
    for line in terminal_summary(report):
        progress.line(line)
    progress.line(f"report:    {folder.path / 'report.html'} and {folder.path / 'report.json'}")


def folder_of(path: str | None, default: Path) -> RunFolder:
    """The folder asked for, or the default one."""
    return RunFolder(Path(path) if path else default)
