"""`galileo check PLUGIN`: what a service of one's own still lacks."""

from __future__ import annotations

import argparse

from galileo_cli.plugin_check.checks import check
from galileo_cli.plugin_check.subject import subject_of

EXAMPLE = """examples:
  galileo check hot_gateways.py
  galileo check my_package.hot_gateways
  galileo check hot_gateways            (an installed plug-in)

The plug-in is imported, not run. The exit status is 1 when something is wrong; hints do not count. Calls that block
and decisions without key or expiry are found where the source shows them, so that not all are."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plugin", metavar="PLUGIN", help="a Python file, a module, or an installed plug-in's name")


def execute(arguments: argparse.Namespace) -> int:
    wrong = 0
    for checked in check(subject_of(arguments.plugin)):
        faults = [finding for finding in checked.findings if not finding.is_hint]
        for finding in checked.findings:
            print(f"{'hint ' if finding.is_hint else 'wrong'}  {finding.text}")
        if not faults:
            print(f"ok     {checked.well}")
        wrong += len(faults)
    if wrong:
        print(f"{wrong} thing{'s are' if wrong > 1 else ' is'} wrong with {arguments.plugin}")
    return 1 if wrong else 0
