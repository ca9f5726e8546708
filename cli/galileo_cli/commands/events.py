"""`galileo events tail|say`: hear what is said on the bus, or say something."""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import random
import sys
import time
from datetime import datetime

import msgspec
from galileo_bus.bus import Bus
from galileo_bus.service.logs import set_up_logs
from galileo_schemas.event import Delivery
from galileo_schemas.events.pressure import PressureRow
from galileo_schemas.frame import EVENTS_CHANNEL, FrameError, join_frame, split_frame
from galileo_schemas.registry import decode_value, kind_named

from galileo_cli.connections import redis_transport
from galileo_cli.joined_run import joining_environment
from galileo_cli.plugins.installed import know_installed_events
from galileo_cli.process import run_async

TAIL_EXAMPLE = """examples:
  galileo events tail
  galileo events tail --name 'pod*' --name scale_schedule
  galileo events tail --all | grep zone-b"""

EXAMPLE = f"""{TAIL_EXAMPLE}
  galileo events say warm-up-over
  galileo events say scale_schedule '{{"fn": "resnet", "origin_zone": "zone-a", "dest_zone": "zone-b",
      "pod_creation_request": {{"pod_name": "resnet-by-hand"}}}}'"""

LEFT_OUT = (
    "galileo: what is said all the time (telemetry, traces, statuses, nodes, pressure rows) is left out; "
    "--all shows it, --name some of it"
)

PATIENCE_S = 2.0
"""A person waits for the answer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    tail = actions.add_parser(
        "tail",
        help="print events as they are said, until Ctrl-C",
        epilog=TAIL_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tail.add_argument(
        "--name",
        action="append",
        metavar="PATTERN",
        help="only these event names, as in 'pod/*'; what is said all the time is left out otherwise",
    )
    tail.add_argument("--all", action="store_true", help="also what is said all the time: telemetry, statuses, …")
    tail.add_argument("--raw", action="store_true", help="print frames as they are on the wire")
    tail.add_argument("--count", type=int, metavar="N", help="end after so many events")
    tail.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")
    say = actions.add_parser("say", help="say an event; a decision is written to its journal")
    say.add_argument("name", help="the event's name; one that no schema knows is a user event")
    say.add_argument("value", nargs="?", default="", help="its JSON object; a user event takes any text, or none")
    say.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    set_up_logs(level="ERROR")
    know_installed_events()
    return run_async(_tail(arguments) if arguments.action == "tail" else _say(arguments))


async def _tail(arguments: argparse.Namespace) -> int:
    transport = redis_transport(joining_environment(arguments.env_file), start_timeout_s=PATIENCE_S)
    await transport.start()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    await transport.subscribe(lambda _channel, frame: heard.put_nowait(frame), patterns=[f"{EVENTS_CHANNEL}*"])
    printed = 0
    if arguments.name is None and not arguments.all:
        print(LEFT_OUT, file=sys.stderr, flush=True)
    try:
        while arguments.count is None or printed < arguments.count:
            frame = await heard.get()
            line = _shown(frame, ["*"] if arguments.all else arguments.name, raw=arguments.raw)
            if line is not None:
                print(line, flush=True)
                printed += 1
    finally:
        await transport.close()
    return 0


def _shown(data: bytes, patterns: list[str] | None, *, raw: bool) -> str | None:
    try:
        frame = split_frame(data)
    except FrameError as error:
        return f"(not a frame) {error}"
    if patterns is None:
        if is_said_all_the_time(frame.name):
            return None
    elif not any(fnmatch.fnmatchcase(frame.name, pattern) for pattern in patterns):
        return None
    if raw:
        return data.decode("utf-8", "replace")
    clock = datetime.fromtimestamp(frame.ts).strftime("%H:%M:%S.%f")[:-3]
    return f"{clock} {frame.name:<20} {frame.value.decode('utf-8', 'replace')}"


def is_said_all_the_time(name: str) -> bool:
    """Periodic aggregates, which have channels of their own, and the rows behind each pressure."""
    kind = kind_named(name)
    if kind is None or kind.delivery is not Delivery.OBSERVATION:
        return False
    return kind.channel != EVENTS_CHANNEL or issubclass(kind.type, PressureRow)


async def _say(arguments: argparse.Namespace) -> int:
    kind = kind_named(arguments.name)
    value = arguments.value.encode()
    now = time.time()
    if kind is None:
        frame = join_frame(now, arguments.name, value)
    else:
        event = decode_value(kind, value or b"{}")
    transport = redis_transport(joining_environment(arguments.env_file), start_timeout_s=PATIENCE_S)
    await transport.start()
    try:
        if kind is None:
            transport.publish(EVENTS_CHANNEL, frame)
            await transport.flush()
            print(f"said {arguments.name}, a user event")
            return 0
        bus = Bus(transport, source="galileo-cli", now=time.time, rng=random.Random(), adopt="none")
        bus.records.start()
        key = ""
        if kind.delivery is Delivery.DECISION:
            request = msgspec.to_builtins(event).get("pod_creation_request", {})
            key = f"{request.get('namespace', 'default')}/{request.get('pod_name', '')}"
        identity = await bus.say(event, key=key)
        await bus.close()
        await transport.flush()
        print(f"said {kind.name} with id {identity}")
        return 0
    finally:
        await transport.close()
