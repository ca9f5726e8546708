"""The events, grouped by what they speak of. Importing this package fills the registry."""

from galileo_schemas.events.actions import PodBound, PodCreated, PodDeleted, PodFailed, PodUnschedulable
from galileo_schemas.events.cluster import (
    ClusterInventory,
    NodeUpdate,
    PodContainer,
    PodCreate,
    PodDelete,
    PodPending,
    PodRunning,
    PodShutdown,
    PodState,
)
from galileo_schemas.events.network import LatencyMissing, LatencyUpdate
from galileo_schemas.events.pressure import (
    ApiPressure,
    CpuUsagePressure,
    PressureDist,
    PressureLatencyReq,
    PressureLatencyReqLog,
    PressureLatencyRequirement,
    PressureReq,
    PressureRowsLimited,
    PressureRttLog,
)
from galileo_schemas.events.runtime import InputRejected, LoadMoved, LoadStatus, Resync, SourceHeartbeat
from galileo_schemas.events.scaling import PodCreationRequest, ScaleImpossible, ScaleSchedule
from galileo_schemas.events.weights import Weights, WeightUpdate
from galileo_schemas.events.windows import ContainerUsage, TelemetryWindow, TraceWindow, TraceWindowRow

__all__ = [
    "ApiPressure",
    "ClusterInventory",
    "ContainerUsage",
    "CpuUsagePressure",
    "InputRejected",
    "LatencyMissing",
    "LatencyUpdate",
    "LoadMoved",
    "LoadStatus",
    "NodeUpdate",
    "PodBound",
    "PodContainer",
    "PodCreate",
    "PodCreated",
    "PodCreationRequest",
    "PodDelete",
    "PodDeleted",
    "PodFailed",
    "PodPending",
    "PodRunning",
    "PodShutdown",
    "PodState",
    "PodUnschedulable",
    "PressureDist",
    "PressureLatencyReq",
    "PressureLatencyReqLog",
    "PressureLatencyRequirement",
    "PressureReq",
    "PressureRowsLimited",
    "PressureRttLog",
    "Resync",
    "ScaleImpossible",
    "ScaleSchedule",
    "SourceHeartbeat",
    "TelemetryWindow",
    "TraceWindow",
    "TraceWindowRow",
    "WeightUpdate",
    "Weights",
]
