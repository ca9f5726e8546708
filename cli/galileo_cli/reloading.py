"""`galileo run FILE --reload`: the services run in a process of their own, which is ended and started anew on a change.

    files watched (time of change, size) → differ → does it compile? → SIGTERM, wait for the clean stop → start

Watched are the files named and the modules beside them that they import, directly or through one another, and the file
of settings. A process of its own, since what a module has left behind in memory cannot be taken back.
"""

from __future__ import annotations

import ast
import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from galileo_cli.environment import effective_environment
from galileo_cli.process import run_async, until_told_to_stop

LOOK_EVERY_S = 0.5
LAST_LINES = 4

Version = dict[Path, tuple[int, int]]


def watched_files(files: Iterable[Path]) -> set[Path]:
    """The files and all modules beside them that they import; one that cannot be read or parsed imports nothing."""
    found: set[Path] = set()
    waiting = [file.resolve() for file in files]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imported_beside(file)
    return found


def _imported_beside(file: Path) -> list[Path]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            names += [module.rstrip("."), *(f"{module}{alias.name}" for alias in node.names)]
    return [path for name in names if name for path in _modules(file.parent, name)]


def _modules(folder: Path, name: str) -> list[Path]:
    parts = name.split(".")
    stems = [folder.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    paths = [path for stem in stems for path in (stem.with_suffix(".py"), stem / "__init__.py")]
    return [path for path in paths if path.is_file()]


def version_of(files: Iterable[Path]) -> Version:
    """What tells whether a file has changed; a file that is not there has none."""
    found: Version = {}
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        found[file] = (status.st_mtime_ns, status.st_size)
    return found


def why_not_compiled(files: Iterable[Path]) -> str | None:
    """One line and the end of the traceback for the first file that is no Python; None when all are."""
    for file in sorted(files):
        try:
            compile(file.read_bytes(), str(file), "exec")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 0
            last = "".join(traceback.format_exception_only(error)).rstrip().splitlines()[-LAST_LINES:]
            return "\n".join([f"galileo: {file}:{line}: {getattr(error, 'msg', None) or error}", *last])
        except OSError as error:
            return f"galileo: {file}: cannot be read ({error.strerror})"
    return None


def run_reloading(files: Sequence[Path], command: Sequence[str], *, env_file: str | None) -> int:
    """Runs `command` again and again until told to stop; returns the exit status."""
    settings = [Path(env_file)] if env_file else []

    async def work(stop: asyncio.Event) -> None:
        await _Reloading(files, settings, command).run(stop)

    return run_async(until_told_to_stop(work, effective_environment(env_file)))


class _Reloading:
    def __init__(self, files: Sequence[Path], settings: Sequence[Path], command: Sequence[str]) -> None:
        self._files = files
        self._settings = settings
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._told_of_its_end = True

    async def run(self, stop: asyncio.Event) -> None:
        modules = watched_files(self._files)
        seen = version_of([*modules, *self._settings])
        try:
            await self._restart(modules)
            while not stop.is_set():
                await _wait(stop, LOOK_EVERY_S)
                self._tell_of_its_end()
                now = version_of([*modules, *self._settings])
                if now != seen and not stop.is_set():
                    changed = sorted(str(path) for path in {*now, *seen} if now.get(path) != seen.get(path))
                    _say(f"{', '.join(changed)} changed")
                    complete = why_not_compiled(self._files) is None
                    # While a file does not compile, what it imported before is still what is waited for.
                    modules = watched_files(self._files) | (set() if complete else modules)
                    seen = version_of([*modules, *self._settings])
                    await self._restart(modules)
        finally:
            await self._end()

    async def _restart(self, modules: set[Path]) -> None:
        complaint = why_not_compiled(modules)
        await self._end()
        if complaint is not None:
            print(f"{complaint}\ngalileo: waiting for the next change", file=sys.stderr, flush=True)
            return
        self._process = await asyncio.create_subprocess_exec(*self._command, env=_environment())
        self._told_of_its_end = False

    def _tell_of_its_end(self) -> None:
        process = self._process
        if process is not None and process.returncode is not None and not self._told_of_its_end:
            self._told_of_its_end = True
            _say(f"the services ended with status {process.returncode}; waiting for the next change")

    async def _end(self) -> None:
        """A clean stop, however long it takes: two lives side by side would act twice."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


def _environment() -> dict[str, str]:
    """Bytecode is kept by the second of a change: of two changes within one, the older code would run."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _say(text: str) -> None:
    print(f"galileo: {text}", file=sys.stderr, flush=True)


def python_files(names: Sequence[str]) -> list[Path]:
    """Those of the names that are Python files."""
    return [Path(name) for name in names if name.endswith(".py")]
