"""Which events a pod's change is worth, and the present state as an event."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from galileo_schemas.events import PodCreate, PodPending, PodRunning, PodShutdown, PodState

P = TypeVar("P", bound=PodState)
_ENDED = frozenset({"Succeeded", "Failed"})


def events_for(before: PodState | None, now: PodState) -> list[PodState]:
    """The life-cycle events that a pod's change is worth, in order; none when nothing that they say has changed."""
    if before is not None and _same(before, now):
        return []
    said: list[PodState] = [as_event(PodCreate, now)] if before is None else []
    if is_ending(now):
        if before is None or not is_ending(before):
            said.append(as_event(PodShutdown, now))
        return said
    said.append(as_event(current_event(now), now))
    return said


def current_event(state: PodState) -> type[PodState]:
    """The event that says a pod's present state, for saying it again."""
    if is_ending(state):
        return PodShutdown
    return PodRunning if state.status == "Running" else PodPending


def is_ending(state: PodState) -> bool:
    """Whether a pod is being deleted or has run to its end."""
    return bool(state.deletion_timestamp) or state.status in _ENDED


def as_event(event_type: type[P], state: PodState) -> P:
    """The same state as an event of the given type."""
    fields = {field: getattr(state, field) for field in state.__struct_fields__ if field != "meta"}
    return event_type(**fields)


def _same(before: PodState, now: PodState) -> bool:
    # A message may change with every attempt to start the same container; that is no news.
    neutral = {"resource_version": "", "meta": None, "message": ""}
    return msgspec.structs.replace(before, **neutral) == msgspec.structs.replace(now, **neutral)
