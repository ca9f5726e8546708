"""The clients' process: waits until every function can be reached, then runs the service `load_client` on a plan.

What the clients counted is written into the run's folder when they have ended, or were stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
from galileo_backends.http import HttpClient, HttpError
from galileo_experiments.scenario import LOAD_CLIENT, Scenario
from galileo_experiments.scenario_file import load_scenario
from galileo_schemas.labels import CLIENT_FUNCTION, FUNCTION
from galileo_services.load_client.service import LoadClient
from galileo_services.load_client.steady_clock import steady_unix_clock

from galileo_cli.commands.run import new_runtime, serve_runtime
from galileo_cli.connections import own_transport
from galileo_cli.emulate.load_plan import load_plan
from galileo_cli.emulate.own_pods import OwnPod, await_pods
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.process import StoppedError, run_async, unless_stopped, until_told_to_stop


async def run_load(folder: RunFolder, environ: Mapping[str, str], stop: asyncio.Event) -> None:
    """Runs the scenario's load; writes what was counted when it has ended."""
    scenario = load_scenario(folder.scenario)
    gateways, workers = await unless_stopped(stop, _await_own_pods(environ, zones=len(scenario.zones)))
    await unless_stopped(stop, _until_reachable(scenario, gateways, workers))
    folder.load_plan.write_bytes(msgspec.json.encode(load_plan(scenario, gateways, workers)))

    runtime = new_runtime(environ, now=steady_unix_clock(steady=time.monotonic, unix=time.time))
    service = runtime.add(
        LoadClient,
        environ={"load_client_plan": str(folder.load_plan)},
        transport=own_transport(environ, LOAD_CLIENT),
    )
    assert isinstance(service, LoadClient)
    over = asyncio.Event()
    waiting = asyncio.create_task(_set_when_over(over, service, stop), name="the load's end")
    try:
        await serve_runtime(runtime, environ, over, facts=lambda: {"start": service.start})
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        if service.start:
            _write_counts(folder, service)


async def _set_when_over(over: asyncio.Event, service: LoadClient, stop: asyncio.Event) -> None:
    """Over is the load when it has ended, or when somebody told it to stop."""
    with contextlib.suppress(StoppedError):
        await unless_stopped(stop, service.wait_until_ended())
    over.set()


def _write_counts(folder: RunFolder, service: LoadClient) -> None:
    counts = service.counts()
    row = {
        "start": service.start,
        "end": time.time(),
        "sent": counts.sent,
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "failed_by_reason": dict(counts.failed_by_reason),
        "traces_not_sent": service.traces_not_sent,
    }
    folder.load_counts.write_text(json.dumps(row))


async def _await_own_pods(environ: Mapping[str, str], *, zones: int) -> tuple[dict[str, OwnPod], dict[str, OwnPod]]:
    """The gateways' pods and the clients' by zone, one of each a zone."""
    gateways = await await_pods(environ, "type=api-gateway", zones=zones, usable=lambda pod: pod.ready)
    workers = await await_pods(environ, f"{FUNCTION}={CLIENT_FUNCTION}", zones=zones, usable=lambda pod: True)
    return {pod.zone: pod for pod in gateways}, {pod.zone: pod for pod in workers}


async def _until_reachable(scenario: Scenario, gateways: Mapping[str, OwnPod], workers: Mapping[str, OwnPod]) -> None:
    """Waits until the gateways have weights for the functions that people call; the experiment starts then."""
    wanted = {(phase.zone, group.function) for group in scenario.clients for phase in group.phases}
    for zone, function in sorted(wanted):
        client = HttpClient(local_address=workers[zone].node_address)
        try:
            while not await _knows(gateways[zone], function, client):  # noqa: ASYNC110  (another process starts)
                await asyncio.sleep(0.1)
        finally:
            await client.close()


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
