"""Which processes belong to a run: those that work in the run's own folder. Read from /proc (Linux)."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunningProcess:
    """One process as /proc shows it, its command line as one text."""

    pid: int
    command: str


def processes_in(folder: Path) -> list[RunningProcess]:
    """All live processes that work in a folder or below: those of a run inherit it, and Valkey goes to its data."""
    wanted = Path(os.path.realpath(folder))
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if not Path(os.readlink(entry / "cwd")).is_relative_to(wanted):
                continue
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except OSError:
            continue  # it has ended meanwhile, or is another user's
        found.append(RunningProcess(int(entry.name), command))
    return found


def left_after(folder: Path, *, within_s: float) -> list[RunningProcess]:
    """The processes that still work in a folder when the time is over; returns as soon as there is none."""
    deadline = time.monotonic() + within_s
    while (left := processes_in(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
