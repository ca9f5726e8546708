"""The events from which a `Cluster` is built; whoever keeps one hands it all of these."""

from __future__ import annotations

from galileo_schemas.event import Event
from galileo_schemas.events import (
    ClusterInventory,
    LatencyUpdate,
    NodeUpdate,
    PodCreate,
    PodDelete,
    PodPending,
    PodRunning,
    PodShutdown,
    TelemetryWindow,
    TraceWindow,
)

POD_EVENTS: tuple[type[Event], ...] = (PodCreate, PodPending, PodRunning, PodShutdown, PodDelete)
TOPOLOGY_EVENTS: tuple[type[Event], ...] = (*POD_EVENTS, NodeUpdate, ClusterInventory, LatencyUpdate)
CLUSTER_EVENTS: tuple[type[Event], ...] = (*TOPOLOGY_EVENTS, TelemetryWindow, TraceWindow)
