"""The world's process: Kubernetes API, controllers, kubelets, functions, network, and what telemetry agents publish."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galileo_backends.kubernetes.client import HttpKubernetes
from galileo_backends.kubernetes.connection import connect
from galileo_backends.kubernetes.resources import PODS
from galileo_bus.bus import Bus
from galileo_bus.service import Settings, setting
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_emulation.controllers import Controllers, ControllerSettings
from galileo_emulation.cycle_collection import collect_seldom
from galileo_emulation.fault_table import FaultTable
from galileo_emulation.kubernetes import kinds
from galileo_emulation.kubernetes.defaults.pod_defaults import tolerate_lost_nodes
from galileo_emulation.kubernetes.http.kubeconfig import kubeconfig
from galileo_emulation.kubernetes.http.server import ApiServer
from galileo_emulation.kubernetes.local import LocalApi
from galileo_emulation.kubernetes.storage.store import Store
from galileo_emulation.world import World
from galileo_emulation.world_file import WorldFileError
from galileo_experiments.scenario import Scenario
from galileo_experiments.scenario_file import load_scenario
from galileo_schemas.events import LatencyMissing
from galileo_schemas.raw.node_info import TELEMETRY_COMMAND_PREFIX, node_info_key, telemetry_command_channel

from galileo_cli.connections import redis_transport
from galileo_cli.emulate.fault_desk import FaultDesk
from galileo_cli.emulate.kept_world import KeptWorld
from galileo_cli.emulate.latency_file import LatencyFile
from galileo_cli.emulate.manifests import initial_pods
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.world_faults import WORLD_FAULTS, world_acts
from galileo_cli.emulate.world_spec import latency_graph, world_spec
from galileo_cli.process import run_async, until_told_to_stop

MISSING_EVERY_S = 30.0

log = logging.getLogger("galileo.world")


@dataclass(frozen=True)
class WorldSettings(Settings):
    single_address: bool = setting(
        False, "galileo_emulation_single_address", doc="true: as on a system with one loopback address; no latency"
    )
    world_file: str = setting(
        "", "galileo_emulation_world_file", doc="file that keeps the world, and from which it goes on; empty: none"
    )
    node_grace_s: float = setting(
        5.0,
        "galileo_emulation_node_grace",
        doc="s; a node that has not reported for so long is lost; at least 1.25 times the scenario's lease_duration_s",
        above=0,
    )
    node_toleration_s: int = setting(
        300,
        "galileo_emulation_node_toleration",
        doc="s; how long pods stay on a lost node, unless they say it themselves",
        at_least=0,
    )
    node_eviction_rate: float = setting(
        0.1, "galileo_emulation_node_eviction_rate", doc="lost nodes of a zone per second that lose their pods", above=0
    )
    autoscaler_period_s: float = setting(
        15.0, "galileo_emulation_autoscaler_period", doc="s; how often horizontal autoscalers act", above=0
    )
    autoscaler_down_window_s: float = setting(
        300.0,
        "galileo_emulation_autoscaler_down_window",
        doc="s; for how long horizontal autoscalers hold a recommendation before they scale below it",
        at_least=0,
    )
    autoscaler_tolerance: float = setting(
        0.1,
        "galileo_emulation_autoscaler_tolerance",
        doc="how far from its target use may be, as a share of it, before horizontal autoscalers act",
        at_least=0,
    )
    cpu_initialization_s: float = setting(
        300.0,
        "galileo_emulation_cpu_initialization",
        doc="s after its start in which a pod's CPU use counts for autoscalers only once measured while it was ready",
        at_least=0,
    )
    readiness_delay_s: float = setting(
        30.0,
        "galileo_emulation_readiness_delay",
        doc="s after its start within which a pod that is not ready counts for autoscalers as one that never was",
        at_least=0,
    )

    def controllers(self, *, lease_duration_s: float) -> ControllerSettings:
        """What the controllers need of it, where kubelets' leases last so long."""
        grace_s = max(self.node_grace_s, 1.25 * lease_duration_s)
        return ControllerSettings(
            node_grace_s=grace_s,
            node_startup_grace_s=max(grace_s, ControllerSettings().node_startup_grace_s),
            node_eviction_rate=self.node_eviction_rate,
            autoscaler_period_s=self.autoscaler_period_s,
            autoscaler_down_window_s=self.autoscaler_down_window_s,
            autoscaler_tolerance=self.autoscaler_tolerance,
            cpu_initialization_s=self.cpu_initialization_s,
            readiness_delay_s=self.readiness_delay_s,
        )


class _NodeInfo:
    """Writes node info hashes in order, each as a task that is awaited at the end."""

    def __init__(self, transport: RedisTransport) -> None:
        self._transport = transport
        self._queue: asyncio.Queue[tuple[str, dict[str, str]]] = asyncio.Queue()

    def set(self, node: str, fields: dict[str, str]) -> None:
        self._queue.put_nowait((node, fields))

    async def run(self) -> None:
        while True:
            node, fields = await self._queue.get()
            await self._transport.set_hash(node_info_key(node), fields)


async def run_world(folder: RunFolder, environ: Mapping[str, str], stop: asyncio.Event) -> None:
    """Runs until `stop`, or until something in the world fails, which is raised."""
    scenario = load_scenario(folder.scenario)
    settings = WorldSettings.load(environ)
    kept = KeptWorld(scenario, settings.world_file, single_address=settings.single_address)
    store = kept.store
    transport = redis_transport(environ)
    await transport.start()
    info = _NodeInfo(transport)
    spec = world_spec(scenario)
    chosen = settings.controllers(lease_duration_s=spec.lease_duration_s)
    try:
        async with (
            kept.kept(),
            World(
                spec,
                api=LocalApi(store, keeps_taints=True),
                publish=transport.publish,
                set_info=info.set,
                single_address=settings.single_address,
            ) as world,
            Controllers(store, chosen, admit=_admission(world, settings), nodes=world.node_access) as controllers,
            ApiServer(store, admit=_admission(world, settings), nodes=world.node_access) as server,
        ):
            await transport.subscribe(
                lambda channel, text: _command(world, channel, text),
                # By name, not by pattern: telemc lists as nodes the channels on which somebody listens.
                channels=[telemetry_command_channel(node.name) for node in scenario.nodes],
            )
            folder.kubeconfig.write_text(kubeconfig(server.url))
            await _create_pods(folder, _absent(store, initial_pods(scenario, port=world.function_port)))
            facts = {"ready": True, "api": server.url, "latency": world.addresses.many_addresses}
            print(json.dumps(facts), flush=True)
            bus = Bus(transport, source="world", now=time.time, rng=random.Random(), adopt="none")
            desk = _fault_desk(bus, world, scenario, folder)
            await bus.start()
            try:
                works = (world.wait(), controllers.wait(), info.run(), desk.run(), _say_missing_latencies(world, bus))
                await _until_first(stop, *works, kept.wait(), collect_seldom())
            finally:
                await bus.close(patience_s=0.5)
    finally:
        await transport.close()


def _fault_desk(bus: Bus, world: World, scenario: Scenario, folder: RunFolder) -> FaultDesk:
    """Who has broken in the world what people and scenarios ask for."""
    zones = {node.name: node.zone for node in scenario.nodes}
    latencies = LatencyFile(folder.latencies, latency_graph(scenario), zones)
    table = FaultTable(WORLD_FAULTS)
    return FaultDesk(bus, table, world_acts(world, latencies, table))


def _admission(world: World, settings: WorldSettings) -> Callable[[str, dict[str, Any]], None]:
    def admit(plural: str, body: dict[str, Any]) -> None:
        if plural == "pods":
            world.addresses.admit_pod(body)
            tolerate_lost_nodes(body.setdefault("spec", {}), seconds=settings.node_toleration_s)

    return admit


def _command(world: World, channel: str, text: bytes) -> None:
    node = channel.removeprefix(TELEMETRY_COMMAND_PREFIX)
    try:
        world.command(node, text.decode("utf-8", "replace"))
    except LookupError as error:
        log.warning("%s: %s", channel, error)


async def _say_missing_latencies(world: World, bus: Bus) -> None:
    """Says each pair of nodes that has no latency when it is first needed, and then what it counts to."""
    said: dict[tuple[str, str], int] = {}
    while True:
        for pair, count in list(world.relay_delay.missing.items()):
            if count != said.get(pair):
                said[pair] = count
                origin, destination = pair
                await bus.say(LatencyMissing(origin=origin, destination=destination, count=count, effect="no delay"))
        await asyncio.sleep(MISSING_EVERY_S if said else 1.0)


def _absent(store: Store, pods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the pods that a world that goes on does not have."""
    return [pod for pod in pods if store.get(kinds.PODS, "default", pod["metadata"]["name"]) is None]


async def _create_pods(folder: RunFolder, pods: list[dict[str, Any]]) -> None:
    connection = await connect({"KUBECONFIG": str(folder.kubeconfig)})
    async with HttpKubernetes(connection, rng=random.Random()) as kubernetes:
        for pod in pods:
            await kubernetes.create(PODS, pod, namespace="default")


async def _until_first(stop: asyncio.Event, *works: Coroutine[object, object, None]) -> None:
    tasks: list[asyncio.Task[object]] = [asyncio.create_task(work) for work in (stop.wait(), *works)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main() -> int:
    folder = RunFolder(Path(sys.argv[1]))
    environ = dict(os.environ)
    try:
        return run_async(until_told_to_stop(lambda stop: run_world(folder, environ, stop), environ))
    except WorldFileError as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
