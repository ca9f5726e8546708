"""The clients' process: people in zones who call functions, each request on its schedule, each answer a trace.

It begins when every function can be reached from the zones where people start, and says what it has done each second.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from galileo_backends.http import HttpClient, HttpError
from galileo_bus.bus import Bus
from galileo_bus.delivery.record_sender import RecordSender
from galileo_experiments.scenario import ClientGroup as Group
from galileo_experiments.scenario import Phase, Scenario
from galileo_experiments.scenario_file import load_scenario
from galileo_schemas.events import LoadMoved, LoadStatus
from galileo_schemas.labels import CLIENT_FUNCTION, FUNCTION
from galileo_schemas.raw.trace_line import TRACES_CHANNEL, TRACES_STREAM, Trace, format_trace
from galileo_services.load_client.client_group import ClientGroup, ClientGroupSettings
from galileo_services.load_client.pacing import due_offsets_s, steps
from galileo_services.load_client.steady_clock import steady_unix_clock

from galileo_cli.connections import redis_transport
from galileo_cli.emulate.own_pods import OwnPod, await_pods
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.process import run_async, unless_stopped, until_told_to_stop

REQUEST_TIMEOUT_S = 10.0
STOP_GRACE_S = 1.0
"""How long requests in flight may take at the end before they count as failed."""


class Load:
    """All client groups of a scenario and what they have done."""

    def __init__(self, scenario: Scenario, experiment: str, bus: Bus, traces: RecordSender) -> None:
        self._scenario = scenario
        self._experiment = experiment
        self._bus = bus
        self._traces = traces
        self._now = steady_unix_clock(steady=time.monotonic, unix=time.time)
        self._groups: list[tuple[ClientGroup, list[float]]] = []
        self.start = 0.0

    def prepare(
        self, workers: Mapping[str, OwnPod], gateways: Mapping[str, OwnPod], clients: Mapping[str, HttpClient]
    ) -> None:
        """Makes a client group for each function and zone that its people visit."""
        rng = random.Random(f"{self._scenario.seed}/load")
        number = 0
        for group in self._scenario.clients:
            arrivals = random.Random(rng.getrandbits(64))
            for zone in sorted({phase.zone for phase in group.phases}):
                offsets = _offsets(group, zone, random.Random(arrivals.getrandbits(64)), self._scenario.duration_s)
                settings = ClientGroupSettings(
                    worker=workers[zone].name,
                    service=group.function,
                    number=number,
                    host=gateways[zone].ip,
                    port=gateways[zone].port,
                    timeout_s=REQUEST_TIMEOUT_S,
                    exp_id=self._experiment,
                )
                number += 1
                made = ClientGroup(
                    settings,
                    client=clients[zone],
                    record=self._record,
                    rng=random.Random(rng.getrandbits(64)),
                    now=self._now,
                )
                self._groups.append((made, offsets))

    def _record(self, trace: Trace) -> None:
        self._traces.add(TRACES_CHANNEL, format_trace(trace).encode())

    async def run(self, stop: asyncio.Event) -> None:
        """Sends everything, or what is due before `stop`."""
        self.start = self._now() + 0.2
        print(json.dumps({"ready": True, "start": self.start}), flush=True)
        async with asyncio.TaskGroup() as tasks:
            helpers = [
                tasks.create_task(self._say_status(), name="load status"),
                tasks.create_task(self._say_moves(), name="load moves"),
                tasks.create_task(self._stop_at(stop), name="load stop"),
            ]
            senders = [
                tasks.create_task(group.run(offsets, start=self.start), name=group.settings.client_id)
                for group, offsets in self._groups
            ]
            await asyncio.wait(senders)
            for helper in helpers:
                helper.cancel()

    async def _stop_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        await asyncio.gather(*(group.stop(STOP_GRACE_S) for group, _ in self._groups))

    async def _say_status(self) -> None:
        while True:
            await self._bus.say(self.status())
            await asyncio.sleep(1.0)

    async def _say_moves(self) -> None:
        for move in self._scenario.moves:
            await asyncio.sleep(max(0.0, self.start + move.at_s - self._now()))
            rates = [
                phase.rps
                for group in self._scenario.clients
                if group.function == move.function
                for phase in group.phases
                if phase.zone == move.to_zone and phase.start_s == move.at_s
            ]
            await self._bus.say(
                LoadMoved(fn=move.function, origin_zone=move.from_zone, dest_zone=move.to_zone, rps=sum(rates))
            )

    def status(self) -> LoadStatus:
        """The counts of all groups together."""
        counts = [group.counts for group, _ in self._groups]
        sent = sum(count.sent for count in counts)
        succeeded = sum(count.succeeded for count in counts)
        failed = sum(count.failed for count in counts)
        at = self._now() - self.start
        rates: dict[str, float] = {}
        for group in self._scenario.clients:
            for phase in group.phases:
                if phase.start_s <= at < phase.end_s:
                    rates[phase.zone] = rates.get(phase.zone, 0.0) + phase.rps
        return LoadStatus(
            experiment=self._experiment,
            sent=sent,
            succeeded=succeeded,
            failed=failed,
            in_flight=sent - succeeded - failed,
            rates=rates,
        )

    def reasons(self) -> dict[str, int]:
        """Why requests failed."""
        total: dict[str, int] = {}
        for group, _ in self._groups:
            for reason, count in group.counts.failed_by_reason.items():
                total[reason] = total.get(reason, 0) + count
        return total


def _offsets(group: Group, zone: str, rng: random.Random, duration_s: float) -> list[float]:
    """When this group's requests from a zone are due: its phases there, silence in between."""
    here = sorted((phase for phase in group.phases if phase.zone == zone), key=lambda phase: phase.start_s)
    curve: list[tuple[float, float]] = []
    at = 0.0
    for phase in here:
        curve += [(phase.start_s - at, 0.0), (_length(phase, duration_s), phase.rps)]
        at = phase.start_s + _length(phase, duration_s)
    segments = steps([(length, rps) for length, rps in curve if length > 0])
    return list(due_offsets_s(segments, group.arrivals, rng))


def _length(phase: Phase, duration_s: float) -> float:
    return min(phase.end_s, duration_s) - phase.start_s


async def run_load(folder: RunFolder, environ: Mapping[str, str], stop: asyncio.Event) -> None:
    """Runs the scenario's load; writes what was counted when it has ended."""
    scenario = load_scenario(folder.scenario)
    transport = redis_transport(environ)
    await transport.start()
    bus = Bus(transport, source="load_client", now=time.time, rng=random.Random())
    traces = RecordSender(transport, TRACES_STREAM, new_id=bus.next_id)
    traces.start()
    await bus.start()
    load = Load(scenario, environ.get("galileo_experiment_id", ""), bus, traces)
    try:
        gateways, workers = await unless_stopped(stop, _await_own_pods(environ, zones=len(scenario.zones)))
        clients = {pod.zone: HttpClient(local_address=pod.node_address) for pod in workers}
        by_zone = {pod.zone: pod for pod in gateways}
        try:
            await unless_stopped(stop, _until_reachable(scenario, by_zone, clients))
            load.prepare({pod.zone: pod for pod in workers}, by_zone, clients)
            await load.run(stop)
        finally:
            for client in clients.values():
                await client.close()
    finally:
        status = load.status()
        # Told to stop, perhaps because the parent died and took the bus along: then nobody waits for long.
        lost = await traces.close(patience_s=2.0 if stop.is_set() else 10.0)
        counts = {
            "start": load.start,
            "end": time.time(),
            "sent": status.sent,
            "succeeded": status.succeeded,
            "failed": status.failed,
            "failed_by_reason": load.reasons(),
            "traces_not_sent": lost,
        }
        folder.load_counts.write_text(json.dumps(counts))
        await bus.say(status)
        await bus.close()
        await transport.close()


async def _await_own_pods(environ: Mapping[str, str], *, zones: int) -> tuple[list[OwnPod], list[OwnPod]]:
    """The gateways' pods and the clients', one of each a zone."""
    gateways = await await_pods(environ, "type=api-gateway", zones=zones, usable=lambda pod: pod.ready)
    workers = await await_pods(environ, f"{FUNCTION}={CLIENT_FUNCTION}", zones=zones, usable=lambda pod: True)
    return gateways, workers


async def _until_reachable(
    scenario: Scenario, gateways: Mapping[str, OwnPod], clients: Mapping[str, HttpClient]
) -> None:
    """Waits until the gateways have weights for the functions that people call first; the experiment starts then."""
    wanted = {(phase.zone, group.function) for group in scenario.clients for phase in group.phases}
    for zone, function in sorted(wanted):
        while not await _knows(gateways[zone], function, clients[zone]):  # noqa: ASYNC110  (another process starts)
            await asyncio.sleep(0.1)


async def _knows(gateway: OwnPod, function: str, client: HttpClient) -> bool:
    """Whether a gateway has weights for a function; one that gives no answer has not started yet."""
    try:
        response = await client.request("GET", gateway.ip, gateway.port, "/gateway/weights", timeout_s=2.0)
    except HttpError:
        return False
    return function in json.loads(response.body)["functions"]


def main() -> int:
    folder = RunFolder(Path(sys.argv[1]))
    environ = dict(os.environ)
    return run_async(until_told_to_stop(lambda stop: run_load(folder, environ, stop), environ))


if __name__ == "__main__":
    sys.exit(main())
