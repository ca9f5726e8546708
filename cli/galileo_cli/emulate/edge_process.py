"""The gateways' process: one gateway per zone, each listening behind its pod's address."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from galileo_emulation.specification import PORT_OFFSET
from galileo_experiments.scenario import gateway_name
from galileo_experiments.scenario_file import load_scenario
from galileo_services.gateway.service import GatewayService

from galileo_cli.commands.run import new_runtime, serve_runtime
from galileo_cli.connections import own_transport
from galileo_cli.emulate.own_pods import OwnPod, await_pods
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.process import run_async, unless_stopped, until_told_to_stop


async def run_edge(folder: RunFolder, environ: Mapping[str, str], stop: asyncio.Event) -> None:
    """Runs until `stop`."""
    zones = len(load_scenario(folder.scenario).zones)
    waiting = await_pods(environ, "type=api-gateway", zones=zones, usable=lambda pod: bool(pod.pod_ip))
    pods = await unless_stopped(stop, waiting)
    runtime = new_runtime(environ)
    for pod in pods:
        name = gateway_name(pod.zone)
        runtime.add(
            GatewayService,
            environ=gateway_environment(pod),
            instance=name,
            transport=own_transport(environ, name),
        )
    await serve_runtime(runtime, environ, stop)


def gateway_environment(pod: OwnPod) -> dict[str, str]:
    """A gateway's settings: it listens behind the relay that stands at its pod's advertised address."""
    return {
        "gateway_zone": pod.zone,
        "gateway_node": pod.node,
        "gateway_listen_host": pod.ip,
        "gateway_listen_port": str(pod.port + PORT_OFFSET),
        "gateway_advertised": f"{pod.ip}:{pod.port}",
        "gateway_source_address": pod.node_address,
    }


def main() -> int:
    folder = RunFolder(Path(sys.argv[1]))
    environ = dict(os.environ)
    return run_async(until_told_to_stop(lambda stop: run_edge(folder, environ, stop), environ))


if __name__ == "__main__":
    sys.exit(main())
