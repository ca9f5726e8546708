"""One process of the emulation: started, ready, watched, stopped. It never outlives its parent.

A child of ours prints one JSON line when it is ready, and may print more of them later; what else it says goes to its
log file. It is in a session of its
own, so that Ctrl-C reaches the parent alone, which then stops the children in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
READY_TIMEOUT_S = 30.0


class ChildFailedError(RuntimeError):
    """A process ended before it was ready; one line with its name, its status and the end of its log."""


class ChildProcess:
    """A process by name. `ended` is called with its exit status when it ends without being stopped, `told` with each
    JSON object that it prints besides the one by which it is ready.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        log_folder: Path,
        ended: Callable[[ChildProcess, int], None] | None = None,
        told: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.name = name
        self.log_file = log_folder / f"{name}.log"
        self.facts: dict[str, Any] = {}
        """What it said when it was ready; empty until then."""
        self._command = list(command)
        self._environ = dict(environ)
        self._ended = ended
        self._told = told
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int:
        """The process id. Raises `RuntimeError` before it was started."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Starts it, not waiting until it is ready."""
        self._stopping = False
        self.facts = {}
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._spoken = asyncio.Event()
        self._watch = asyncio.get_running_loop().create_task(self._watch_over(self._process), name=f"watch {self.name}")

    async def ready(self) -> dict[str, Any]:
        """Waits for its ready line and returns what it says there. Raises `ChildFailedError`."""
        process = self._process
        if process is None:
            raise RuntimeError(f"{self.name} was not started")
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await self._spoken.wait()
        except TimeoutError:
            raise ChildFailedError(self._failure(f"was not ready within {READY_TIMEOUT_S:.0f} s")) from None
        if self.facts:
            return self.facts
        raise ChildFailedError(self._failure(f"ended with status {await process.wait()} before it was ready"))

    async def stop(self, *, patience_s: float) -> None:
        """Asks it to end, and makes it after `patience_s`."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(patience_s):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._watch is not None:
            await self._watch

    async def _watch_over(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None, "its standard output is a pipe"
        try:
            while line := await process.stdout.readline():
                self._hear(line)
        finally:
            self._spoken.set()  # there is nothing more to wait for
        status = await process.wait()
        if not self._stopping and self._ended is not None:
            self._ended(self, status)

    def _hear(self, line: bytes) -> None:
        try:
            facts = json.loads(line)
        except ValueError:
            return  # something else that it prints
        if isinstance(facts, dict) and facts.get("ready"):
            self.facts = facts
            self._spoken.set()
        elif isinstance(facts, dict) and self._told is not None:
            self._told(facts)

    def _failure(self, what: str) -> str:
        lines = self.log_file.read_text(errors="replace").strip().splitlines()
        last = f": {lines[-1]}" if lines else ""
        return f"{self.name} {what}{last} (log: {self.log_file})"


def _load_libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


_libc = _load_libc()


def _die_with_parent() -> None:
    """Linux: the kernel ends the child when its parent dies, however it dies."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
