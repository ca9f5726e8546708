"""`galileo config [SERVICE]`: every setting, its effective value, and which variable gave it."""

from __future__ import annotations

import argparse
import sys

from galileo_bus.service.settings import Effective, Settings

from galileo_cli.connections import BusSettings, DatabaseSettings, EtcdConnectionSettings
from galileo_cli.elections import ElectionSettings
from galileo_cli.environment import effective_environment
from galileo_cli.plugins.loading import PluginError
from galileo_cli.process import ProcessSettings
from galileo_cli.service_table import known_names, service_class

EXAMPLE = """examples:
  galileo config pressure_calculator
  galileo config --env-file runs/latest/env weight_optimizer
  galileo config connections"""

SHARED: tuple[type[Settings], ...] = (
    BusSettings,
    EtcdConnectionSettings,
    DatabaseSettings,
    ElectionSettings,
    ProcessSettings,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    known = ", ".join(("connections", *known_names()))
    parser.add_argument("names", nargs="*", metavar="SERVICE", help=f"one or more of: {known}; all otherwise")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    environ = effective_environment(arguments.env_file)
    broken = 0
    for name in arguments.names or ["connections", *known_names()]:
        try:
            found = settings_of(name)
        except PluginError as error:  # the others are shown all the same
            print(f"galileo: {error}", file=sys.stderr)
            broken += 1
            continue
        print(name)
        for settings in found:
            for row in settings.effective(environ):
                print(f"  {_row(row)}")
    return 1 if broken else 0


def settings_of(name: str) -> tuple[type[Settings], ...]:
    """The settings classes of a service, or of what all processes share (`connections`)."""
    return SHARED if name == "connections" else (service_class(name).settings_type(),)


def _row(row: Effective) -> str:
    value = "***" if row.variable.secret and row.value else shown_value(row.value)
    origin = "default" if row.given_by is None else f"from {row.given_by}"
    return f"{row.variable.names[0]} = {value}   ({origin}; {row.variable.doc})"


def shown_value(value: object) -> str:
    """A value as it would be written into the environment."""
    if value is None:
        return "(not set)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "(none)"
    if isinstance(value, dict):
        return " ".join(f"{name}={item:g}" for name, item in value.items()) or "(none)"
    return f"{value:g}" if isinstance(value, float) else str(value)
