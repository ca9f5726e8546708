"""Which local functions crash: what a person who runs their own code has to be told, at once and once.

    process ends by itself, or cannot be started -> FunctionCrashes -> `tell`, with the last thing that it said
    pod of a function is ready                   -> FunctionCrashes remembers that the function has worked

A pod that crashes again is told a second time, since only then it is known that starting it anew does not help.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MOST_TOLD = 2
"""The first crash is news, the second that it lasts; later ones say nothing new."""


@dataclass(frozen=True, kw_only=True)
class FunctionCrash:
    """`why` is the last line of the process's output, or what else is known. `again`: the pod had crashed before.

    `worked`: a pod of the function has been ready in this world. `log_file` has the output; None: it is kept nowhere.
    """

    function: str
    pod: str
    why: str
    log_file: Path | None
    again: bool
    worked: bool


class FunctionCrashes:
    """Remembers which functions have worked and which pods have crashed. `tell` is called with what is news."""

    def __init__(self, tell: Callable[[FunctionCrash], None]) -> None:
        self._tell = tell
        self._worked: set[str] = set()
        self._crashes: dict[str, int] = {}

    def note_ready(self, function: str) -> None:
        """A pod of the function is ready."""
        self._worked.add(function)

    def note_crash(self, function: str, *, pod: str, pod_uid: str, why: str, log_file: Path | None) -> None:
        """A process of the function ended by itself, or could not be started."""
        before = self._crashes.get(pod_uid, 0)
        self._crashes[pod_uid] = before + 1
        if before < MOST_TOLD:
            worked = function in self._worked
            crash = FunctionCrash(
                function=function, pod=pod, why=why, log_file=log_file, again=before > 0, worked=worked
            )
            self._tell(crash)
