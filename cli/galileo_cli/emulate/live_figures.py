"""What is shown while a run goes on, gathered from the bus as anyone can."""

from __future__ import annotations

from collections import Counter, deque

from galileo_context.cluster import Cluster
from galileo_context.sketch import merge, percentile
from galileo_schemas.event import Event
from galileo_schemas.events import (
    ApiPressure,
    InputRejected,
    LatencyMissing,
    LoadStatus,
    PodBound,
    PodFailed,
    PodPending,
    PodUnschedulable,
    ScaleImpossible,
    ScaleSchedule,
    TraceWindow,
    WeightUpdate,
)

from galileo_cli.control_lines import CONTROL_EVENTS, control_line

LATENCY_WINDOW_S = 5.0


class LiveFigures:
    """Plain state, fed with events; times in unix seconds."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.load: LoadStatus | None = None
        self.pressures: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        self._told_once: set[str] = set()
        self.happened: deque[tuple[float, str]] = deque(maxlen=200)

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts`."""
        self.cluster.note(event, ts)
        match event:
            case LoadStatus():
                self.load = event
            case ApiPressure():
                self.pressures[event.zone] = event.value
            case ScaleSchedule():
                self.counts["scale_down" if event.delete else "scale_up"] += 1
            case PodBound() | WeightUpdate() | PodFailed():
                self.counts[type(event).__name__] += 1
        line = told(event)
        if line is not None and line not in self._told_once:
            self.happened.append((ts, line))
        if line is not None and isinstance(event, LatencyMissing | PodPending):
            self._told_once.add(line)  # said again and again with a count, or with every attempt to start

    def replicas(self) -> dict[str, dict[str, int]]:
        """Running replicas by function and zone."""
        return {
            fn: {zone: len(self.cluster.running(fn, zone)) for zone in self.cluster.zones()}
            for fn in sorted(self.cluster.functions)
        }

    def latency_ms(self, now: float) -> dict[str, tuple[float, float]]:
        """p50 and p95 of response times by client zone, over the last seconds."""
        by_zone: dict[str, dict[int, int]] = {}
        for key, counts in self.cluster.requests.merged(now, LATENCY_WINDOW_S).items():
            zone = self.cluster.zone_of_client(key.client)
            if zone is not None:
                merge(by_zone.setdefault(zone, {}), counts.rtt_ms)
        found: dict[str, tuple[float, float]] = {}
        for zone, buckets in sorted(by_zone.items()):
            p50, p95 = percentile(buckets, 50), percentile(buckets, 95)
            if p50 is not None and p95 is not None:
                found[zone] = (p50, p95)
        return found


SHOWN: tuple[type[Event], ...] = (
    ApiPressure,
    InputRejected,
    LatencyMissing,
    LoadStatus,
    PodBound,
    PodFailed,
    PodUnschedulable,
    ScaleImpossible,
    ScaleSchedule,
    TraceWindow,
    WeightUpdate,
    *CONTROL_EVENTS,
)


def told(event: Event) -> str | None:
    """One line for a person about what happened; None for what is shown as a figure."""
    match event:
        case ScaleSchedule(delete=False):
            value = "" if event.value is None else f" (pressure {event.value:.2f} in {event.origin_zone})"
            why = f" ({event.reason})" if event.reason else value
            return f"scale up {event.fn} in {event.dest_zone}{why}"
        case ScaleSchedule():
            return f"scale down {event.fn} in {event.dest_zone}: {event.pod_creation_request.pod_name}"
        case PodBound():
            return f"{event.pod} bound to {event.node} in {event.zone}"
        case PodFailed():
            return f"{event.pod} failed: {event.reason}: {event.message}"
        case PodUnschedulable():
            return f"{event.pod} cannot be placed: {event.message}"
        case ScaleImpossible():
            return f"{event.fn} cannot grow near {event.dest_zone}: {event.reason}"
        case InputRejected():
            return f"rejected on {event.channel}: {event.reason}"
        case LatencyMissing():
            return f"no latency is known between {event.origin} and {event.destination}: {event.effect}"
        case PodPending(reason=reason) if reason:
            return f"{event.name} waits: {reason}: {event.message}"
    return control_line(event)
