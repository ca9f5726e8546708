"""The world's process: Kubernetes API, kubelets, functions, network, and what telemetry agents would publish."""

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
from galileo_emulation.kubernetes.kubeconfig import kubeconfig
from galileo_emulation.kubernetes.local import LocalApi
from galileo_emulation.kubernetes.server import ApiServer
from galileo_emulation.kubernetes.store import Store
from galileo_emulation.world import World
from galileo_experiments.scenario_file import load_scenario
from galileo_schemas.events import LatencyMissing
from galileo_schemas.raw.node_info import TELEMETRY_COMMAND_PREFIX, node_info_key, telemetry_command_channel

from galileo_cli.connections import redis_transport
from galileo_cli.emulate.manifests import initial_pods
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.world_spec import world_spec
from galileo_cli.process import run_async, until_told_to_stop

MISSING_EVERY_S = 30.0

log = logging.getLogger("galileo.world")


@dataclass(frozen=True)
class WorldSettings(Settings):
    single_address: bool = setting(
        False, "galileo_emulation_single_address", doc="true: as on a system with one loopback address; no latency"
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
    single_address = WorldSettings.load(environ).single_address
    transport = redis_transport(environ)
    await transport.start()
    store = Store(now=time.time, rng=random.Random(scenario.seed))
    info = _NodeInfo(transport)
    try:
        async with (
            World(
                world_spec(scenario),
                api=LocalApi(store),
                publish=transport.publish,
                set_info=info.set,
                single_address=single_address,
            ) as world,
            ApiServer(store, admit=_admission(world)) as server,
        ):
            await transport.subscribe(
                lambda channel, text: _command(world, channel, text),
                # By name, not by pattern: telemc lists as nodes the channels on which somebody listens.
                channels=[telemetry_command_channel(node.name) for node in scenario.nodes],
            )
            folder.kubeconfig.write_text(kubeconfig(server.url))
            await _create_pods(folder, initial_pods(scenario, port=world.function_port))
            facts = {"ready": True, "api": server.url, "latency": world.addresses.many_addresses}
            print(json.dumps(facts), flush=True)
            bus = Bus(transport, source="world", now=time.time, rng=random.Random())
            await bus.start()
            try:
                await _until_first(stop, world.wait(), info.run(), _say_missing_latencies(world, bus))
            finally:
                await bus.close(patience_s=0.5)
    finally:
        await transport.close()


def _admission(world: World) -> Callable[[str, dict[str, Any]], None]:
    def admit(plural: str, body: dict[str, Any]) -> None:
        if plural == "pods":
            world.addresses.admit_pod(body)

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


async def _create_pods(folder: RunFolder, pods: list[dict[str, object]]) -> None:
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
    return run_async(until_told_to_stop(lambda stop: run_world(folder, environ, stop), environ))


if __name__ == "__main__":
    sys.exit(main())
