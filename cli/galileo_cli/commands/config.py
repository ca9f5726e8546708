"""`galileo config [SERVICE]`: every setting, its effective value, and where it comes from."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from galileo_bus.service.settings import Effective, Settings

from galileo_cli.connections import BusSettings, DatabaseSettings, EtcdConnectionSettings
from galileo_cli.elections import ElectionSettings
from galileo_cli.environment import file_in_use, read_environment, variables_of
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

HIDDEN = "***"
_PASSWORD = re.compile(r"(://[^\s:/@]*):\S*@")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    known = ", ".join(("connections", *known_names()))
    parser.add_argument("names", nargs="*", metavar="SERVICE", help=f"one or more of: {known}; all otherwise")
    parser.add_argument("--env-file", metavar="FILE", help="settings, one name=value a line")


def execute(arguments: argparse.Namespace) -> int:
    file = file_in_use(arguments.env_file)
    environ = variables_of(file)
    chosen: list[tuple[str, tuple[type[Settings], ...]]] = []
    broken = 0
    for name in arguments.names or ["connections", *known_names()]:
        try:
            chosen.append((name, settings_of(name)))
        except PluginError as error:  # the others are shown all the same
            print(f"galileo: {error}", file=sys.stderr)
            broken += 1
    if file is not None and arguments.env_file is None:
        print(f"galileo: with {file}, of the run that was started last in this folder", file=sys.stderr, flush=True)
    for name, classes in chosen:
        print(name)
        for settings in classes:
            for row in settings.effective(environ):
                print(f"  {_row(row, file)}")
    return 1 if broken else 0


def settings_of(name: str) -> tuple[type[Settings], ...]:
    """The settings classes of a service, or of what all processes share (`connections`)."""
    return SHARED if name == "connections" else (service_class(name).settings_type(),)


def _row(row: Effective, file: Path | None) -> str:
    value = HIDDEN if row.variable.secret and row.value else without_password(shown_value(row.value))
    return f"{row.variable.names[0]} = {value}   ({_origin(row, file)}; {row.variable.doc})"


def _origin(row: Effective, file: Path | None) -> str:
    """Where a value comes from: the process's environment goes before the file."""
    if row.given_by is None:
        return "default"
    named = "" if row.given_by == row.variable.names[0] else f"by {row.given_by} "
    given_here = [name for name in os.environ if row.variable.reads(name)]
    if row.variable.is_family:
        in_file = file is not None and any(row.variable.reads(name) for name in read_environment(file))
        places = (["the environment"] if given_here else []) + ([str(file)] if in_file else [])
        return f"{named}from {' and '.join(places)}"
    return f"{named}from {'the environment' if row.given_by in given_here else file}"


def without_password(text: str) -> str:
    """The text with the passwords of the URLs in it hidden: `redis://user:***@host`."""
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", text)


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
