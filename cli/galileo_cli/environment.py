"""Environment files: `[export] name=value` lines, as a shell can source them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

LATEST_RUN = Path("runs/latest/env")


class EnvironmentFileError(ValueError):
    """A line is no assignment; file, line and what was expected."""


def read_environment(path: Path) -> dict[str, str]:
    """Reads a file. Raises `EnvironmentFileError`, also when it cannot be read."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise EnvironmentFileError(f"{path}: cannot be read ({error.strerror})") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        if not equals or not name.strip().isidentifier():
            raise EnvironmentFileError(f"{path}:{number}: expected name=value, got {text!r}")
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise EnvironmentFileError(f"{path}:{number}: {error}") from error
        found[name.strip()] = words[0] if words else ""
    return found


def write_environment(path: Path, variables: Mapping[str, str]) -> None:
    """Writes a file that a shell can source."""
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))


def effective_environment(env_file: str | None) -> dict[str, str]:
    """The process's environment; below it a file's, if one is given.

    Without a file and without any `galileo_redis_…` variable, the file of the run that was started last in this folder.
    """
    if env_file is not None:
        return {**read_environment(Path(env_file)), **os.environ}
    told = any(name.startswith("galileo_redis_") for name in os.environ)
    if not told and LATEST_RUN.is_file():
        return {**read_environment(LATEST_RUN), **os.environ}
    return dict(os.environ)
