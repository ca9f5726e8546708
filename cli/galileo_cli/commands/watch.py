"""`galileo watch`: the live view of a Galileo that runs anywhere."""

from __future__ import annotations

import argparse
import asyncio
import signal
import time
from collections.abc import Mapping

from galileo_bus.service.logs import set_up_logs
from galileo_experiments.counted import counted
from galileo_schemas.events import Resync

from galileo_cli.connections import BusSettings, redis_transport
from galileo_cli.emulate.progress import figures_line, new_progress
from galileo_cli.joined_run import joining_environment
from galileo_cli.process import run_async
from galileo_cli.view.listening import listening_bus
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.recalling import recall
from galileo_cli.view.shown_run import ShownRun

EXAMPLE = """examples:
  galileo watch
  galileo watch --env-file runs/latest/env
  galileo_redis_host=bus.example galileo watch"""

PATIENCE_S = 1.5
"""A person waits for the answer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plain", action="store_true", help="plain lines instead of the view, as where no terminal is")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    set_up_logs(level="ERROR")  # that there is no bus is one line
    return run_async(_watch(joining_environment(arguments.env_file), plain=arguments.plain))


async def _watch(environ: Mapping[str, str], *, plain: bool) -> int:
    """Until somebody leaves; nothing ends by that but the view."""
    transport = redis_transport(environ, start_timeout_s=PATIENCE_S)
    await transport.start()
    set_up_logs(level="WARN")  # that it went away, and came back, is news
    state = LiveState()
    bus = listening_bus(transport, state, source="watch", now=time.time)
    left = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, left.set)
    began = time.time()
    run = ShownRun(f"galileo on {BusSettings.load(environ).address.shown}", start=began)
    progress = new_progress(state, run, plain=plain, quit_asked=left.set)
    try:
        oldest = await recall(transport, state, time.time())
        progress.line(_beginning(run, state, oldest))
        await bus.start()
        await bus.say(Resync())
        progress.connected(bus)
        progress.begin()
        await left.wait()
    finally:
        await progress.end()
        watched = f"watched for {time.time() - began:.0f} s, {counted(state.events, 'event')}"
        progress.line(f"{watched}: {figures_line(state)}")
        await bus.close(patience_s=0.5)
        await transport.close()
    return 0


def _beginning(run: ShownRun, state: LiveState, oldest: float | None) -> str:
    """What is watched, and how much is known of the time before."""
    if oldest is None:
        return f"watching {run.title}; nothing is kept of the time before"
    return f"watching {run.title}; {counted(state.events, 'event')} of before are known, since {run.moment(oldest)}"
