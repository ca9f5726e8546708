"""`galileo emulate`: an edge cloud on this machine, under load."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import time

from galileo_bus.service.logs import set_up_logs
from galileo_experiments.scenario import ScenarioError
from galileo_experiments.scenario_file import load_scenario, shipped_scenarios

from galileo_cli.emulate.progress import new_progress
from galileo_cli.emulate.run import emulate, folder_of
from galileo_cli.emulate.settings_check import check_values
from galileo_cli.emulate.supervisor import default_folder
from galileo_cli.process import run_async

EXAMPLE = """examples:
  galileo emulate
  galileo emulate --list
  galileo emulate spike
  galileo emulate --duration 60 --seed 7 --out runs/try
  galileo emulate my-scenario.yaml --no-ui"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(shipped_scenarios())
    parser.add_argument("scenario", nargs="?", default="default", help=f"a YAML file, or one of: {names}")
    parser.add_argument("--duration", type=_positive, metavar="S", help="seconds of load; the scenario's own otherwise")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all randomness; the scenario's own otherwise")
    parser.add_argument("--out", metavar="DIR", help="folder for the run; a new one under runs/ otherwise")
    parser.add_argument("--list", action="store_true", help="list the scenarios that come with Galileo, and end")
    parser.add_argument("--no-ui", action="store_true", help="plain lines instead of a panel")


def execute(arguments: argparse.Namespace) -> int:
    if arguments.list:
        for line in scenario_lines():
            print(line)
        return 0
    try:
        scenario = load_scenario(arguments.scenario, duration_s=arguments.duration, seed=arguments.seed)
    except ScenarioError as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2
    check_values(scenario, os.environ)
    folder = folder_of(arguments.out, default_folder(scenario, time.time()))
    set_up_logs(level="WARN")
    # What the bus refuses is shown as an event; what the network does between processes that stop is no news.
    for quiet in ("galileo_bus.transport", "galileo_bus.delivery"):
        logging.getLogger(quiet).setLevel(logging.ERROR)

    async def work() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        return await emulate(scenario, folder, new_progress(plain=arguments.no_ui), stop)

    try:
        return run_async(work())
    except FileExistsError as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2


def scenario_lines() -> list[str]:
    """A line for each shipped scenario: its name, its length, and the first sentence of its description."""
    scenarios = {name: load_scenario(name) for name in shipped_scenarios()}
    width = max(map(len, scenarios))
    return [
        f"{name:<{width}}  {scenario.duration_s:g} s  {scenario.description.partition('. ')[0].rstrip('.')}"
        for name, scenario in scenarios.items()
    ]


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected seconds, got {text!r}") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected more than 0 seconds, got {text!r}")
    return value
