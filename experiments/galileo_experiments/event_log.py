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

E_co = TypeVar("E_co", bound=Event, covariant=True)

_DECISIONS = (events.ScaleSchedule, events.PodCreated, events.PodDeleted, events.PodBound, events.WeightUpdate)
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
_ASKED_FOR = (events.FaultBegun, events.FaultEnded, events.LoadPaused, events.LoadMoved, events.SettingChanged)
_WANTED = (events.PodState, events.NodeUpdate, *_DECISIONS, *_PRESSURES, *_ASKED_FOR)
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
    pressures: list[Said[Event]] = field(default_factory=list)
    asked_for: list[Said[Event]] = field(default_factory=list)
    """What was done because people or the scenario asked for it: faults, pauses, moves, changed settings."""
    nodes: list[Said[events.NodeUpdate]] = field(default_factory=list)
    zone_of_node: dict[str, str] = field(default_factory=dict)
    unreadable: int = 0

    def count(self, kind: type[Event]) -> int:
        """How many actions of a kind there were."""
        return sum(isinstance(said.event, kind) for said in self.actions)


def read_lines(path: Path) -> Iterator[bytes]:
    """The frames of an event log, without line ends. Raises `OSError`."""
    with path.open("rb") as file:
        for line in file:
            frame = line.rstrip(b"\r\n")
            if frame:
                yield frame


def read_event_log(frames: Iterable[bytes]) -> EventLog:
    """Sorts frames out; they may come in any order."""
    log = EventLog()
    seen: set[tuple[type[Event], str]] = set()
    for frame in frames:
        try:
            ts, name, value = split_frame(frame)
            event = decode_value(KINDS_BY_NAME[name], value) if name in _WANTED_NAMES else None
        except FrameError:
            log.unreadable += 1
            continue
        if event is not None and not _said_before(event, seen):
            _sort_in(log, Said(ts, event))
    for said in (log.pods, log.nodes, log.scalings, log.actions, log.pressures, log.asked_for):
        said.sort(key=_time)
    return log


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
    else:
        log.actions.append(said)
