"""The whole bus as one AsyncAPI 3 document: channels and streams, what travels on them, and who hears it.

event types → components.schemas and components.messages → channels; services' marks (`on`, `watch`) → operations. What
services say is not declared in their classes, and so not told here, but for the raw channels in `raw_channels`.
"""

from __future__ import annotations

import importlib.metadata
from typing import Any

from galileo_bus.delivery.streams import journal_of
from galileo_schemas.event import Delivery, Event, EventKind
from galileo_schemas.events import (
    CpuUsagePressure,
    PressureDist,
    PressureLatencyReqLog,
    PressureLatencyRequirement,
    PressureReq,
    PressureRttLog,
)
from galileo_schemas.events.cluster import CLUSTER_TOPIC, PodState
from galileo_schemas.frame import EVENTS_CHANNEL
from galileo_schemas.json_schema.event_schema import WIRE_VERSION, own_kinds, struct_schemas
from galileo_schemas.json_schema.field_words import docs_of

from galileo_cli.documents.asyncapi_keys import channel_key, message_key
from galileo_cli.documents.operations import operations
from galileo_cli.documents.raw_channels import raw_channels

Node = dict[str, Any]

_PRESSURE_TOPIC = "pressure"
_PRESSURE_ROWS = (
    CpuUsagePressure,
    PressureDist,
    PressureLatencyReqLog,
    PressureLatencyRequirement,
    PressureReq,
    PressureRttLog,
)
_FRAME = (
    "Each message is one frame, `<unix time in seconds> <event name> <JSON object>`: the payload described here is the "
    "JSON object, the headers stand in front of it, parted by spaces. Texts are UTF-8, numbers fit 64 bits. Readers "
    "ignore fields that they do not know, and so may you. A name that is no event of this document is a user event: "
    "it may carry any value or none."
)
_DELIVERY = {
    Delivery.OBSERVATION: "Observation: published only, the newest wins.",
    Delivery.RECORD: "Record: published, and appended to a stream that recorders read.",
    Delivery.DECISION: "Decision: published, and appended to its journal. Whoever acts reads the journal alone.",
}


def asyncapi_document() -> Node:
    """The document, in JSON's types."""
    kinds = own_kinds()
    channels = _event_channels(kinds) | _journals(kinds) | raw_channels()
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:galileo-edge:bus:{WIRE_VERSION}",
        "info": {
            "title": "The bus of Galileo",
            "version": importlib.metadata.version("galileo-edge"),
            "description": f"Typed events on Redis or Valkey. {_FRAME}",
            "license": {"name": "Apache-2.0"},
        },
        "servers": {"bus": {"host": "localhost:6379", "protocol": "redis", "description": "Redis 7, or Valkey."}},
        "channels": channels,
        "operations": operations(channels),
        "components": {
            "messages": {message_key(kind.name): _message(kind) for kind in kinds},
            "schemas": struct_schemas([kind.type for kind in kinds], ref_template="#/components/schemas/{name}"),
        },
    }


def _message(kind: EventKind) -> Node:
    return {
        "name": kind.name,
        "title": kind.name,
        "summary": docs_of(kind.type, below=Event)[0].partition("\n\n")[0].replace("\n", " "),
        "description": _DELIVERY[kind.delivery],
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "description": "The head of the frame.",
            "properties": {
                "ts": {"type": "number", "description": "Unix time in seconds."},
                "name": {"type": "string", "const": kind.name},
            },
            "required": ["ts", "name"],
        },
        "payload": {"$ref": f"#/components/schemas/{kind.type.__name__}"},
        "x-galileo-delivery": kind.delivery.value,
    }


def _event_channels(kinds: list[EventKind]) -> Node:
    on: dict[str, list[EventKind]] = {}
    for kind in kinds:
        on.setdefault(kind.channel, []).append(kind)
    # What is merely said again, and pressure rows beyond the limit, travel on a topic beside their home channel.
    on.setdefault(f"{EVENTS_CHANNEL}/{CLUSTER_TOPIC}", []).extend(k for k in kinds if issubclass(k.type, PodState))
    on.setdefault(f"{EVENTS_CHANNEL}/{_PRESSURE_TOPIC}", []).extend(k for k in kinds if k.type in _PRESSURE_ROWS)
    return {
        channel_key(address): {
            "address": address,
            "description": f"Publish and subscribe. {_FRAME}",
            "messages": {
                message_key(kind.name): {"$ref": f"#/components/messages/{message_key(kind.name)}"} for kind in said
            },
        }
        for address, said in sorted(on.items())
    }


def _journals(kinds: list[EventKind]) -> Node:
    return {
        channel_key(journal_of(kind.name)): {
            "address": journal_of(kind.name),
            "description": "A stream (XADD, XREADGROUP). Each entry has one field, `f`: the frame as it was published.",
            "messages": {message_key(kind.name): {"$ref": f"#/components/messages/{message_key(kind.name)}"}},
            "x-galileo-stream": True,
        }
        for kind in kinds
        if kind.delivery is Delivery.DECISION
    }
