"""`galileo emulate` in a terminal: the view comes up, takes keys, and gives the terminal back with what was said."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.harness import GALILEO, plain_environment
from tests.end_to_end.processes import left_after

LEAVES_SCREEN = b"\x1b[?1049l"
ENTERS_SCREEN = b"\x1b[?1049h"


class Terminal:
    """A terminal of 100 columns and 30 lines with a command in it."""

    def __init__(self, folder: Path, *command: str) -> None:
        self.written = b""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**plain_environment(), "TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def until(self, condition: Callable[[], bool], *, what: str, within_s: float) -> None:
        """Reads what is written to the terminal until the condition holds."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"no {what} within {within_s:.0f} s\n{self.written[-3000:]!r}"
            if select.select([self._ours], [], [], 0.1)[0]:
                try:
                    self.written += os.read(self._ours, 65536)
                except OSError:  # the other side has gone
                    return

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.mark.timeout(180)
def test_the_view_comes_up_takes_keys_and_gives_the_terminal_back_with_the_report(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, str(GALILEO), "emulate", "--duration", "60", "--out", "out")
    try:
        terminal.until(lambda: ENTERS_SCREEN in terminal.written, what="view", within_s=60)
        terminal.until(lambda: b" of 60 s" in terminal.written, what="first request in the header", within_s=60)
        terminal.type(b"?")
        terminal.until(lambda: b"move clients: of a function" in terminal.written, what="help", within_s=10)
        terminal.type(b"?")
        terminal.type(b"p")
        asked = b"asked: pause all clients"
        terminal.until(lambda: asked in terminal.written, what="ask in the log", within_s=10)
        terminal.type(b"\x03")
        terminal.until(lambda: terminal.process.poll() is not None, what="end", within_s=40)
        terminal.until(lambda: b"report:" in terminal.written, what="report", within_s=5)
    finally:
        terminal.close()
        assert left_after(tmp_path, within_s=5.0) == []
    before, _, after = terminal.written.partition(LEAVES_SCREEN)
    assert terminal.process.returncode == 0
    assert b"Traceback" not in terminal.written
    for said in (b"join in:   source out/env", b"gateway  zone-a: http://", b"report:    out/report.html"):
        assert said in after, f"{said!r} is not on the normal screen: {after!r}"
    assert b"galileo: people-move" in before.partition(ENTERS_SCREEN)[0]
