"""Environment files: `[export] name=value` lines, as a shell can source them."""

from __future__ import annotations

import io
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

LATEST_RUN = Path("runs/latest/env")
SEARCH_PATH = "PATH"


class EnvironmentFileError(ValueError):
    """A line is no assignment; file, line and what was expected."""


def read_environment(path: Path) -> dict[str, str]:
    """Reads a file. Raises `EnvironmentFileError`, also when it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise EnvironmentFileError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise EnvironmentFileError(f"{path}: cannot be read (no UTF-8 text)") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        if not equals or not name.strip().isidentifier():
            raise EnvironmentFileError(f"{path}:{number}: expected name=value, got {text!r}")
        try:
            found[name.strip()] = _value(value)
        except ValueError as error:
            raise EnvironmentFileError(f"{path}:{number}: {error}") from error
    return found


def _value(text: str) -> str:
    """One word as a shell reads it; a comment may follow after a space. Raises `ValueError`."""
    source = io.StringIO(text)
    words = shlex.shlex(source, posix=True)
    words.whitespace_split, words.commenters = True, ""
    value = words.get_token()
    if value is None or (value.startswith("#") and text.startswith((" ", "\t"))):
        return ""
    rest = source.read().strip()
    if rest and not rest.startswith("#"):
        raise ValueError(f"expected one value, put quotes around {text.strip()!r}")
    return value


def write_environment(path: Path, variables: Mapping[str, str], *, programs: Path | None = None) -> None:
    """Writes a file that a shell can source; `programs` is a folder for the end of its PATH."""
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    if programs is not None:  # the last, so that what people have installed goes before it
        lines.append(f'export PATH="$PATH":{shlex.quote(str(programs))}\n')
    path.write_text("".join(lines))


def file_in_use(env_file: str | None) -> Path | None:
    """The file whose variables count below those of the process: the one given, if one is.

    Without one and without any `galileo_redis_…` variable, that of the run that was started last in this folder.
    """
    if env_file is not None:
        return Path(env_file)
    told = any(name.startswith("galileo_redis_") for name in os.environ)
    return LATEST_RUN if not told and LATEST_RUN.is_file() else None


def effective_environment(env_file: str | None) -> dict[str, str]:
    """The process's environment; below it that of `file_in_use`. Raises `EnvironmentFileError`."""
    return variables_of(file_in_use(env_file))


def variables_of(file: Path | None) -> dict[str, str]:
    """The process's environment; below it a file's. Raises `EnvironmentFileError`."""
    if file is None:
        return dict(os.environ)
    found = read_environment(file)
    found.pop(SEARCH_PATH, None)  # a file's is for the shell that sources it, which knows what $PATH is
    return {**found, **os.environ}
