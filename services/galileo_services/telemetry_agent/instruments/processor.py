"""`cpu`: how busy the processors are, in percent of all; `freq`: the sum of their clock frequencies, in kHz.

telemd counts user and system time as busy. Here time in interrupts, of nice processes and time that the hypervisor took
are busy, too, and waiting for a disk is idle, as top and psutil have it: on a node that only forwards packets nearly
all work is done in interrupts.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from galileo_services.telemetry_agent.instruments.instrument import (
    Instrument,
    Reading,
    UnavailableError,
    UnreadableError,
    folders,
    read_number,
    read_text,
)

_FIRST_LINE_BYTES = 256
_COUNTED = 8  # user nice system idle iowait irq softirq steal; time of guests, behind them, is in user and nice already
_IDLE = (3, 4)


class CpuTimes(NamedTuple):
    """What all processors together did since the start, in clock ticks."""

    busy: int
    total: int


def parse_cpu_times(text: str) -> CpuTimes:
    """From the beginning of /proc/stat. Raises `UnreadableError`."""
    line = text.partition("\n")[0]
    name, *numbers = line.split()[: _COUNTED + 1] or [""]
    try:
        ticks = [int(number) for number in numbers]
        if name != "cpu" or len(ticks) <= max(_IDLE):
            raise ValueError
    except ValueError:
        raise UnreadableError("/proc/stat", "cpu and at least five numbers", line) from None
    total = sum(ticks)
    return CpuTimes(total - sum(ticks[index] for index in _IDLE), total)


def busy_percent(before: CpuTimes, after: CpuTimes) -> float | None:
    """How busy the processors were in between, 0 to 100; None when no tick has passed.

    The kernel's own count of idle time may go back a little, so the share is kept within its bounds.
    """
    passed = after.total - before.total
    if passed <= 0:
        return None
    return min(100.0, max(0.0, 100.0 * (after.busy - before.busy) / passed))


class CpuLoad(Instrument):
    """`cpu`."""

    def __init__(self, proc: str) -> None:
        self._path = os.path.join(proc, "stat")
        self._before = CpuTimes(0, 0)

    def begin(self, at: float) -> None:
        self._before = self._times()

    def read(self, at: float) -> list[Reading]:
        before, self._before = self._before, self._times()
        percent = busy_percent(before, self._before)
        return [] if percent is None else [Reading("cpu", percent)]

    def _times(self) -> CpuTimes:
        return parse_cpu_times(read_text(self._path, limit_bytes=_FIRST_LINE_BYTES))


class CpuFrequency(Instrument):
    """`freq`. Processors that are switched off have no frequency."""

    def __init__(self, sys: str) -> None:
        self._folder = os.path.join(sys, "devices/system/cpu")

    def begin(self, at: float) -> None:
        if not self._frequencies_khz():
            raise UnavailableError(f"no cpufreq under {self._folder}")

    def read(self, at: float) -> list[Reading]:
        return [Reading("freq", float(sum(self._frequencies_khz())))]

    def _frequencies_khz(self) -> list[int]:
        found = []
        for name in folders(self._folder):
            if name.startswith("cpu") and name[3:].isdigit():
                try:
                    found.append(read_number(f"{self._folder}/{name}/cpufreq/scaling_cur_freq"))
                except FileNotFoundError:
                    continue
        return found
