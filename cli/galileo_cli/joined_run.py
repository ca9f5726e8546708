"""Which run a command joins, and one line where that run is no more: a run's folder outlives its servers.

the environment file in use → run.json beside it → has it ended?
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from datetime import datetime
from pathlib import Path

import msgspec

from galileo_cli.environment import (
    LATEST_RUN,
    SEARCH_PATH,
    EnvironmentFileError,
    file_in_use,
    read_environment,
    variables_of,
)

RECORD = "run.json"
"""As `RunFolder.record` names it; what is needed of it is read here, so that commands start quickly."""

RUN_VARIABLE = "galileo_run"
"""In a run's environment file: its folder, for shells that have sourced it."""

_WHAT_TO_DO = "start one with `make emulate` (galileo emulate), or name another with --env-file DIR/env"


class RunEndedError(Exception):
    """There is nothing to join any more; one line that says since when, and what to do."""


class _End(msgspec.Struct):
    ended: float | None = None


def joining_environment(env_file: str | None) -> dict[str, str]:
    """The environment by which a command joins what runs.

    Raises `EnvironmentFileError`, and `RunEndedError` when it leads to a run that has ended.
    """
    file = file_in_use(env_file)
    ended = None if file is None else _ended(file)
    if file is not None and ended is not None:
        at = datetime.fromtimestamp(ended).strftime("%Y-%m-%d %H:%M:%S")
        raise RunEndedError(f"the run in {_folder(file)} has ended ({at}): {_WHAT_TO_DO}")
    return variables_of(file)


def leave_joined_run(environ: MutableMapping[str, str]) -> str | None:
    """Takes out of an environment what a run's `env` file has put there, for a run of its own; says so, if it did.

    A variable that has another value by now was set by somebody since, and stays.
    """
    joined = environ.pop(RUN_VARIABLE, None)
    if joined is None:
        return None
    try:
        variables = read_environment(Path(joined) / "env")
    except EnvironmentFileError:
        return f"this shell has sourced {joined}/env, which is gone: what it set holds for this run, too"
    for name, value in variables.items():
        if name != SEARCH_PATH and environ.get(name) == value:
            del environ[name]
    return f"what this shell has sourced of {joined}/env does not hold for this run"


def no_bus(env_file: str | None, error: str) -> str:
    """What to say when no bus has answered with `error`: what became of the run that should have one."""
    file = file_in_use(env_file)
    if file is not None and file.with_name(RECORD).is_file():
        return f"the run in {_folder(file)} does not answer, it has ended or was cut off: {_WHAT_TO_DO}"
    sourced = os.environ.get(RUN_VARIABLE)
    if file is None and sourced:
        return f"{error}; this shell has sourced {sourced}/env, of a run that has ended or was cut off"
    return error


def _ended(file: Path) -> float | None:
    """When the run of an environment file ended, unix seconds; None while it goes on, or where there is no run."""
    try:
        return msgspec.json.decode(file.with_name(RECORD).read_bytes(), type=_End).ended
    except (OSError, msgspec.MsgspecError):
        return None  # an environment file of its own, or a record that somebody has changed: it may well run


def _folder(file: Path) -> str:
    """The folder as it was named, with where `runs/latest` leads to."""
    return f"{file.parent} ({file.parent.resolve().name})" if file == LATEST_RUN else str(file.parent)
