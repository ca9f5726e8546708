"""The report of a run, as report.json holds it. Times `t_s` are seconds after the start of the load."""

from __future__ import annotations

from pathlib import Path

import msgspec

from galileo_experiments.report_course import (
    FaultRow,
    MoveRow,
    NodeDownRow,
    PauseRow,
    RateRow,
    ResponseTimes,
    SettingRow,
    StretchRow,
)
from galileo_experiments.report_resources import (
    ContainerRequestRow,
    RecommendationRow,
    ResizeRow,
    UsageRow,
    WeightRow,
)

PHASE_ALL = "all"
PHASE_BEFORE = "before_move"
PHASE_BETWEEN = "between_move_and_reaction"
PHASE_AFTER = "after_reaction"
PHASES = (PHASE_ALL, PHASE_BEFORE, PHASE_BETWEEN, PHASE_AFTER)


class RequestCounts(msgspec.Struct, kw_only=True):
    """The clients' counters, and how many traces the recorder wrote."""

    sent: int
    succeeded: int
    failed: int
    recorded: int


class ReplicaRow(msgspec.Struct, kw_only=True):
    """From `t_s` on, so many replicas of a function run in a zone; one row at 0, then one at each change."""

    t_s: float
    fn: str
    zone: str
    running: int


class PressureRow(msgspec.Struct, kw_only=True):
    """Pressure of a function on a gateway in one round of evaluation: the product of the configured pressures.

    `value` is the highest over client zones (what scaling up looks at), `mean` their mean (scaling down).
    """

    t_s: float
    gateway: str
    zone: str
    fn: str
    value: float
    mean: float


class GatewayPressureRow(msgspec.Struct, kw_only=True):
    """Pressure on a gateway over all functions, as `api_pressure` said it."""

    t_s: float
    gateway: str
    zone: str
    value: float


class Thresholds(msgspec.Struct, kw_only=True):
    """Pressure above `max` asks for a pod, below `min` for one less; null when nothing tells."""

    max: float | None = None
    min: float | None = None


class ThresholdRow(msgspec.Struct, kw_only=True):
    """The thresholds that held from `t_s` on; null when nothing tells."""

    t_s: float
    max: float | None = None
    min: float | None = None


class DecisionCounts(msgspec.Struct, kw_only=True):
    """How many of each were decided and done."""

    scale_up: int
    scale_down: int
    pods_created: int
    pods_deleted: int
    pods_bound: int
    weight_updates: int


class RestartRow(msgspec.Struct, kw_only=True):
    """A process that ended during the run and was started again."""

    t_s: float
    process: str
    reason: str


class Losses(msgspec.Struct, kw_only=True):
    """What is missing from what was recorded, as far as it is known.

    `events_missed`: numbered events that services did not hear, by service; null when no service told. `dead_letters`:
    messages on the bus that nobody could take; null when nobody counted. `inputs_rejected` are the same, by channel, as
    they were told. `lines_unreadable` are lines of the event log, `traces_not_sent` those that the bus did not take.
    """

    events_missed: dict[str, int] | None = None
    dead_letters: int | None = None
    inputs_rejected: dict[str, int] = {}
    lines_unreadable: int = 0
    traces_not_sent: int = 0


class Report(msgspec.Struct, kw_only=True):
    """All numbers of a run. `latency_ms` and `served` are by phase and client zone, `served` then by serving zone."""

    scenario: str
    seed: int
    duration_s: float
    measured_s: float
    requests: RequestCounts
    latency_ms: dict[str, dict[str, ResponseTimes]]
    served: dict[str, dict[str, dict[str, int]]]
    replicas: list[ReplicaRow]
    pressure: list[PressureRow]
    gateway_pressure: list[GatewayPressureRow]
    thresholds: Thresholds
    decisions: DecisionCounts
    bound_by: dict[str, int]
    moves: list[MoveRow]
    reaction_s: float | None
    restarts: list[RestartRow]
    notes: list[str]
    events: str
    thresholds_over_time: list[ThresholdRow] = []
    stretches: list[StretchRow] = []
    rates: list[RateRow] = []
    pauses: list[PauseRow] = []
    faults: list[FaultRow] = []
    nodes_down: list[NodeDownRow] = []
    settings_changed: list[SettingRow] = []
    weights: list[WeightRow] = []
    usage: list[UsageRow] = []
    container_requests: list[ContainerRequestRow] = []
    recommendations: list[RecommendationRow] = []
    resizes: list[ResizeRow] = []
    losses: Losses = msgspec.field(default_factory=Losses)
    event_lines: int = 0
    services: list[str] = []
    remarks: list[str] = []


def write_report_json(report: Report, path: Path) -> None:
    """Writes report.json. Raises `OSError`."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def read_report_json(path: Path) -> Report:
    """Reads report.json back. Raises `OSError`, or `msgspec.MsgspecError` when it is none."""
    return msgspec.json.decode(path.read_bytes(), type=Report)
