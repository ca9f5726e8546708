"""Telemetry windows of all nodes: samples go in as they are heard, one `TelemetryWindow` a node comes out at a close.

Windows go by the sender's clock: a sample that is dated after the close waits for the next window. One that comes late
counts in the window that is open, since the one it belongs to has been told already. Who is silent is forgotten.
"""

from __future__ import annotations

from galileo_schemas.events import TelemetryWindow
from galileo_schemas.raw.telemetry_sample import TelemetrySample

from galileo_services.telemetry_ingester.clock_check import ClockCheck, ClockOff
from galileo_services.telemetry_ingester.node_window import NodeWindow


class _Node:
    __slots__ = ("ahead", "clock", "heard", "window")

    def __init__(self, name: str, tolerance_s: float) -> None:
        self.window = NodeWindow(name)
        self.clock = ClockCheck(name, tolerance_s)
        self.ahead: list[tuple[TelemetrySample, float, float]] = []
        self.heard = 0.0


class TelemetryWindows:
    """Windows of about `period_s`; times are unix seconds.

    A sender's clock may be off by `clock_tolerance_s`; containers and nodes are forgotten after `forget_after_s`
    without a sample.
    """

    def __init__(self, period_s: float, *, clock_tolerance_s: float = 5.0, forget_after_s: float = 60.0) -> None:
        self._period_s = period_s
        self._clock_tolerance_s = clock_tolerance_s
        self._forget_after_s = forget_after_s
        self._nodes: dict[str, _Node] = {}
        self._closed: float | None = None

    def add(self, sample: TelemetrySample, received: float) -> ClockOff | None:
        """Counts a sample in; the report says, once a node, that its clock is off and receive time is taken."""
        node = self._nodes.get(sample.node)
        if node is None:
            node = self._nodes[sample.node] = _Node(sample.node, self._clock_tolerance_s)
        node.heard = received
        ts, report = node.clock.judge(sample.ts, received)
        if ts > received:
            node.ahead.append((sample, ts, received))
        else:
            node.window.add(sample, ts, received)
        return report

    def close(self, now: float) -> list[TelemetryWindow]:
        """Ends the window at `now`: one for each node that had samples, ordered by name."""
        start = now - self._period_s if self._closed is None else self._closed
        self._closed = now
        windows = []
        for _name, node in sorted(self._nodes.items()):
            _count_in_those_before(now, node)
            window = node.window.take(start, now)
            if window is not None:
                windows.append(window)
            node.window.forget_silent(now - self._forget_after_s)
        self._forget_silent_nodes(now - self._forget_after_s)
        return windows

    @property
    def samples_with_clock_off(self) -> dict[str, int]:
        """How many samples of a node were taken at receive time, for nodes that are still heard of."""
        return {name: node.clock.samples_off for name, node in self._nodes.items() if node.clock.samples_off}

    def _forget_silent_nodes(self, heard_before: float) -> None:
        for name in [name for name, node in self._nodes.items() if node.heard < heard_before]:
            del self._nodes[name]


def _count_in_those_before(now: float, node: _Node) -> None:
    waiting, node.ahead = node.ahead, []
    for sample, ts, received in waiting:
        if ts < now:
            node.window.add(sample, ts, received)
        else:
            node.ahead.append((sample, ts, received))
