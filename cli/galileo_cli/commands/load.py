"""`galileo load …`: lets the clients of a running emulation pause, go on, or move to another zone."""

from __future__ import annotations

import argparse

from galileo_schemas.event import Event
from galileo_schemas.events import ClientMove, ClientPause, ClientResume

from galileo_cli.asking import ask_and_print
from galileo_cli.joined_run import joining_environment

EXAMPLE = """examples:
  galileo load pause
  galileo load pause --fn resnet --zone zone-a
  galileo load resume
  galileo load move zone-a zone-b --fn resnet

What is due while clients pause is not sent, not counted, and not sent later."""

_NOBODY = "expected load clients that run on this bus (galileo emulate; --env-file DIR/env names one)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, summary in (("pause", "let clients send nothing"), ("resume", "let them go on")):
        action = actions.add_parser(name, help=summary, description=summary)
        action.add_argument("--zone", default="", metavar="ZONE", help="only those who call from there")
        _add_others(action)
    move = actions.add_parser("move", help="let clients call from another zone", description="move clients")
    move.add_argument("origin", metavar="FROM", help="the zone they call from now")
    move.add_argument("destination", metavar="TO", help="the zone they are to call from")
    _add_others(move)


def _add_others(action: argparse.ArgumentParser) -> None:
    action.add_argument("--fn", default="", metavar="FUNCTION", help="only those who call this function")
    action.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    return ask_and_print(_ask(arguments), joining_environment(arguments.env_file), nobody=_NOBODY)


def _ask(asked: argparse.Namespace) -> Event:
    match asked.action:
        case "pause":
            return ClientPause(fn=asked.fn, zone=asked.zone)
        case "resume":
            return ClientResume(fn=asked.fn, zone=asked.zone)
        case _:
            return ClientMove(fn=asked.fn, origin_zone=asked.origin, dest_zone=asked.destination)
