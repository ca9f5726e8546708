"""One process of the emulation: started, ready, watched, stopped. It never outlives its parent.

A child of ours prints one JSON line when it is ready; what else it says goes to its log file. It is in a session of its
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
    """A process by name. `ended` is called with its exit status when it ends without being stopped."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        log_folder: Path,
        ended: Callable[[ChildProcess, int], None] | None = None,
    ) -> None:
        self.name = name
        self.log_file = log_folder / f"{name}.log"
        self.facts: dict[str, Any] = {}
        """What it said when it was ready; empty until then."""
        self._command = list(command)
        self._environ = dict(environ)
        self._ended = ended
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
        self._watch = asyncio.get_running_loop().create_task(self._watch_over(), name=f"watch {self.name}")

    async def ready(self) -> dict[str, Any]:
        """Waits for its ready line and returns what it says there. Raises `ChildFailedError`."""
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError(f"{self.name} was not started")
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                while line := await process.stdout.readline():
                    with contextlib.suppress(ValueError):
                        facts = json.loads(line)
                        if isinstance(facts, dict) and facts.get("ready"):
                            self.facts = facts
                            return facts
        except TimeoutError:
            raise ChildFailedError(self._failure(f"was not ready within {READY_TIMEOUT_S:.0f} s")) from None
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

    async def _watch_over(self) -> None:
        if self._process is None:
            return
        status = await self._process.wait()
        if not self._stopping and self._ended is not None:
            self._ended(self, status)

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
