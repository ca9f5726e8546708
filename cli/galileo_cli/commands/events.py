"""`galileo events tail|say|replay|dead`: hear what is said on the bus, say something, look at what was said."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from galileo_bus.bus import Bus
from galileo_bus.service import SettingError
from galileo_bus.service.logs import set_up_logs
from galileo_bus.transport import TransportRefusedError
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.event import Delivery
from galileo_schemas.events.pressure import CpuUsagePressure, PressureRow
from galileo_schemas.frame import EVENTS_CHANNEL, FrameError, join_frame, split_frame
from galileo_schemas.registry import decode_value, kind_named

from galileo_cli.connections import BusSettings, redis_transport
from galileo_cli.joined_run import joining_environment
from galileo_cli.kept_events.dead_letters import drop_all, drop_letters, list_letters, retry_letters, show_letter
from galileo_cli.kept_events.moments import read_moment
from galileo_cli.kept_events.replay import Span, print_span, read_again
from galileo_cli.kept_events.shown_frame import matches, shown_frame
from galileo_cli.plugins.installed import know_installed_events
from galileo_cli.process import run_async

TAIL_EXAMPLE = """examples:
  galileo events tail
  galileo events tail --name 'pod*' --name scale_schedule
  galileo events tail --all | grep zone-b"""

REPLAY_EXAMPLE = """  galileo events replay --since 10m --name 'pod*'
  galileo events replay --since 2026-11-24T17:00 --to pod_creator"""

DEAD_EXAMPLE = """  galileo events dead list
  galileo events dead retry 1764000000123-0"""

EXAMPLE = f"""{TAIL_EXAMPLE}
  galileo events say warm-up-over
  galileo events say scale_schedule '{{"fn": "resnet", "origin_zone": "zone-a", "dest_zone": "zone-b",
      "pod_creation_request": {{"pod_name": "resnet-by-hand"}}}}'
{REPLAY_EXAMPLE}
{DEAD_EXAMPLE}"""

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
    _add_replay(actions)
    _add_dead(actions)


def _add_replay(actions: Any) -> None:
    replay = actions.add_parser(
        "replay",
        help="print what journals and record streams hold, or let a service read it again",
        epilog=f"examples:\n{REPLAY_EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument("--since", required=True, metavar="WHEN", help="10m (ago), 2026-11-24T17:00 or unix seconds")
    replay.add_argument("--until", metavar="WHEN", help="the same; now if it is not given")
    replay.add_argument("--name", action="append", metavar="PATTERN", help="only these event names, as in 'pod/*'")
    replay.add_argument("--raw", action="store_true", help="print frames as they are on the wire")
    replay.add_argument("--to", metavar="SERVICE", help="print nothing, and let this service read it all again")
    replay.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def _add_dead(actions: Any) -> None:
    dead = actions.add_parser(
        "dead",
        help="what nobody could act on or read: look at it, try it again, drop it",
        epilog=f"examples:\n{DEAD_EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doing = dead.add_subparsers(dest="doing", metavar="ACTION", required=True)
    listing = doing.add_parser("list", help="a line about each")
    show = doing.add_parser("show", help="all of one")
    show.add_argument("id", metavar="ID")
    retry = doing.add_parser("retry", help="a decision goes to its journal again, a message is said again")
    retry.add_argument("ids", nargs="+", metavar="ID")
    dropping = doing.add_parser("drop", help="delete them")
    dropping.add_argument("ids", nargs="*", metavar="ID")
    dropping.add_argument("--all", action="store_true", help="all that there are")
    for parser in (listing, show, retry, dropping):
        parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    set_up_logs(level="ERROR")
    know_installed_events()
    doing = {"tail": _tail, "say": _say, "replay": _replay, "dead": _dead}
    return run_async(doing[arguments.action](arguments))


async def _replay(arguments: argparse.Namespace) -> int:
    if arguments.to is not None and (arguments.until is not None or arguments.raw):
        raise SettingError("--to takes neither --until nor --raw: a service reads on to the end")
    async with _bus(joining_environment(arguments.env_file)) as transport:
        now = await transport.server_time()
        try:
            since = read_moment(arguments.since, now=now)
            until = None if arguments.until is None else read_moment(arguments.until, now=now)
        except ValueError as error:
            raise SettingError(str(error)) from None
        patterns = arguments.name or ["*"]
        if arguments.to is not None:
            return await read_again(transport, arguments.to, since, patterns=patterns)
        return await print_span(transport, Span(since, until), patterns=patterns, raw=arguments.raw)


async def _dead(arguments: argparse.Namespace) -> int:
    if arguments.doing == "drop" and bool(arguments.ids) == arguments.all:
        raise SettingError("drop: expected ids, or --all")
    environ = joining_environment(arguments.env_file)
    async with _bus(environ) as transport:
        match arguments.doing:
            case "list":
                return await list_letters(transport)
            case "show":
                return await show_letter(transport, arguments.id)
            case "retry":
                return await retry_letters(transport, arguments.ids, retention=BusSettings.load(environ).retention)
        return await (drop_all(transport) if arguments.all else drop_letters(transport, arguments.ids))


@asynccontextmanager
async def _bus(environ: Mapping[str, str]) -> AsyncIterator[RedisTransport]:
    transport = redis_transport(environ, start_timeout_s=PATIENCE_S)
    await transport.start()
    try:
        yield transport
    finally:
        await transport.close()


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
    elif not matches(frame.name, patterns):
        return None
    return data.decode("utf-8", "replace") if raw else shown_frame(frame)


def is_said_all_the_time(name: str) -> bool:
    """Periodic aggregates, which have channels of their own, and the rows behind each pressure."""
    kind = kind_named(name)
    if kind is None or kind.delivery is not Delivery.OBSERVATION:
        return False
    return kind.channel != EVENTS_CHANNEL or issubclass(kind.type, (PressureRow, CpuUsagePressure))


async def _say(arguments: argparse.Namespace) -> int:
    kind = kind_named(arguments.name)
    value = arguments.value.encode()
    now = time.time()
    if kind is None:
        frame = join_frame(now, arguments.name, value)
    else:
        event = decode_value(kind, value or b"{}")
    environ = joining_environment(arguments.env_file)
    retention = BusSettings.load(environ).retention
    async with _bus(environ) as transport:
        if kind is None:
            transport.publish(EVENTS_CHANNEL, frame)
            await transport.flush()
            _check_taken(transport)
            print(f"said {arguments.name}, a user event")
            return 0
        bus = Bus(
            transport, source="galileo-cli", now=time.time, rng=random.Random(), adopt="none", retention=retention
        )
        bus.records.start()
        key = ""
        if kind.delivery is Delivery.DECISION:
            request = msgspec.to_builtins(event).get("pod_creation_request", {})
            key = f"{request.get('namespace', 'default')}/{request.get('pod_name', '')}"
        identity = await bus.say(event, key=key)
        await bus.close()
        await transport.flush()
        _check_taken(transport)
        print(f"said {kind.name} with id {identity}")
        return 0


def _check_taken(transport: RedisTransport) -> None:
    if transport.refused:
        raise TransportRefusedError(f"{transport.address.shown} refuses us: no right to publish on {EVENTS_CHANNEL}")
