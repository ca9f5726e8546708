"""A command that goes on while others are typed, and whose answer is read line by line."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.end_to_end.kubectl.transcript import COMES_ABOUT_WITHIN_S, line_pattern, plain


class Typing:
    """Started at once; ended at the end of its `with`, if it has not ended by then."""

    def __init__(self, command: str, *, folder: Path, environ: Mapping[str, str]) -> None:
        self.command = command
        self._read: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._take_lines, args=(self._process.stdout,), name=command)
        self._reader.start()

    def _take_lines(self, output: IO[str]) -> None:
        with output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)

    def until_line(self, wanted: str) -> None:
        """Reads on until a line is as written, `*` being any text. Fails when it does not come."""
        pattern = line_pattern(wanted)
        deadline = time.monotonic() + COMES_ABOUT_WITHIN_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            self._read.append(line)
            if pattern.fullmatch(plain(line)):
                return
        raise AssertionError(f"{self.command}: no line {wanted!r} came\n{''.join(self._read)}")

    def ends(self, *, within_s: float = COMES_ABOUT_WITHIN_S) -> int:
        """Its exit code."""
        with self:
            return self._process.wait(within_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
