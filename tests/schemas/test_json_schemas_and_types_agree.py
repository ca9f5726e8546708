"""The published schemas and our own readers and writers speak of the same values, for every event.

What a service in another language writes by the schema is read here, and what is said here is valid by the schema.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from galileo_schemas.event import Event, EventKind
from galileo_schemas.frame import FrameError, RawFrame, split_frame
from galileo_schemas.json_schema.event_schema import event_schema, own_kinds
from galileo_schemas.registry import decode_frame, encode_frame, kind_named
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.schemas.json_instances import Values, events, instances

ROOT = Path(__file__).parents[2]
KINDS = own_kinds()
VALIDATORS = {kind.name: Draft202012Validator(event_schema(kind)) for kind in KINDS}
FRAME_IN_TEXT = re.compile(r"^\s*(?:redis-cli publish \S+ ['\"])?([0-9.]+ ([\w/-]+) \{.*\})['\"]?\s*$", re.MULTILINE)
EXAMPLES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "seed_examples.json").read_text())
each_event = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
RECORDED = (ROOT / "tests" / "vectors" / "frames" / "recorded.txt").read_bytes().splitlines()
few = settings(max_examples=15, deadline=None, suppress_health_check=slow)
many = settings(max_examples=300, deadline=None, suppress_health_check=slow)


@cache
def values_of(name: str) -> Values:
    """Strategies are made once an event: making them takes longer than drawing from them."""
    schema = VALIDATORS[name].schema
    assert isinstance(schema, dict)
    return instances(schema, schema)


@cache
def events_of(event_type: type[Event]) -> st.SearchStrategy[Event]:
    return events(event_type)


@each_event
def test_a_schema_is_one_and_says_what_the_event_is(kind: EventKind) -> None:
    schema = event_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == kind.name
    assert schema["$id"].endswith(f":event:{kind.name}")
    assert schema["description"], f"{kind.type.__name__} needs a docstring"
    assert "meta" in schema["properties"]
    assert all(part["description"] for part in schema["$defs"].values())


@each_event
@few
@given(data=st.data())
def test_what_is_written_by_the_schema_is_read(kind: EventKind, data: st.DataObject) -> None:
    assert_read(kind, data)


@pytest.mark.soak
@each_event
@many
@given(data=st.data())
def test_what_is_written_by_the_schema_is_read_at_length(kind: EventKind, data: st.DataObject) -> None:
    assert_read(kind, data)


def assert_read(kind: EventKind, data: st.DataObject) -> None:
    value = data.draw(values_of(kind.name))
    assert VALIDATORS[kind.name].is_valid(value)
    event = decode_frame(RawFrame(1.0, kind.name, json.dumps(value).encode()))
    assert isinstance(event, kind.type)


@each_event
@few
@given(data=st.data())
def test_what_is_said_is_valid_by_the_schema(kind: EventKind, data: st.DataObject) -> None:
    assert_valid(kind, data)


@pytest.mark.soak
@each_event
@many
@given(data=st.data())
def test_what_is_said_is_valid_by_the_schema_at_length(kind: EventKind, data: st.DataObject) -> None:
    assert_valid(kind, data)


def assert_valid(kind: EventKind, data: st.DataObject) -> None:
    event: Event = data.draw(events_of(kind.type))
    try:
        frame = encode_frame(1.0, event)
    except FrameError:
        assert "nan" in repr(event) or "inf" in repr(event)  # a number that is none, where there has to be one
        return
    VALIDATORS[kind.name].validate(json.loads(split_frame(frame).value))
    assert decode_frame(split_frame(frame)) is not None


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["event"]))
def test_a_documented_example_is_valid(example: dict[str, Any]) -> None:
    VALIDATORS[example["event"]].validate(example["value"])


@pytest.mark.parametrize("line", RECORDED, ids=lambda line: line[18:50].decode())
def test_what_services_said_in_a_run_is_valid(line: bytes) -> None:
    frame = split_frame(line)
    VALIDATORS[frame.name].validate(json.loads(frame.value))
    assert decode_frame(frame) is not None


def frames_in_documents() -> list[tuple[str, str]]:
    texts = [path.read_text() for path in (ROOT / "docs").rglob("*.md")] + [(ROOT / "README.md").read_text()]
    return [(match[2], match[1]) for text in texts for match in FRAME_IN_TEXT.finditer(text) if kind_named(match[2])]


def test_the_schemas_need_no_other_import() -> None:
    program = "from galileo_schemas.json_schema.published import schema_files; print(len(schema_files()))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(ran.stdout) == len(KINDS)


def test_documents_have_examples() -> None:
    assert "api_pressure" in [name for name, _frame in frames_in_documents()]


@pytest.mark.parametrize(("name", "frame"), frames_in_documents(), ids=lambda part: part[:40])
def test_a_frame_in_a_document_is_valid(name: str, frame: str) -> None:
    if "…" not in frame:
        VALIDATORS[name].validate(json.loads(split_frame(frame.encode()).value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_pressure", {"node": "n", "zone": "z"}),
        ("api_pressure", {"node": "n", "zone": "z", "value": "1"}),
        ("api_pressure", {"node": "n", "zone": "z", "value": None}),
        ("weight_update", {"fn": "f", "zone": "z", "weights": {"ips": ["a"], "weights": [0.5]}}),
        ("fault", {"kind": "earthquake"}),
        ("trace_window", {"start": 1, "end": 2, "rows": [{"fn": "f", "client": "c", "rtt_ms": {"soon": 1}}]}),
        ("pod_created", {"pod": "p", "namespace": "d", "uid": "u", "meta": {"cause": "x"}}),
    ],
)
def test_the_schema_refuses_what_readers_refuse(name: str, value: Any) -> None:
    assert not VALIDATORS[name].is_valid(value)
    with pytest.raises(FrameError, match=f"^{name}: "):
        decode_frame(RawFrame(1.0, name, json.dumps(value).encode()))


def test_fields_tell_their_units() -> None:
    schema = event_schema(next(kind for kind in KINDS if kind.name == "telemetry_window"))
    assert "unix seconds" in schema["properties"]["start"]["description"]
    assert "thousandths of a core" in schema["$defs"]["ContainerUsage"]["description"]
