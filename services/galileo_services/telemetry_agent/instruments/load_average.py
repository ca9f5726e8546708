"""`load1` and `load5`: the load averages of one and five minutes; `procs`: how many tasks want a processor now."""

from __future__ import annotations

import os
from typing import NamedTuple

from galileo_services.telemetry_agent.instruments.instrument import Instrument, Reading, UnreadableError, read_text


class LoadAverage(NamedTuple):
    """What /proc/loadavg tells."""

    load1: float
    load5: float
    runnable: int


def parse_load_average(text: str) -> LoadAverage:
    """From /proc/loadavg, `0.20 0.18 0.12 1/80 11206`. Raises `UnreadableError`."""
    try:
        load1, load5, _load15, tasks = text.split()[:4]
        return LoadAverage(float(load1), float(load5), int(tasks.partition("/")[0]))
    except ValueError:
        raise UnreadableError("/proc/loadavg", "three averages and runnable/all tasks", text) from None


class _LoadAverageFile(Instrument):
    def __init__(self, proc: str) -> None:
        self._path = os.path.join(proc, "loadavg")

    def begin(self, at: float) -> None:
        self._now()

    def _now(self) -> LoadAverage:
        return parse_load_average(read_text(self._path))


class Load(_LoadAverageFile):
    """`load1` and `load5`."""

    def read(self, at: float) -> list[Reading]:
        now = self._now()
        return [Reading("load1", now.load1), Reading("load5", now.load5)]


class RunnableTasks(_LoadAverageFile):
    """`procs`."""

    def read(self, at: float) -> list[Reading]:
        return [Reading("procs", float(self._now().runnable))]
