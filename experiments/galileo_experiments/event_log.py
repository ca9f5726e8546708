"""Reads the event log of a run: one frame a line, sorted out by what the report asks for.

A line that is no frame, or a known event that does not validate, is counted and left out; user events are skipped. A
decision that was recorded twice (same `meta.id`) counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from galileo_schemas import events
from galileo_schemas.event import KINDS_BY_NAME, Event
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.registry import decode_value

E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)

_ACTIONS = (
    events.PodCreated,
    events.PodDeleted,
    events.PodBound,
    events.PodFailed,
    events.PodUnschedulable,
    events.ScaleImpossible,
    events.WeightUpdate,
    events.VpaUpdate,
    events.VpaRecommendation,
    events.InputRejected,
    events.LatencyMissing,
)
_PRESSURES = (
    events.ApiPressure,
    events.CpuUsagePressure,
    events.PressureDist,
    events.PressureLatencyReq,
    events.PressureLatencyReqLog,
    events.PressureLatencyRequirement,
    events.PressureReq,
    events.PressureRttLog,
)
_ASKED_FOR = (
    events.FaultBegun,
    events.FaultEnded,
    events.LoadPaused,
    events.LoadMoved,
    events.SettingChanged,
    events.AskRefused,
)
_ASKS = (
    events.Fault,
    events.FaultEnd,
    events.ClientPause,
    events.ClientResume,
    events.ClientMove,
    events.SettingChange,
)
_STATE = (events.TelemetryWindow, events.LoadStatus, events.ServiceStatus)
_WANTED = (
    events.PodState,
    events.NodeUpdate,
    events.ScaleSchedule,
    *_ACTIONS,
    *_PRESSURES,
    *_ASKED_FOR,
    *_ASKS,
    *_STATE,
)
_WANTED_NAMES = {name for name, kind in KINDS_BY_NAME.items() if issubclass(kind.type, _WANTED)}


@dataclass(frozen=True, slots=True)
class Said(Generic[E_co]):
    """An event and when it was said (unix seconds)."""

    ts: float
    event: E_co


@dataclass(slots=True)
class EventLog:
    """What was said in a run, each list by time. `unreadable` counts the lines that could not be read."""

    pods: list[Said[events.PodState]] = field(default_factory=list)
    scalings: list[Said[events.ScaleSchedule]] = field(default_factory=list)
    actions: list[Said[Event]] = field(default_factory=list)
    """What was done about decisions, what was recommended, and what could not be done."""
    pressures: list[Said[Event]] = field(default_factory=list)
    asked_for: list[Said[Event]] = field(default_factory=list)
    """What was done because people or the scenario asked for it: faults, pauses, moves, changed settings."""
    sources: dict[str, str] = field(default_factory=dict)
    """By the id of what was asked for or recommended: who said it."""
    nodes: list[Said[events.NodeUpdate]] = field(default_factory=list)
    zone_of_node: dict[str, str] = field(default_factory=dict)
    usage: list[Said[events.TelemetryWindow]] = field(default_factory=list)
    """Windows that tell of containers; a node's own metrics are left out."""
    load: events.LoadStatus | None = None
    """The newest of the clients' counts."""
    lost: dict[tuple[str, str], int] = field(default_factory=dict)
    """By service and instance: how many numbered events it has missed, where it says so."""
    lines: int = 0
    unreadable: int = 0

    def of(self, kind: type[E]) -> list[Said[E]]:
        """The actions of a kind."""
        return [Said(said.ts, said.event) for said in self.actions if isinstance(said.event, kind)]

    def count(self, kind: type[Event]) -> int:
        """How many actions of a kind there were."""
        return sum(isinstance(said.event, kind) for said in self.actions)


def read_lines(path: Path) -> Iterator[bytes]:
    """The frames of an event log, without line ends; a last line that was half written is none. Raises `OSError`."""
    with path.open("rb") as file:
        for line in file:
            frame = line.rstrip(b"\r\n")
            if frame and line.endswith(b"\n"):
                yield frame


def source_of(event: Event) -> str:
    """Who said an event, without its incarnation; "" where it was said by hand."""
    return event.meta.source.partition("/")[0] if event.meta is not None else ""


def causes_of(event: Event) -> tuple[str, ...]:
    """The ids of the events that led to it."""
    return event.meta.cause if event.meta is not None else ()


def id_of(event: Event) -> str:
    """Its id; "" where it has none."""
    return event.meta.id if event.meta is not None else ""


def read_event_log(frames: Iterable[bytes]) -> EventLog:
    """Sorts frames out; they may come in any order."""
    log = EventLog()
    seen: set[tuple[type[Event], str]] = set()
    for frame in frames:
        log.lines += 1
        try:
            ts, name, value = split_frame(frame)
            event = decode_value(KINDS_BY_NAME[name], value) if _is_wanted(name, value) else None
        except FrameError:
            log.unreadable += 1
            continue
        if event is not None and not _said_before(event, seen):
            _sort_in(log, Said(ts, event))
    for said in (log.pods, log.nodes, log.scalings, log.actions, log.pressures, log.asked_for, log.usage):
        said.sort(key=_time)
    return log


def _is_wanted(name: str, value: bytes) -> bool:
    """Most telemetry windows tell of no container; those are not even decoded."""
    return name in _WANTED_NAMES and (name != "telemetry_window" or b'"containers"' in value)


def _time(said: Said[Event]) -> float:
    return said.ts


def _said_before(event: Event, seen: set[tuple[type[Event], str]]) -> bool:
    identity = event.meta.id if event.meta is not None else ""
    if not identity:
        return False
    key = (type(event), identity)
    if key in seen:
        return True
    seen.add(key)
    return False


def _sort_in(log: EventLog, said: Said[Event]) -> None:
    event = said.event
    if isinstance(event, events.PodState):
        log.pods.append(Said(said.ts, event))
    elif isinstance(event, events.NodeUpdate):
        log.nodes.append(Said(said.ts, event))
        log.zone_of_node[event.name] = event.zone
    elif isinstance(event, events.ScaleSchedule):
        log.scalings.append(Said(said.ts, event))
    elif isinstance(event, _PRESSURES):
        log.pressures.append(said)
    elif isinstance(event, _ASKED_FOR):
        log.asked_for.append(said)
    elif isinstance(event, _ASKS):
        log.sources[id_of(event)] = source_of(event)
    elif isinstance(event, _STATE):
        _note_state(log, said.ts, event)
    else:
        log.actions.append(said)


def _note_state(log: EventLog, ts: float, event: Event) -> None:
    if isinstance(event, events.TelemetryWindow):
        log.usage.append(Said(ts, event))
    elif isinstance(event, events.LoadStatus):
        if log.load is None or event.sent >= log.load.sent:
            log.load = event
    elif isinstance(event, events.ServiceStatus):
        log.lost[event.service, event.instance] = max(event.lost, log.lost.get((event.service, event.instance), 0))
