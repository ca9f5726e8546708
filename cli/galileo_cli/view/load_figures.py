"""What clients ask for and what they get, per zone from which they call, now and over the last minutes.

load_status (each second) → requests asked for;  trace_window (each second) → requests seen, response times
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from galileo_context.cluster import Cluster
from galileo_context.sketch import Buckets, merge, percentile
from galileo_schemas.event import Event
from galileo_schemas.events import LoadPaused, LoadStatus, TraceWindow

LATENCY_WINDOW_S = 5.0
SERIES = 120
"""Seconds that are remembered, a value each."""

SAMPLE_S = 0.9
"""Windows come each second; those of a second recorder are of the same second."""


def _series() -> deque[float | None]:
    return deque(maxlen=SERIES)


@dataclass(slots=True)
class ZoneLoad:
    """One zone's clients. `asked` and `seen` are requests a second, `p50_ms` and `p95_ms` of the last five seconds.

    None where it is not known: nobody says what is asked for, or nothing was answered.
    """

    asked: float | None = None
    seen: float = 0.0
    p50_ms: float | None = None
    p95_ms: float | None = None
    rates: deque[float | None] = field(default_factory=_series)
    p50s: deque[float | None] = field(default_factory=_series)
    p95s: deque[float | None] = field(default_factory=_series)


class LoadFigures:
    """Plain state; times in unix seconds."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._zones: dict[str, ZoneLoad] = {}
        self._sampled_at = float("-inf")
        self._paused: set[tuple[str, str]] = set()
        self.status: LoadStatus | None = None

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts`; the cluster has to have taken it before."""
        match event:
            case LoadStatus():
                self.status = event
                self._take_rates(event)
            case TraceWindow() if event.end >= self._sampled_at + SAMPLE_S:
                self._sampled_at = event.end
                self._take_answers(event.end)
            case LoadPaused(paused=True):
                self._paused.add((event.fn, event.zone))
            case LoadPaused():
                self._resume(event.fn, event.zone)

    @property
    def paused(self) -> bool:
        """Whether any clients have been told to send nothing."""
        return bool(self._paused)

    def paused_clients(self) -> Iterable[tuple[str, str]]:
        """Function and zone of those that send nothing; empty for all."""
        return sorted(self._paused)

    def zones(self) -> dict[str, ZoneLoad]:
        """By zone, in the order of their names."""
        return dict(sorted(self._zones.items()))

    def _take_rates(self, status: LoadStatus) -> None:
        for name in status.rates:
            self._zones.setdefault(name, ZoneLoad())
        for name, zone in self._zones.items():
            zone.asked = status.rates.get(name, 0.0)
            zone.rates.append(zone.asked)

    def _take_answers(self, end: float) -> None:
        counts: dict[str, int] = {}
        answers: dict[str, Buckets] = {}
        for key, found in self._cluster.requests.merged(end, LATENCY_WINDOW_S).items():
            name = self._cluster.zone_of_client(key.client)
            if name is not None:
                counts[name] = counts.get(name, 0) + found.count
                merge(answers.setdefault(name, {}), found.rtt_ms)
        for name in counts:
            self._zones.setdefault(name, ZoneLoad())
        for name, zone in self._zones.items():
            buckets = answers.get(name, {})
            zone.seen = counts.get(name, 0) / LATENCY_WINDOW_S
            zone.p50_ms, zone.p95_ms = percentile(buckets, 50), percentile(buckets, 95)
            zone.p50s.append(zone.p50_ms)
            zone.p95s.append(zone.p95_ms)
            if zone.asked is None:
                zone.rates.append(zone.seen)

    def _resume(self, fn: str, zone: str) -> None:
        self._paused = {known for known in self._paused if not (fn in ("", known[0]) and zone in ("", known[1]))}
