"""`galileo emulate`: an edge cloud on this machine, under load."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import logging
import os
import signal
import sys
import time
from pathlib import Path

from galileo_bus.service.logs import set_up_logs
from galileo_emulation.world_file import WorldFileError
from galileo_experiments.scenario import Scenario, ScenarioError
from galileo_experiments.scenario_file import load_scenario, shipped_scenarios

from galileo_cli.emulate.progress import Progress, new_progress
from galileo_cli.emulate.run import emulate, folder_of
from galileo_cli.emulate.run_folder import NoFolderError
from galileo_cli.emulate.screenshot import ScreenshotProgress
from galileo_cli.emulate.settings_check import check_values
from galileo_cli.emulate.supervisor import default_folder
from galileo_cli.joined_run import leave_joined_run
from galileo_cli.process import run_async
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.shown_run import ShownRun

EXAMPLE = """examples:
  galileo emulate
  galileo emulate --list
  galileo emulate spike
  galileo emulate --duration 60 --seed 7 --out runs/try
  galileo emulate my-scenario.yaml --plain
  galileo emulate --screenshot view.svg --at 76"""

PICTURE_AT_S = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(shipped_scenarios())
    parser.add_argument("scenario", nargs="?", default="default", help=f"a YAML file, or one of: {names}")
    parser.add_argument("--duration", type=_positive, metavar="S", help="seconds of load; the scenario's own otherwise")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all randomness; the scenario's own otherwise")
    parser.add_argument("--out", metavar="DIR", help="folder for the run; a new one under runs/ otherwise")
    parser.add_argument("--list", action="store_true", help="list the scenarios that come with Galileo, and end")
    parser.add_argument(
        "--world", metavar="FILE", help="keep the world in a file, and go on with the one that is in it"
    )
    parser.add_argument(
        "--plain", "--no-ui", action="store_true", help="plain lines instead of the live view, as where no terminal is"
    )
    parser.add_argument("--screenshot", metavar="FILE.svg", help="save a picture of the live view; says plain lines")
    parser.add_argument("--at", type=_positive, metavar="S", help="its moment: seconds after the first request; 10")


def execute(arguments: argparse.Namespace) -> int:
    if arguments.list:
        for line in scenario_lines():
            print(line)
        return 0
    if (note := leave_joined_run(os.environ)) is not None:
        print(f"note: {note}", file=sys.stderr)
    if (wrong := _wrong_picture(arguments)) is not None:
        print(f"galileo: {wrong}", file=sys.stderr)
        return 2
    try:
        scenario = load_scenario(arguments.scenario, duration_s=arguments.duration, seed=arguments.seed)
    except ScenarioError as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2
    if arguments.world:
        scenario = _kept_in(scenario, arguments.world)
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
        run = ShownRun(f"{scenario.name}, seed {scenario.seed}", duration_s=scenario.duration_s)
        progress: Progress
        if arguments.screenshot:
            file = Path(arguments.screenshot)
            progress = ScreenshotProgress(LiveState(), run, file=file, at_s=arguments.at or PICTURE_AT_S)
        else:
            progress = new_progress(LiveState(), run, plain=arguments.plain, quit_asked=stop.set)
        return await emulate(scenario, folder, progress, stop)

    try:
        return run_async(work())
    except (FileExistsError, NoFolderError, WorldFileError) as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2


def _kept_in(scenario: Scenario, world_file: str) -> Scenario:
    """The scenario with the setting for `--world`, which wins over what its file says."""
    setting = {"galileo_emulation_world_file": str(Path(world_file).resolve())}
    return dataclasses.replace(scenario, settings={**scenario.settings, **setting})


def scenario_lines() -> list[str]:
    """A line for each shipped scenario: its name, its length, and the first sentence of its description."""
    scenarios = {name: load_scenario(name) for name in shipped_scenarios()}
    width = max(map(len, scenarios))
    return [
        f"{name:<{width}}  {scenario.duration_s:g} s  {scenario.description.partition('. ')[0].rstrip('.')}"
        for name, scenario in scenarios.items()
    ]


def _wrong_picture(arguments: argparse.Namespace) -> str | None:
    """Why no picture could be saved, before two minutes have passed; None when it can or is not wanted."""
    if arguments.screenshot is None:
        return "--at is the moment of a picture: expected --screenshot FILE.svg with it" if arguments.at else None
    folder = Path(arguments.screenshot).parent
    return None if folder.is_dir() else f"--screenshot {arguments.screenshot}: there is no folder {folder}"


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected seconds, got {text!r}") from None
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected more than 0 seconds, got {text!r}")
    return value
