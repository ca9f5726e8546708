"""Runs other people's code for the first time: whatever it raises becomes one line that says where.

A module that fails half way has perhaps registered event types before; they are taken back, and nothing of it stays.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from galileo_schemas.event import KINDS_BY_NAME, KINDS_BY_TYPE


class PluginError(Exception):
    """Somebody's service cannot be used; one line that says which, why, and what was expected."""


@contextmanager
def loading(what: str) -> Iterator[None]:
    """Imports within the block. Raises `PluginError` that begins with `what`."""
    known = set(KINDS_BY_NAME)
    try:
        yield
    except PluginError:
        raise
    except (Exception, SystemExit) as error:  # any code may stand in a module
        for name in KINDS_BY_NAME.keys() - known:
            del KINDS_BY_TYPE[KINDS_BY_NAME.pop(name).type]
        raise PluginError(f"{what} cannot be loaded: {type(error).__name__}: {_in_one_line(error)}") from error


def _in_one_line(error: BaseException) -> str:
    text = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    where = _where(error)
    return f"{text} ({where})" if where else text


def _where(error: BaseException) -> str:
    """The line of other people's code that raised it; empty when that was ours or Python's own."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}:{error.lineno}"
    theirs = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not any(part in frame.filename for part in ("<frozen", "importlib", "galileo_cli", "galileo_schemas"))
    ]
    return f"{Path(theirs[-1].filename).name}:{theirs[-1].lineno}" if theirs else ""
