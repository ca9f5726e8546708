"""One line about each event of a chain of causes, whatever it is: `galileo why` shows no empty ones.

a sentence of its own → what the view's log says of it → its fields as they are
"""

from __future__ import annotations

import msgspec
from galileo_experiments.shown_pressure import shown_pressure
from galileo_schemas.event import Event
from galileo_schemas.events import (
    ApiPressure,
    NodeUpdate,
    PodBound,
    PodCreated,
    PodDeleted,
    PodFailed,
    PodState,
    PodUnschedulable,
    ScaleSchedule,
    VpaRecommendation,
    VpaUpdate,
    WeightUpdate,
)
from galileo_schemas.frame import FrameError
from galileo_schemas.registry import decode_value, kind_named

from galileo_cli.causes import Said
from galileo_cli.decision_reasons import why_decided
from galileo_cli.view.happened import told
from galileo_cli.view.resizes import amount_text, resize_text

_MOST = 100
"""Characters of an event that is shown as it is."""


def sentence(said: Said) -> str:
    """What a recorded event tells."""
    kind = kind_named(said.name)
    if kind is None:
        return _as_it_is(said)
    try:
        event = decode_value(kind, msgspec.json.encode(said.value))
    except FrameError:
        return _as_it_is(said)  # recorded by hand, with fields of its own
    return _own(event) or told(event) or _as_it_is(said)


def _own(event: Event) -> str | None:
    match event:
        case PodState():
            ready = ", ready" if event.ready else ""
            where = f" on {event.node_name}" if event.node_name else ""
            return f"{event.name} {event.status or '?'}{ready}{where}"
        case NodeUpdate():
            return f"{event.name} in {event.zone}: {_node_state(event)}"
        case ApiPressure():
            return f"node {event.node} in {event.zone}: {shown_pressure(event.value)}"
        case ScaleSchedule():
            action = "remove a pod" if event.delete else "one pod more"
            why = why_decided(event, with_threshold=True) or "as asked for"
            return f"{event.fn}: {action} in {event.dest_zone}, {why}"
        case WeightUpdate():
            pairs = zip(event.weights.ips, event.weights.weights, strict=False)
            shown = " ".join(f"{address}={weight}" for address, weight in pairs) or "none"
            return f"{event.fn} in {event.zone}: {shown}"
        case VpaUpdate():
            return resize_text(event)
        case VpaRecommendation():
            targets = (f"{name} {amount_text(found.target)}" for name, found in event.containers.items())
            return f"{event.fn} should request: {', '.join(targets) or 'nothing known'}"
    return _of_an_action(event)


def _of_an_action(event: Event) -> str | None:
    match event:
        case PodCreated():
            return f"{event.pod} ({event.uid})"
        case PodDeleted():
            return event.pod
        case PodBound():
            return f"{event.pod} to {event.node} in {event.zone} by {event.scheduler}"
        case PodFailed():
            return f"{event.pod}: {event.reason}: {event.message}"
        case PodUnschedulable():
            return f"{event.pod}: {event.message}"
    return None


def _node_state(event: NodeUpdate) -> str:
    if not event.present:
        return "gone"
    return ("ready" if event.ready else "not ready") + (", takes no new pods" if event.unschedulable else "")


def _as_it_is(said: Said) -> str:
    fields = {name: value for name, value in said.value.items() if name != "meta"}
    text = msgspec.json.encode(fields).decode()
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
