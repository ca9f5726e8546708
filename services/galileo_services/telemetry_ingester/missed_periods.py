"""Telemetry that should have come and did not. Samples carry no numbers; but agents speak in a rhythm.

A node's period is the median of its latest intervals. What is missing was lost on the way, or never sent: an agent that
pauses looks the same.
"""

from __future__ import annotations

from collections import deque
from statistics import median

METRIC = "cpu"
"""What every agent says once a period."""

REMEMBERED = 9
LATE = 2.5
"""An interval of so many periods is no lateness any more."""


class MissedPeriods:
    """Plain state; `count` is the number of periods in which a node was not heard, over all nodes."""

    def __init__(self) -> None:
        self.count = 0
        self._last: dict[str, float] = {}
        self._intervals_s: dict[str, deque[float]] = {}

    def note(self, node: str, metric: str, ts: float) -> int:
        """Takes a sample of `ts` (unix seconds, the sender's clock). Returns how many periods were missed before."""
        if metric != METRIC:
            return 0
        last, self._last[node] = self._last.get(node), ts
        if last is None or ts <= last:
            return 0
        known = self._intervals_s.setdefault(node, deque(maxlen=REMEMBERED))
        interval_s = ts - last
        period_s = median(known) if known else interval_s
        if interval_s > LATE * period_s:
            missed = round(interval_s / period_s) - 1
            self.count += missed
            return missed
        known.append(interval_s)
        return 0
