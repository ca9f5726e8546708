"""`galileo fault …`: breaks something in a running emulation, or mends it."""

from __future__ import annotations

import argparse

from galileo_schemas.event import Event
from galileo_schemas.events import Fault, FaultEnd

from galileo_cli.asking import ask_and_print
from galileo_cli.durations import read_duration_s
from galileo_cli.joined_run import joining_environment

EXAMPLE = """examples:
  galileo fault kill-node edge-2 --for 30s
  galileo fault restore-node edge-2
  galileo fault add-latency zone-a zone-b 150 --for 1m
  galileo fault remove-latency zone-a zone-b
  galileo fault burn-cpu edge-1 2
  galileo fault stop-burning edge-1
  galileo fault cut-bus trace_recorder --half-open --for 20s
  galileo fault restore-bus trace_recorder

What has begun, ended or was refused is printed; 0 when it was done, 1 when not."""

_NOBODY = "expected an emulation that runs on this bus (galileo emulate; --env-file DIR/env names one)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, summary: str, *words: tuple[str, str], begins: bool) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=summary, description=summary)
        for word, meaning in words:
            made.add_argument(word.lower(), metavar=word, help=meaning)
        if begins:
            made.add_argument(
                "--for", dest="for_s", type=_duration, default=0.0, metavar="TIME", help="30s, 2m; until it is ended"
            )
        made.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")
        return made

    node = ("NODE", "a node's name")
    places = (("ORIGIN", "a zone or a node"), ("DESTINATION", "another one, or the same zone"))
    service = ("SERVICE", "a service's name, or gateway-ZONE")
    action("kill-node", "let a node fail at once, without a word", node, begins=True)
    action("restore-node", "bring a killed node back", node, begins=False)
    latency = action("add-latency", "let round trips take longer", *places, begins=True)
    latency.add_argument("ms", type=_number, metavar="MS", help="milliseconds more")
    action("remove-latency", "let them take their own time again", *places, begins=False)
    burn = action("burn-cpu", "use cores of a node for something else", node, begins=True)
    burn.add_argument("cores", type=_number, metavar="CORES", help="how many, such as 1.5")
    action("stop-burning", "give them back", node, begins=False)
    cut = action("cut-bus", "cut a service off from the bus", service, begins=True)
    cut.add_argument("--half-open", action="store_true", help="connections stay open and carry nothing")
    action("restore-bus", "let it reach the bus again", service, begins=False)


def execute(arguments: argparse.Namespace) -> int:
    return ask_and_print(_ask(arguments), joining_environment(arguments.env_file), nobody=_NOBODY)


def _ask(asked: argparse.Namespace) -> Event:
    match asked.action:
        case "kill-node":
            return Fault(kind="kill_node", node=asked.node, duration_s=asked.for_s)
        case "restore-node":
            return FaultEnd(kind="kill_node", node=asked.node)
        case "add-latency":
            return Fault(
                kind="add_latency",
                origin=asked.origin,
                destination=asked.destination,
                latency_ms=asked.ms,
                duration_s=asked.for_s,
            )
        case "remove-latency":
            return FaultEnd(kind="add_latency", origin=asked.origin, destination=asked.destination)
        case "burn-cpu":
            return Fault(kind="burn_cpu", node=asked.node, cores=asked.cores, duration_s=asked.for_s)
        case "stop-burning":
            return FaultEnd(kind="burn_cpu", node=asked.node)
        case "cut-bus":
            return Fault(kind="cut_bus", service=asked.service, half_open=asked.half_open, duration_s=asked.for_s)
        case _:
            return FaultEnd(kind="cut_bus", service=asked.service)


def _duration(text: str) -> float:
    try:
        return read_duration_s(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value
