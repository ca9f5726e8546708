"""What a real process uses of this machine: CPU time and memory, of it and of the processes that it has started."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil


class ProcessUse:
    """Measures the process `pid` and those below it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.cpu_s = 0.0
        """Cumulative CPU seconds."""
        self.memory_bytes = 0
        """Resident memory; pages that processes share count for each."""

    def measure(self) -> float:
        """Look again; the answer is how many CPU seconds were used since the last time. A process that is gone keeps
        what it had."""
        cpu_s, memory_bytes = 0.0, 0
        for process in _tree(self.pid):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
                with process.oneshot():
                    times = process.cpu_times()
                    memory_bytes += process.memory_info().rss
                cpu_s += times.user + times.system + times.children_user + times.children_system
        used_s = max(0.0, cpu_s - self.cpu_s)
        self.cpu_s += used_s
        self.memory_bytes = memory_bytes
        return used_s


def _tree(pid: int) -> Iterator[psutil.Process]:
    try:
        root = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return
    yield root
    with contextlib.suppress(psutil.NoSuchProcess):
        yield from _children(root)


def _children(process: psutil.Process) -> list[psutil.Process]:
    """All processes below. Linux lists them by thread; elsewhere all processes of the machine are looked through."""
    tasks = Path(f"/proc/{process.pid}/task")
    if not tasks.is_dir():
        found: list[psutil.Process] = process.children(recursive=True)
        return found
    below: list[psutil.Process] = []
    with contextlib.suppress(OSError, psutil.NoSuchProcess):
        for task in tasks.iterdir():
            for child in (task / "children").read_text().split():
                below.append(psutil.Process(int(child)))
                below += _children(below[-1])
    return below
