"""What happened when: the marks that the report's plots carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from galileo_schemas.event import Event
from galileo_schemas.events import FaultBegun, FaultEnded, LoadMoved, LoadPaused, SettingChanged
from galileo_schemas.fault_fields import told

from galileo_experiments.recorded_run import RecordedRun

MarkKind = Literal[
    "scale up", "scale down", "pod first serves", "restart", "fault", "fault ended", "load", "setting changed"
]


_PLANNED_WITHIN_S = 0.5
"""A move said so close to one of the scenario is that one, which the report shows by itself."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened `t_s` seconds after the start, in a zone ("" where it belongs to none)."""

    t_s: float
    kind: MarkKind
    zone: str
    text: str


def marks(run: RecordedRun) -> list[Mark]:
    """Decisions, first answers of pods, restarts, and what was done because somebody asked for it, by time."""
    found = [*_decisions(run), *_first_answers(run), *_restarts(run), *_asked_for(run)]
    return sorted(found, key=lambda mark: mark.t_s)


def _decisions(run: RecordedRun) -> list[Mark]:
    return [
        Mark(
            said.ts - run.facts.start,
            "scale down" if said.event.delete else "scale up",
            said.event.dest_zone or said.event.origin_zone,
            said.event.fn,
        )
        for said in run.log.scalings
    ]


def _first_answers(run: RecordedRun) -> list[Mark]:
    first: dict[str, Mark] = {}
    for request in run.requests:
        known = first.get(request.pod)
        if request.served_zone is not None and (known is None or request.done_s < known.t_s):
            first[request.pod] = Mark(request.done_s, "pod first serves", request.served_zone, request.function)
    return list(first.values())


def _restarts(run: RecordedRun) -> list[Mark]:
    return [Mark(restart.at - run.facts.start, "restart", "", restart.process) for restart in run.facts.restarts]


def _asked_for(run: RecordedRun) -> list[Mark]:
    """Faults, pauses, moves that the scenario does not tell of, and settings that were changed."""
    planned = [(move.at_s, move.function) for move in run.scenario.moves]
    found = []
    for said in run.log.asked_for:
        event, t_s = said.event, said.ts - run.facts.start
        if isinstance(event, LoadMoved) and any(
            fn == event.fn and abs(at_s - t_s) < _PLANNED_WITHIN_S for at_s, fn in planned
        ):
            continue
        mark = _mark(event, t_s)
        if mark is not None:
            found.append(mark)
    return found


def _mark(event: Event, t_s: float) -> Mark | None:
    match event:
        case FaultBegun():
            return Mark(t_s, "fault", "", told(event))
        case FaultEnded():
            return Mark(t_s, "fault ended", "", told(event))
        case LoadPaused():
            whose = f"clients of {event.fn}" if event.fn else "clients"
            return Mark(t_s, "load", event.zone, f"{whose} {'pause' if event.paused else 'go on'}")
        case LoadMoved():
            return Mark(t_s, "load", event.dest_zone, f"clients of {event.fn} come from {event.origin_zone}")
        case SettingChanged():
            return Mark(t_s, "setting changed", "", f"{event.service}: {event.variable}={event.value}")
    return None
