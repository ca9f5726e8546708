"""The command `galileo`. Only what is needed to know the command is imported before Ctrl-C is waited for."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from importlib.metadata import version
from types import ModuleType

COMMANDS: dict[str, str] = {
    "emulate": "run an emulated edge cloud under load, and report",
    "report": "make a run's report again",
    "watch": "show a running Galileo, live in the terminal",
    "run": "run services, ours or yours",
    "new": "write a service of your own, to begin with",
    "check": "tell what a service of yours still lacks",
    "services": "list the services that run, and how they are",
    "events": "watch events, say one, look back on them",
    "fault": "break something in a running emulation, or mend it",
    "load": "let its clients pause, go on or move",
    "set": "change a setting of a service while it runs",
    "why": "tell why a pod is there",
    "config": "show a service's settings and where they come from",
    "schemas": "write JSON Schemas and an AsyncAPI document of all events",
    "docs": "write the pages that are made from the code",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        return _main(words)
    except KeyboardInterrupt:
        if words[:1] == ["emulate"]:
            print("galileo: stopped before the run began", file=sys.stderr)
        return 130


def _main(words: list[str]) -> int:
    chosen = words[0] if words and words[0] in COMMANDS else None
    parser = argparse.ArgumentParser(
        prog="galileo",
        description="Watches an edge cluster, decides and acts. See `galileo COMMAND --help`.",
    )
    parser.add_argument("--version", action="version", version=f"galileo-edge {version('galileo-edge')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if name != chosen:
            commands.add_parser(name, help=summary, add_help=False)
    if not words:
        parser.print_help()
        return 0
    if chosen is None:
        parser.parse_args(words)  # --help, --version, or an error
        return 2
    module = importlib.import_module(f"galileo_cli.commands.{chosen}")
    command = commands.add_parser(
        chosen,
        help=COMMANDS[chosen],
        description=COMMANDS[chosen],
        epilog=module.EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(command)
    parsed = parser.parse_args(words)
    return _execute(module, parsed)


def _execute(module: ModuleType, parsed: argparse.Namespace) -> int:
    """Runs the command of a module; what a person can mend becomes one line."""
    from galileo_bus.service.settings import SettingError
    from galileo_bus.transport import TransportRefusedError, TransportUnavailableError
    from galileo_schemas.frame import FrameError

    from galileo_cli.environment import EnvironmentFileError
    from galileo_cli.joined_run import RunEndedError, no_bus
    from galileo_cli.plugins.loading import PluginError
    from galileo_cli.service_table import UnknownServiceError

    try:
        return int(module.execute(parsed))
    except BrokenPipeError:  # whoever read from us has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except TransportRefusedError as error:  # there is a bus, and it says no
        print(f"galileo: {error}", file=sys.stderr)
        return 2
    except TransportUnavailableError as error:
        print(f"galileo: {no_bus(getattr(parsed, 'env_file', None), str(error))}", file=sys.stderr)
        return 2
    except (
        SettingError,
        EnvironmentFileError,
        RunEndedError,
        UnknownServiceError,
        PluginError,
        FrameError,
    ) as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
