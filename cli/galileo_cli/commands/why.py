"""`galileo why POD`: the chain of events from the pressure to the weights."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from galileo_cli.causes import chain_of, read_said
from galileo_cli.environment import effective_environment
from galileo_cli.told_events import sentence

EXAMPLE = """examples:
  galileo why resnet-deployment-1a2b3
  galileo why resnet-deployment-1a2b3 --log runs/latest/events.log"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pod", help="the pod's name")
    parser.add_argument("--log", metavar="FILE", help="event log; the latest run's otherwise")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    log = arguments.log or effective_environment(arguments.env_file).get("event_recorder_log")
    if log is None:
        print("galileo: no event log is known; name one with --log FILE (event_recorder_log)", file=sys.stderr)
        return 2
    path = Path(log)
    if not path.is_file():
        print(f"galileo: {path}: there is no such event log", file=sys.stderr)
        return 2
    chain = chain_of(read_said(path.read_bytes().splitlines()), arguments.pod)
    if not chain:
        print(f"galileo: no event in {path} is about a pod {arguments.pod!r}", file=sys.stderr)
        return 1
    for said in chain:
        clock = datetime.fromtimestamp(said.ts).strftime("%H:%M:%S.%f")[:-3]
        print(f"{clock}  {said.name:<17} {said.source:<20} {sentence(said)}")
    return 0
