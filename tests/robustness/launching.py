"""Starts runs in processes of their own, several at once, and gives what their histories show.

A run waits most of its time, so that there may be more of them than processors.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.robustness.checks import Violation, violations
from tests.robustness.histories import read_histories

ROOT = Path(__file__).parents[2]
RUN_LIMIT_S = 90.0
AT_ONCE = 2 * (os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. Its folder is there while it has violations, for whoever wants to know why."""

    seed: int
    folder: Path
    violations: list[Violation]

    def __str__(self) -> str:
        shown = "\n".join(f"  {violation}" for violation in self.violations[:20])
        more = f"\n  and {len(self.violations) - 20} more" if len(self.violations) > 20 else ""
        return f"seed {self.seed}, histories in {self.folder}:\n{shown}{more}"


class Launcher:
    """`folder_for` makes a folder for a run by a name."""

    def __init__(self, folder_for: Callable[[str], Path]) -> None:
        self._folder_for = folder_for
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="robustness")

    def start(self, seed: int, *, mutation: str = "") -> Future[Outcome]:
        """Queues a run."""
        folder = self._folder_for(f"{mutation or 'seed'}-{seed}")
        return self._pool.submit(_run, seed, folder, mutation)

    def close(self) -> None:
        """Waits for the runs that go on; those that have not begun are dropped."""
        self._pool.shutdown(cancel_futures=True)


def _run(seed: int, folder: Path, mutation: str) -> Outcome:
    command = [sys.executable, "-m", "tests.robustness.run", str(seed), "--out", str(folder), "--mutation", mutation]
    with (folder / "output").open("wb") as output:
        ended = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=RUN_LIMIT_S, check=False
        )
    if ended.returncode:
        said = (folder / "output").read_text()[-2000:]
        raise AssertionError(f"seed {seed} did not run to its end (histories in {folder}):\n{said}")
    found = violations(read_histories(folder))
    if not found:
        shutil.rmtree(folder)
    return Outcome(seed, folder, found)
