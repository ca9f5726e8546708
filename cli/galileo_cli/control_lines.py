"""What was done about asks, in one line for a person each: answers of commands, and lines while a run goes on."""

from __future__ import annotations

from galileo_schemas.event import Event
from galileo_schemas.events import AskRefused, FaultBegun, FaultEnded, LoadMoved, LoadPaused, SettingChanged
from galileo_schemas.fault_fields import told as told_fault
from galileo_schemas.fault_fields import told_ended

CONTROL_EVENTS: tuple[type[Event], ...] = (AskRefused, FaultBegun, FaultEnded, LoadMoved, LoadPaused, SettingChanged)


def control_line(event: Event) -> str | None:
    """One line about what was done or refused; None for any other event."""
    match event:
        case FaultBegun():
            return f"{told_fault(event)} {f'for {event.duration_s:g} s' if event.duration_s else 'until it is ended'}"
        case FaultEnded():
            return told_ended(event)
        case LoadPaused():
            return f"{_clients(event.fn, event.zone)} {'pause' if event.paused else 'go on'}"
        case LoadMoved():
            whose = _clients(event.fn, "")
            return f"{whose} move from {event.origin_zone} to {event.dest_zone} ({event.rps:g} requests/s)"
        case SettingChanged():
            before = f" (was {event.before})" if event.before else ""
            return f"{event.service}: {event.variable}={event.value}{before}"
        case AskRefused():
            return f"{event.ask} is refused: {event.reason}"
    return None


def _clients(fn: str, zone: str) -> str:
    whose = f"clients of {fn}" if fn else "all clients"
    return f"{whose} in {zone}" if zone else whose
