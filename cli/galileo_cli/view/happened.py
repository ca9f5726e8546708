"""Lines for a person about what happened, in order: what events tell, what the run itself says, and asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from galileo_schemas.event import Event
from galileo_schemas.events import (
    AskRefused,
    FaultBegun,
    FaultEnded,
    InputRejected,
    LatencyMissing,
    LoadMoved,
    LoadPaused,
    PodBound,
    PodFailed,
    PodPending,
    PodUnschedulable,
    ScaleImpossible,
    ScaleSchedule,
    SettingChanged,
    VpaUpdate,
)
from galileo_schemas.fault_fields import told as told_fault

from galileo_cli.decision_reasons import why_decided
from galileo_cli.view.resizes import UNDER_WAY, resize_text
from galileo_cli.view.wording import whose

KEPT = 500


class Kind(Enum):
    """What a line is, which decides how it looks."""

    RUN = "run"
    EVENT = "event"
    DECISION = "decision"
    """Also among the decisions, with what came of it."""
    TROUBLE = "trouble"
    ASKED = "asked"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `ts` in unix seconds."""

    ts: float
    text: str
    kind: Kind


class Happened:
    """The newest lines. `since` lets several readers follow them, each from where it was."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=KEPT)
        self._told_once: set[str] = set()
        self.count = 0
        """How many lines there have been."""

    def add(self, ts: float, text: str, kind: Kind) -> None:
        self._lines.append(Line(ts, text, kind))
        self.count += 1

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts`; most are shown as figures, and tell no line."""
        text = told(event)
        if text is None or text in self._told_once:
            return
        self.add(ts, text, _kind(event))
        if isinstance(event, LatencyMissing | PodPending):
            self._told_once.add(text)  # said again and again with a count, or with every attempt to start

    def since(self, count: int) -> Sequence[Line]:
        """The lines after the first `count`, as far as they are kept."""
        new = self.count - count
        return list(self._lines)[-new:] if new > 0 else ()


def told(event: Event) -> str | None:
    """One line for a person about what happened; None for what is shown as a figure."""
    match event:
        case ScaleSchedule():
            return _decision(event)
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
        case VpaUpdate(result=result):
            return None if result == UNDER_WAY else resize_text(event)
    return _told_of_asks(event)


def _decision(event: ScaleSchedule) -> str:
    why = why_decided(event)
    because = f" ({why})" if why else ""
    what = "down" if event.delete else "up"
    return f"scale {what} {event.fn} in {event.dest_zone}: {event.pod_creation_request.pod_name}{because}"


def _told_of_asks(event: Event) -> str | None:
    match event:
        case LoadMoved():
            return (
                f"clients of {event.fn} move from {event.origin_zone} to {event.dest_zone} ({event.rps:g} requests/s)"
            )
        case LoadPaused():
            return f"{whose(event.fn, event.zone)} {'send nothing now' if event.paused else 'go on'}"
        case FaultBegun():
            lasting = f" for {event.duration_s:g} s" if event.duration_s else ""
            return f"fault: {told_fault(event)}{lasting}"
        case FaultEnded():
            return f"fault ended: {told_fault(event)}"
        case SettingChanged():
            before = f", was {event.before}" if event.before else ""
            return f"{event.service}: {event.variable} is {event.value} now{before}"
        case AskRefused():
            return f"{event.ask} refused: {event.reason}"
    return None


def _kind(event: Event) -> Kind:
    match event:
        case ScaleSchedule() | PodBound():
            return Kind.DECISION
        case PodFailed() | PodUnschedulable() | ScaleImpossible() | InputRejected() | FaultBegun() | AskRefused():
            return Kind.TROUBLE
    return Kind.EVENT
