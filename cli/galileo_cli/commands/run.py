"""`galileo run NAME…`: services in one process."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from galileo_bus.service import Service
from galileo_bus.service.health import HealthServer
from galileo_bus.service.runtime import Runtime

from galileo_cli.connections import (
    BusSettings,
    own_transport,
    provide_backends,
    redis_transport,
    with_bus_of_telemd,
)
from galileo_cli.elections import election_of
from galileo_cli.joined_run import joining_environment
from galileo_cli.plugins.installed import know_installed_events
from galileo_cli.plugins.service_file import load_file, refuse_unregistered, services_in
from galileo_cli.process import ProcessSettings, run_async, until_told_to_stop
from galileo_cli.reloading import python_files, run_reloading
from galileo_cli.service_table import UnknownServiceError, known_names, service_class

EXAMPLE = """examples:
  galileo run pressure_calculator pod_creator
  galileo run trace_recorder --env-file runs/latest/env
  galileo run hot_gateways.py --reload
  galileo run weight_optimizer --dry-run"""

log = logging.getLogger("galileo.run")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    known = ", ".join(known_names())
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"a service ({known}) or a Python file")
    parser.add_argument("--dry-run", action="store_true", help="decide and log, and do nothing (galileo_dry_run)")
    parser.add_argument("--reload", action="store_true", help="start anew when a file, or what it imports, changes")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    if arguments.reload:
        return _reload(arguments)
    environ = joining_environment(arguments.env_file)
    if arguments.dry_run:
        environ["galileo_dry_run"] = "true"
    if "event_recorder" in arguments.names:  # reads the journals of all decisions that are known
        know_installed_events()
    classes = [found for name in arguments.names for found in classes_named(name)]

    async def work(stop: asyncio.Event) -> None:
        await serve(classes, with_bus_of_telemd(classes, environ), stop)

    return run_async(until_told_to_stop(work, environ))


def _reload(arguments: argparse.Namespace) -> int:
    files = python_files(arguments.names)
    if not files:
        raise UnknownServiceError(f"--reload: {' '.join(arguments.names)}: expected a Python file among the names")
    options = ["--dry-run"] if arguments.dry_run else []
    options += ["--env-file", arguments.env_file] if arguments.env_file else []
    command = [sys.executable, "-P", "-m", "galileo_cli", "run", *arguments.names, *options]
    return run_reloading(files, command, env_file=arguments.env_file)


def classes_named(name: str) -> list[type[Service]]:
    """A service by its name, or all services that a Python file defines. Raises what `service_class` does."""
    if name.endswith(".py"):
        found = services_in(load_file(Path(name)), where=name)
        refuse_unregistered(found, where=name)
        return found
    return [service_class(name)]


def new_runtime(environ: Mapping[str, str], *, now: Callable[[], float] = time.time) -> Runtime:
    """A runtime on the bus and the backends that the environment names. Raises `SettingError`."""
    bus = BusSettings.load(environ)
    runtime = Runtime(
        redis_transport(environ),
        environ=environ,
        now=now,
        adopt=bus.adopted,
        retention=bus.retention,
        election=election_of(environ),
        dry_run=ProcessSettings.load(environ).dry_run,
        hang_s=ProcessSettings.load(environ).health_hang,
    )
    provide_backends(runtime, environ)
    return runtime


async def serve(classes: list[type[Service]], environ: Mapping[str, str], stop: asyncio.Event) -> None:
    """Runs services until `stop`."""
    runtime = new_runtime(environ)
    for found in classes:
        runtime.add(found, transport=own_transport(environ, found.name))
    await serve_runtime(runtime, environ, stop)


async def serve_runtime(
    runtime: Runtime,
    environ: Mapping[str, str],
    stop: asyncio.Event,
    *,
    facts: Callable[[], dict[str, object]] = dict,
) -> None:
    """Runs a runtime and its health page; says on standard output when all services have started, with `facts`."""
    settings = ProcessSettings.load(environ)
    await asyncio.gather(*(transport.start() for transport in runtime.transports))
    health = HealthServer(runtime, host=settings.health_host, port=settings.health_port)
    port = await health.start()
    runtime.process = replace(runtime.process, port=port)
    announcing = asyncio.get_running_loop().create_task(_announce(runtime, port, facts), name="announce readiness")
    try:
        await runtime.run(stop)
    finally:
        announcing.cancel()
        await asyncio.gather(announcing, return_exceptions=True)
        await health.close()
        await asyncio.gather(*(transport.close() for transport in runtime.transports))


async def _announce(runtime: Runtime, port: int, facts: Callable[[], dict[str, object]]) -> None:
    await runtime.started.wait()
    names = [service.name for service in runtime.services]
    print(json.dumps({"ready": True, "services": names, "health_port": port, **facts()}), flush=True)
    log.info("running %s; health at port %d", ", ".join(names), port)
