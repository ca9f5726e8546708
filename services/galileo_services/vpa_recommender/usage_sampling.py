"""From telemetry windows of a second to samples of the length that estimators take for granted.

A sample is the mean CPU and the largest memory of about a minute, as a metrics server would give them: percentiles of
single seconds would be those of bursts. Windows of one container are joined until they span that long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from galileo_schemas.events import ContainerUsage

_SHORTEST_S = 1e-3
"""A window without length still tells something; it must only not outweigh the others."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A container's mean CPU and largest memory up to `at_s` (unix seconds); None where no window told it."""

    at_s: float
    cpu_millicores: float | None
    memory_bytes: float | None


class UsageSampler:
    """Joins one container's windows to samples of `interval_s`."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._end_s = -math.inf
        self._begin_s = math.inf
        self._millicore_seconds = 0.0
        self._cpu_s = 0.0
        self._memory_bytes: float | None = None

    def add(self, usage: ContainerUsage, *, start_s: float, end_s: float) -> Sample | None:
        """Takes a window, late and doubled ones excepted; the sample that it completes, if it does."""
        if end_s <= self._end_s:
            return None
        self._end_s = end_s
        self._begin_s = min(self._begin_s, start_s)
        if usage.cpu_millicores is not None:
            length_s = max(end_s - start_s, _SHORTEST_S)
            self._millicore_seconds += usage.cpu_millicores * length_s
            self._cpu_s += length_s
        if usage.memory_bytes is not None:
            self._memory_bytes = max(usage.memory_bytes, self._memory_bytes or 0.0)
        if end_s - self._begin_s < self._interval_s - _SHORTEST_S:
            return None
        cpu_millicores = self._millicore_seconds / self._cpu_s if self._cpu_s else None
        sample = Sample(end_s, cpu_millicores, self._memory_bytes)
        self._start_anew()
        return sample

    def _start_anew(self) -> None:
        self._begin_s = math.inf
        self._millicore_seconds = 0.0
        self._cpu_s = 0.0
        self._memory_bytes = None
