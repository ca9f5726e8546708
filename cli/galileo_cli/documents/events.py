"""docs/events.md, from the event types and their docstrings: the frame, what is said on it, and the raw inputs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from inspect import cleandoc, getdoc
from types import ModuleType

import msgspec
from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_schemas import wire_weights
from galileo_schemas.event import Delivery, Event, EventKind, Meta
from galileo_schemas.events import ApiPressure
from galileo_schemas.events.cluster import CLUSTER_TOPIC, PodState
from galileo_schemas.frame import EVENTS_CHANNEL
from galileo_schemas.json_schema.event_schema import own_kinds
from galileo_schemas.json_schema.field_words import field_docs
from galileo_schemas.raw import node_info, routing_record, telemetry_sample, trace_line
from galileo_schemas.raw.trace_line import TRACES_STREAM
from galileo_schemas.registry import encode_frame

from galileo_cli.documents.field_types import fields_of, parts_of
from galileo_cli.documents.markdown import code, table

_HEADS = ("field", "type", "default", "meaning")

_INTRODUCTION = """\
Written by `galileo docs --write` from the types in [schemas](../schemas/README.md). Do not edit.

What is said on the bus, and how it looks there. [delivery.md](delivery.md) tells what each delivery class promises.
`galileo events tail` prints events as they are said, and so does `redis-cli psubscribe 'galileo/events*'`.

Services in other languages find a JSON Schema of each event in [schemas/published](../schemas/published), and there in
`asyncapi.json` all channels and streams; `galileo schemas --out DIR` writes them. What is written by these schemas is
understood. Older shapes are understood as well, and are not in them.
"""

_FRAME = """\
Every event is one message, `<unix time in seconds> <event name> <JSON object>`:

    {example}

People write frames by hand with `redis-cli publish`, so the time may be any decimal number and the value may be
missing. `NaN` and `Infinity` in a value are read as null.

A name that is not in the table below is a user event: it may carry any value or none, is recorded as it is, and is
never an error. Readers ignore fields that they do not know. A frame that does not parse, or a known name whose value
does not fit, is counted, logged once per kind, kept in the stream `galileo/dead` and said as `input_rejected`; the
service goes on.
"""

_REPEATS = f"""\
A pod event that is merely said again, every 30 s or when somebody asks by `resync`, goes to
`{EVENTS_CHANNEL}/{CLUSTER_TOPIC}` only, and is then published like an observation. Pressure rows beyond
`pressure_calculator_rows_limit` go to `{EVENTS_CHANNEL}/pressure` only, and `pressure_rows_limited` says so.
"""

_STREAMS = f"""\
Records are appended to the stream `{EVENT_RECORDS}`, traces to `{TRACES_STREAM}` (many lines in one
entry). Each decision has a journal of its own, `{journal_of("<event name>")}`.
"""

_RAW: tuple[tuple[str, ModuleType], ...] = (
    ("Telemetry samples", telemetry_sample),
    ("Traces", trace_line),
    ("Node info", node_info),
    ("Routing records", routing_record),
    ("Weights in etcd", wire_weights),
)


def events_page() -> str:
    """The whole page."""
    kinds = own_kinds()
    parts = ["# Events", _INTRODUCTION, "## The frame", _FRAME.format(example=_example())]
    parts += ["## meta", _class_doc(Meta), _fields(Meta)]
    parts += ["## Delivery classes", _deliveries(), _STREAMS, "## All events", _overview(kinds), _REPEATS]
    for subject, group in _by_subject(kinds).items():
        parts += [f"## {_title(subject)}", _module_doc(sys.modules[subject])]
        for kind in group:
            parts += _event(kind)
        parts += _parts(kind.type for kind in group)
    parts += ["## Raw inputs", _module_doc(sys.modules["galileo_schemas.raw"])]
    for title, module in _RAW:
        parts += [f"### {title}", _module_doc(module)]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _example() -> str:
    meta = Meta(id="01a201f8cf48b454a295bbf74951", source="pressure_calculator/f1ee291a", seq=12)
    said = ApiPressure(meta=meta, node="gateway-zone-a", zone="zone-a", value=0.41, rows=2)
    return encode_frame(1795329412.931218, said).decode()


def _deliveries() -> str:
    told = field_docs(Delivery)
    return "\n".join(f"- **{delivery.value}**: {told[delivery.name]}" for delivery in Delivery)


def _overview(kinds: list[EventKind]) -> str:
    rows = [(f"[{kind.name}](#{_anchor(kind.name)})", kind.delivery.value, code(kind.channel)) for kind in kinds]
    return table(("event", "delivery", "channel"), rows)


def _by_subject(kinds: list[EventKind]) -> dict[str, list[EventKind]]:
    groups: dict[str, list[EventKind]] = {}
    for kind in kinds:
        groups.setdefault(kind.type.__module__, []).append(kind)
    return dict(sorted(groups.items()))


def _event(kind: EventKind) -> list[str]:
    facts = f"{kind.delivery.value} on {code(kind.channel)}"
    if kind.delivery is Delivery.DECISION:
        facts += f", journal {code(f'galileo/journal/{kind.name}')}"
    if issubclass(kind.type, PodState):
        return [f"### {kind.name}", facts, _class_doc(kind.type), "Fields: see PodState below."]
    return [f"### {kind.name}", facts, *_docs(kind.type), _fields(kind.type)]


def _docs(cls: type) -> list[str]:
    """The class's own words, then those of what it is built upon."""
    bases = [base for base in cls.__mro__ if issubclass(base, Event) and base is not Event]
    return [_class_doc(base) for base in bases if base.__doc__]


def _parts(event_types: Iterable[type[Event]]) -> list[str]:
    """What the events of a subject hold: structs within them, and the pod's state."""
    found: dict[type[msgspec.Struct], None] = {}
    for event_type in event_types:
        if issubclass(event_type, PodState):
            found[PodState] = None
        found |= dict.fromkeys(part for part in parts_of(event_type) if part is not Meta)
    return [text for part in found for text in (f"### {part.__name__}", _class_doc(part), _fields(part))]


def _fields(struct: type[msgspec.Struct]) -> str:
    rows = fields_of(struct, without=frozenset({"meta"}))
    heads = _HEADS if any(row.doc for row in rows) else _HEADS[:3]
    return table(heads, [(code(row.name), row.type, row.default, row.doc)[: len(heads)] for row in rows])


def _class_doc(cls: type) -> str:
    return getdoc(cls) or ""


def _module_doc(module: ModuleType) -> str:
    return cleandoc(module.__doc__ or "")


def _title(module: str) -> str:
    return module.rpartition(".")[2].capitalize()


def _anchor(heading: str) -> str:
    """As Markdown viewers make it of a heading."""
    return "".join(character for character in heading.lower() if character.isalnum() or character in "_-")
