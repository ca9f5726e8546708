"""A local function's process: started in a group of its own, its output read into a log, ended with its group.

LocalProcess -> local_main (own process) -> the person's code, which answers on HOST:PORT
            <- output, exit code
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping

from galileo_schemas.local_image import LocalImage

from galileo_emulation.functions.container_log import LONGEST_LINE_BYTES, ContainerLog

_BY_SIGNAL = 128  # added to a signal's number, as shells and container runtimes write exit codes


class LocalProcess:
    """One process. `ended` is called with its exit code when it has ended, whoever ended it."""

    def __init__(
        self,
        image: LocalImage,
        *,
        environment: Mapping[str, str],
        log: ContainerLog,
        now: Callable[[], float],
        ended: Callable[[int], None],
    ) -> None:
        self._image = image
        self._environment = dict(environment)
        self._log = log
        self._now = now
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[int] | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None before the start and after the end."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start it; raises OSError if the file is not there or cannot be executed."""
        path = self._image.path
        if not path.is_file():
            raise FileNotFoundError(f"{path}: there is no such file")
        if path.suffix != ".py" and not os.access(path, os.X_OK):
            raise PermissionError(f"{path}: expected a Python file (.py) or a program that may be executed")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "galileo_emulation.functions.local_main",
            str(os.getpid()),
            str(path),
            self._image.attribute,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self._environment},
            cwd=path.parent,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LONGEST_LINE_BYTES,
            start_new_session=True,
        )
        self._watch = asyncio.create_task(self._watch_over(self._process), name=f"local function {path.name}")

    def kill(self) -> None:
        """End it and its group at once; `ended` is called when that is done."""
        self._signal(signal.SIGKILL)

    async def stop(self, *, grace_s: float) -> int:
        """Ask it to end (SIGTERM), kill it after `grace_s`; the answer is its exit code."""
        if self._watch is None:
            return 0
        try:
            if grace_s > 0.0:
                self._signal(signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(grace_s):
                        return await asyncio.shield(self._watch)
        finally:
            self._signal(signal.SIGKILL)
        return await self._watch

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._watch is not None and not self._watch.done():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _watch_over(self, process: asyncio.subprocess.Process) -> int:
        assert process.stdout is not None
        reading = asyncio.create_task(self._read(process.stdout), name="local function's output")
        try:
            status = await process.wait()
            # What it started may hold its output open, and is not to outlive it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await reading
        finally:
            reading.cancel()
        code = status if status >= 0 else _BY_SIGNAL - status
        self._ended(code)
        return code

    async def _read(self, output: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await output.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                if end.partial:
                    self._log.write(self._now(), end.partial)
                return
            except asyncio.LimitOverrunError as long:
                line = await output.readexactly(long.consumed)
            self._log.write(self._now(), line.rstrip(b"\r\n"))
