"""All that a view shows, gathered from the bus as anyone can: plain state, fed with events, no drawing."""

from __future__ import annotations

from collections import Counter

from galileo_context.cluster import Cluster
from galileo_context.feed import CLUSTER_EVENTS
from galileo_schemas.event import Event
from galileo_schemas.events import (
    ApiPressure,
    AskRefused,
    FaultBegun,
    FaultEnded,
    InputRejected,
    LatencyMissing,
    LoadMoved,
    LoadPaused,
    LoadStatus,
    PodBound,
    PodCreated,
    PodDeleted,
    PodFailed,
    PodUnschedulable,
    ScaleImpossible,
    ScaleSchedule,
    ServiceStatus,
    SettingChanged,
    VpaUpdate,
    WeightUpdate,
)

from galileo_cli.services_heard import ServicesHeard
from galileo_cli.view.asks import PATIENCE_S, Asks
from galileo_cli.view.decision_chains import DecisionChains
from galileo_cli.view.faults_in_force import FaultsInForce
from galileo_cli.view.happened import Happened, Kind, told
from galileo_cli.view.load_figures import LoadFigures
from galileo_cli.view.pressure_figures import PressureFigures
from galileo_cli.view.resizes import Resizes

SHOWN: tuple[type[Event], ...] = (
    *CLUSTER_EVENTS,
    ApiPressure,
    AskRefused,
    FaultBegun,
    FaultEnded,
    InputRejected,
    LatencyMissing,
    LoadMoved,
    LoadPaused,
    LoadStatus,
    PodBound,
    PodCreated,
    PodDeleted,
    PodFailed,
    PodUnschedulable,
    ScaleImpossible,
    ScaleSchedule,
    ServiceStatus,
    SettingChanged,
    VpaUpdate,
    WeightUpdate,
)
"""What has to be heard for it."""


class LiveState:
    """Times in unix seconds."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.load = LoadFigures(self.cluster)
        self.pressure = PressureFigures()
        self.decisions = DecisionChains()
        self.services = ServicesHeard()
        self.faults = FaultsInForce()
        self.resizes = Resizes()
        self.happened = Happened()
        self.asks = Asks()
        self.counts: Counter[str] = Counter()
        """Decisions so far: `up` and `down`."""
        self.events = 0
        """How many were taken, those that were recalled too."""

    def note(self, event: Event, ts: float, now: float) -> None:
        """Takes an event said at `ts` and heard at `now`. Raises `ValueError` as `Cluster.note` does."""
        self.events += 1
        self.cluster.note(event, ts)
        self.load.note(event, ts)
        self.pressure.note(event, ts)
        self.decisions.note(event, ts)
        self.services.note(event, now)
        self.faults.note(event, ts)
        self.resizes.note(event, ts)
        if isinstance(event, ScaleSchedule):
            self.counts["down" if event.delete else "up"] += 1
        if self.asks.answered(event):
            self.happened.add(ts, f"answer: {told(event)}", Kind.ANSWER)
        else:
            self.happened.note(event, ts)

    def asked(self, event: Event, event_id: str, now: float) -> None:
        """Something was asked for from here."""
        ask = self.asks.asked(event, event_id, now)
        self.happened.add(now, f"asked: {ask.text}", Kind.ASKED)

    def tick(self, now: float) -> None:
        """Tells which asks nobody answered; to be called now and then."""
        for ask in self.asks.unanswered(now):
            self.happened.add(now, f"nobody answered within {PATIENCE_S:.0f} s: {ask.text}", Kind.TROUBLE)

    def replicas(self) -> dict[str, dict[str, int]]:
        """Running replicas by function and zone."""
        return {
            fn: {zone: len(self.cluster.running(fn, zone)) for zone in self.cluster.zones()}
            for fn in sorted(self.cluster.functions)
        }
