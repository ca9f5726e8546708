"""`galileo set SERVICE VARIABLE VALUE`: changes a setting of a service while it runs."""

from __future__ import annotations

import argparse

from galileo_schemas.events import SettingChange

from galileo_cli.asking import ask_and_print
from galileo_cli.joined_run import joining_environment

EXAMPLE = """examples:
  galileo set pressure_calculator schedule_scale_opt_max_threshold 0.2

Only settings that are marked live in docs/configuration.md can be changed so; the others take effect at a start. The
change lasts as long as the service's process."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", metavar="SERVICE", help="a service that runs")
    parser.add_argument("variable", metavar="VARIABLE", help="the setting's environment variable")
    parser.add_argument("value", metavar="VALUE", help="its new value, as in the environment")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    change = SettingChange(service=arguments.service, variable=arguments.variable, value=arguments.value)
    nobody = f"expected a service {arguments.service} that runs on this bus and is not cut off from it"
    return ask_and_print(change, joining_environment(arguments.env_file), nobody=nobody)
