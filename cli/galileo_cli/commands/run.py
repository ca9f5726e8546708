"""`galileo run NAME…`: services in one process."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
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
from galileo_cli.environment import effective_environment
from galileo_cli.process import ProcessSettings, run_async, until_told_to_stop
from galileo_cli.service_table import SERVICES, UnknownServiceError, service_class

EXAMPLE = """examples:
  galileo run pressure_calculator pod_creator
  galileo run trace_recorder --env-file runs/latest/env
  galileo run hot_gateways.py"""

log = logging.getLogger("galileo.run")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"a service ({', '.join(SERVICES)}) or a Python file")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    environ = effective_environment(arguments.env_file)
    classes = [found for name in arguments.names for found in classes_named(name)]

    async def work(stop: asyncio.Event) -> None:
        await serve(classes, with_bus_of_telemd(classes, environ), stop)

    return run_async(until_told_to_stop(work, environ))


def classes_named(name: str) -> list[type[Service]]:
    """A service by its name, or all services that a Python file defines. Raises `UnknownServiceError`."""
    if not name.endswith(".py"):
        return [service_class(name)]
    path = Path(name)
    if not path.is_file():
        raise UnknownServiceError(f"{name}: there is no such file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UnknownServiceError(f"{name}: is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Service) and value.__module__ == path.stem
    ]
    if not found:
        raise UnknownServiceError(f"{name}: defines no subclass of galileo_bus.service.Service")
    return found


def new_runtime(environ: Mapping[str, str], *, now: Callable[[], float] = time.time) -> Runtime:
    """A runtime on the bus and the backends that the environment names. Raises `SettingError`."""
    runtime = Runtime(
        redis_transport(environ),
        environ=environ,
        now=now,
        adopt=BusSettings.load(environ).adopted,
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
