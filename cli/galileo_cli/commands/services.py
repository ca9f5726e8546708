"""`galileo services`: which services run on a bus, and how they are."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence

import msgspec
from galileo_bus.service.logs import set_up_logs
from galileo_bus.service.status import STATUS_EVERY_S
from galileo_schemas.events import ServiceStatus
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.registry import decode_frame, kind_of

from galileo_cli.connections import BusSettings, redis_transport
from galileo_cli.joined_run import joining_environment
from galileo_cli.plugins.available import list_available
from galileo_cli.process import run_async
from galileo_cli.services_heard import ServiceRow, ServicesHeard, shown_rate

EXAMPLE = """examples:
  galileo services
  galileo services --watch
  galileo services pressure_calculator pod_creator     (these have to be there)
  galileo services --json | jq .state
  galileo services --available                         (what galileo run takes, also installed plug-ins)

The exit status is 0 when all services are ready, and 1 when one is not ready, unhealthy or silent."""

PATIENCE_S = 1.5
"""A person waits for the answer."""

LISTEN_S = 3.0
FIRST_LOOK_S = 1.2
"""By then everyone has given a sign of life, one comes each second."""

_CLEAR = "\x1b[H\x1b[J"
_COLUMNS = ("SERVICE", "PROCESS", "SAID/S", "HEARD/S", "LAG", "LOST", "AGE", "STATE")
_RIGHT = ("SAID/S", "HEARD/S", "LAG", "LOST", "AGE")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="SERVICE", help="services that have to be there")
    parser.add_argument("--watch", action="store_true", help="renew the list until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="one JSON object a service, its status and figures in it")
    parser.add_argument("--available", action="store_true", help="list the services that could be run here instead")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    if arguments.available:
        return list_available()
    set_up_logs(level="ERROR")
    return run_async(_listen(arguments))


async def _listen(arguments: argparse.Namespace) -> int:
    environ = joining_environment(arguments.env_file)
    heard = ServicesHeard(arguments.names)

    def receive(_channel: str, payload: bytes) -> None:
        try:
            event = decode_frame(split_frame(payload))
        except FrameError:
            return  # not one of ours; whoever listens to it as a service counts it
        if event is not None:
            heard.note(event, time.time())

    transport = redis_transport(environ, start_timeout_s=PATIENCE_S)
    await transport.start()
    try:
        await transport.subscribe(receive, channels=[kind_of(ServiceStatus).channel])
        await _until_spoken(heard)
        while arguments.watch:
            _show(heard.rows(time.time()), json=arguments.json, clear=sys.stdout.isatty())
            await asyncio.sleep(STATUS_EVERY_S)
        rows = heard.rows(time.time())
        if rows:
            _show(rows, json=arguments.json, clear=False)
        else:
            where = BusSettings.load(environ).address.shown
            print(f"galileo: no service was heard on {where} in {LISTEN_S:.0f} s", file=sys.stderr)
        return 0 if rows and all(row.well for row in rows) else 1
    finally:
        await transport.close()


async def _until_spoken(heard: ServicesHeard) -> None:
    """Until all who are known have said how they are, and for three seconds at most."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LISTEN_S
    await asyncio.sleep(FIRST_LOOK_S)
    while loop.time() < deadline:
        if heard.rows(time.time()) and heard.all_have_spoken():
            return
        await asyncio.sleep(0.05)


def _show(rows: Sequence[ServiceRow], *, json: bool, clear: bool) -> None:
    lines = [_json_line(row) for row in rows] if json else table(rows)
    print((_CLEAR if clear and not json else "") + "\n".join(lines), flush=True)


def _json_line(row: ServiceRow) -> str:
    return msgspec.json.encode(row).decode()


def table(rows: Sequence[ServiceRow]) -> list[str]:
    """One line a service under a line of titles, columns as wide as what is in them."""
    cells = [_COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    return ["  ".join(_padded(*cell) for cell in zip(line, widths, _COLUMNS, strict=True)).rstrip() for line in cells]


def _cells(row: ServiceRow) -> tuple[str, ...]:
    name = row.instance if row.instance.startswith(row.service) else f"{row.service}/{row.instance}"
    if row.status is None:
        return (name, row.process or "–", "–", "–", "–", "–", "–", row.state)
    figures = (shown_rate(row.said_per_s), shown_rate(row.heard_per_s), str(row.lag), str(row.lost))
    return (name, row.process, *figures, shown_age(row.age_s), _shown_state(row))


def _shown_state(row: ServiceRow) -> str:
    return f"{row.state} ({row.role})" if row.role else row.state


def shown_age(seconds: float) -> str:
    """`45s`, `12m`, `5h`, `3d`: as kubectl writes ages."""
    for unit, length_s in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds // length_s:.0f}{unit}"
    return f"{seconds:.0f}s"


def _padded(text: str, width: int, column: str) -> str:
    return text.rjust(width) if column in _RIGHT else text.ljust(width)
