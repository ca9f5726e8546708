"""The channels and streams that carry no events, for the AsyncAPI document: telemetry, commands, traces, records.

Who sends and receives there is written down here by hand: services open these channels themselves, without a mark.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from galileo_bus.delivery.streams import DEAD_LETTERS, EVENT_RECORDS
from galileo_schemas.raw import node_info, routing_record, telemetry_sample, trace_line
from galileo_schemas.raw.node_info import COMMANDS
from galileo_schemas.raw.routing_record import ROUTING_UPDATES
from galileo_schemas.raw.telemetry_metrics import METRICS
from galileo_schemas.raw.trace_line import TRACES_CHANNEL, TRACES_STREAM

from galileo_cli.documents.asyncapi_keys import channel_key

Node = dict[str, Any]

TELEMETRY = "telem/{node}/{metric}"
TELEMETRY_OF_PART = "telem/{node}/{metric}/{subsystem}"
COMMAND = "telemcmd/{node}"
_NODE = {"description": "The node's name, without a slash."}


class RawOperation(NamedTuple):
    """A service that sends or receives on a raw channel or stream."""

    service: str
    action: Literal["send", "receive"]
    address: str


RAW_OPERATIONS: tuple[RawOperation, ...] = (
    RawOperation("telemetry_agent", "send", TELEMETRY),
    RawOperation("telemetry_agent", "send", TELEMETRY_OF_PART),
    RawOperation("telemetry_agent", "receive", COMMAND),
    RawOperation("telemetry_ingester", "receive", TELEMETRY),
    RawOperation("telemetry_ingester", "receive", TELEMETRY_OF_PART),
    RawOperation("load_client", "send", TRACES_CHANNEL),
    RawOperation("load_client", "send", TRACES_STREAM),
    RawOperation("trace_recorder", "receive", TRACES_CHANNEL),
    RawOperation("trace_recorder", "receive", TRACES_STREAM),
    RawOperation("event_recorder", "receive", EVENT_RECORDS),
)


def raw_channels() -> Node:
    """The channels by key."""
    found = [*_telemetry(), _command(), _traces(), *_streams(), _routing_updates()]
    return {channel_key(channel["address"]): channel for channel in found}


def _telemetry() -> list[Node]:
    of_nodes = [metric for metric in METRICS if not metric.subsystem]
    of_parts = [metric for metric in METRICS if metric.subsystem]
    told = _first_words(telemetry_sample)
    sample = _text("sample", "`<unix time> <value>`", r"^\S+ \S+$")
    node_metrics = {"description": "; ".join(f"`{name}` {meaning} ({unit})" for name, unit, meaning, _ in of_nodes)}
    part_metrics = {"description": "; ".join(f"`{m.name}` {m.meaning} ({m.unit}), by {m.subsystem}" for m in of_parts)}
    return [
        {
            "address": TELEMETRY,
            "description": f"{told} Of a whole node.",
            "parameters": {"node": _NODE, "metric": node_metrics},
            "messages": {"sample": sample},
        },
        {
            "address": TELEMETRY_OF_PART,
            "description": f"{told} Of a part of a node; `subsystem` may hold further slashes.",
            "parameters": {
                "node": _NODE,
                "metric": part_metrics,
                "subsystem": {"description": "A device, a container id of 12, 32 or 64 digits, …"},
            },
            "messages": {"sample": sample},
        },
    ]


def _command() -> Node:
    return {
        "address": COMMAND,
        "description": _first_words(node_info),
        "parameters": {"node": _NODE},
        "messages": {
            "command": {
                "name": "command",
                "contentType": "text/plain",
                "payload": {"type": "string", "enum": list(COMMANDS)},
            }
        },
    }


def _traces() -> Node:
    return {
        "address": TRACES_CHANNEL,
        "description": (trace_line.__doc__ or "").strip(),
        "messages": {"trace": _text("trace", "One line per request.", r"^([^,]*,){10}")},
    }


def _streams() -> list[Node]:
    lines = "A stream (XADD, XREADGROUP). Each entry has one field, `f`:"
    frame = _text("frames", "Frames, joined by line breaks.", r"^\S+ \S+")
    return [
        {
            "address": EVENT_RECORDS,
            "description": f"{lines} records as frames, one a line.",
            "messages": {"frames": frame},
            "x-galileo-stream": True,
        },
        {
            "address": TRACES_STREAM,
            "description": f"{lines} traces, one a line, as on {TRACES_CHANNEL}.",
            "messages": {"traces": _text("traces", "Trace lines, joined by line breaks.", r"^([^,]*,){10}")},
            "x-galileo-stream": True,
        },
        {
            "address": DEAD_LETTERS,
            "description": f"{lines} `<unix time> rejected <channel> <message>`, what could not be taken, once.",
            "messages": {"letter": _text("letter", "A rejected message.", r"^\S+ \S+ \S+")},
            "x-galileo-stream": True,
        },
    ]


def _routing_updates() -> Node:
    return {
        "address": ROUTING_UPDATES,
        "description": (routing_record.__doc__ or "").strip(),
        "messages": {"service": _text("service", "The name of the service whose record has changed.", r"^\S+$")},
    }


def _text(name: str, description: str, pattern: str) -> Node:
    payload = {"type": "string", "pattern": pattern, "description": description}
    return {"name": name, "contentType": "text/plain", "payload": payload}


def _first_words(module: Any) -> str:
    return " ".join((module.__doc__ or "").partition("\n\n")[0].split())
