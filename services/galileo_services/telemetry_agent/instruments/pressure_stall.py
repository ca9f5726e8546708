"""`psi_cpu`, `psi_memory`, `psi_io`, each `…/some` and `…/full`: how long tasks had to wait, counted in microseconds.

`some`: at least one task waited; `full`: all that were not idle did. The counts grow since the start of the system.
"""

from __future__ import annotations

import os

from galileo_services.telemetry_agent.instruments.instrument import Instrument, Reading, UnreadableError, read_text


def parse_stalls(text: str) -> dict[str, int]:
    """From a file of /proc/pressure: microseconds by `some` and `full`; older kernels know no `full` of the CPU.

    Raises `UnreadableError`.
    """
    stalls = {}
    for line in text.splitlines():
        kind, *pairs = line.split()
        totals = [pair.removeprefix("total=") for pair in pairs if pair.startswith("total=")]
        if kind not in ("some", "full") or len(totals) != 1 or not totals[0].isdigit():
            raise UnreadableError("/proc/pressure", "some or full, averages and total=…", line)
        stalls[kind] = int(totals[0])
    return stalls


class PressureStall(Instrument):
    """`psi_<resource>`; a kernel that was started without it has no such file or refuses to read it."""

    def __init__(self, proc: str, resource: str) -> None:
        self._path = os.path.join(proc, "pressure", resource)
        self._topic = f"psi_{resource}"

    def begin(self, at: float) -> None:
        self.read(at)

    def read(self, at: float) -> list[Reading]:
        stalls = parse_stalls(read_text(self._path))
        return [Reading(f"{self._topic}/{kind}", float(total_us)) for kind, total_us in stalls.items()]
