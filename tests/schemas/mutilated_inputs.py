"""For each parser: real inputs to mutilate, and how to read one and say it again.

`read` returns nothing, raises `FrameError` for a refusal, and fails for anything else that goes wrong: what is read
must also be writable, since an event that cannot be said again would break whoever forwards it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from galileo_schemas.event import KINDS_BY_NAME
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.json_schema.event_schema import event_schema, own_kinds
from galileo_schemas.quantities import cpu_millicores, memory_bytes
from galileo_schemas.raw.node_info import parse_command, parse_node_info
from galileo_schemas.raw.routing_record import format_routing, parse_routing
from galileo_schemas.raw.telemetry_sample import container_key, format_sample, parse_sample, sample_channel
from galileo_schemas.raw.trace_line import format_trace, parse_trace
from galileo_schemas.registry import decode_frame, encode_frame

HERE = Path(__file__).parent
RECORDED = (HERE.parent / "vectors" / "frames" / "recorded.txt").read_bytes().splitlines()
EXAMPLES = json.loads((HERE / "seed_examples.json").read_text())
FIELD, ITEM = b"\x1e", b"\x1f"
"""Parsers that take several values get them joined by these."""


class Parser(NamedTuple):
    """`explains` is what every refusal matches: it names what was expected."""

    name: str
    seeds: list[bytes]
    read: Callable[[bytes], None]
    explains: str


def read_frame(data: bytes) -> None:
    frame = split_frame(data)
    event = decode_frame(frame)
    assert (event is None) == (frame.name not in KINDS_BY_NAME)
    if event is not None:
        assert decode_frame(split_frame(encode_frame(frame.ts, event))) == event


def read_trace(data: bytes) -> None:
    trace = parse_trace(data)
    assert parse_trace(format_trace(trace).encode()).status == trace.status
    (trace.header("X-Final-Host") or "").encode()  # half a surrogate pair would raise


def read_sample(data: bytes) -> None:
    channel, _, payload = data.partition(FIELD)
    sample = parse_sample(channel.decode("utf-8", "replace"), payload)
    written = sample_channel(sample.node, sample.metric, sample.subsystem)
    assert parse_sample(written, format_sample(sample.ts, sample.value))[:3] == sample[:3]
    assert len(container_key(sample.subsystem)) <= 12


def read_node_info(data: bytes) -> None:
    pairs = (pair.partition(ITEM) for pair in data.split(FIELD))
    info = parse_node_info({name: value for name, _, value in pairs})
    assert parse_node_info({name.encode(): value.encode() for name, value in info.fields().items()}) == info


def read_routing(data: bytes) -> None:
    service, hosts, weights = [*data.split(FIELD), b"", b""][:3]
    record = parse_routing(service.decode("utf-8", "replace"), hosts.split(ITEM), weights.split(ITEM))
    written = format_routing(record)
    items = ([text.encode() for text in texts] for texts in written)
    assert parse_routing(record.service, *items) == record


def read_command(data: bytes) -> None:
    parse_command(data)


def read_quantity(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        assert memory_bytes(text) * 1000 >= cpu_millicores(text) - abs(cpu_millicores(text)) * 1e-12
    except ValueError as error:
        raise FrameError(str(error)) from error


def plain(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """A plain value that a schema allows, all fields given."""
    if "$ref" in schema:
        return plain(document["$defs"][schema["$ref"].removeprefix("#/$defs/")], document)
    if "anyOf" in schema:
        return plain(schema["anyOf"][0], document)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {name: plain(field, document) for name, field in schema["properties"].items()}
        case "object":
            return {"1": plain(schema.get("additionalProperties", {}), document)}
        case "array":
            return [plain(schema.get("items", {}), document)]
        case "string":
            return "text"
        case "boolean":
            return True
    return 1


def frames() -> list[bytes]:
    """Recorded ones, those of the documents, older shapes, and a plain one of every event."""
    pod = b'{"podUid": "1", "name": "a", "containers": {"c": {"name": "c", "id": null, "port": 80, '
    pod += b'"resource_requests": {"cpu": 250, "memory": "\\"1Mi\\""}}}, "labels": {"a": "b"}}'
    scale = b'{"fn": "f", "pod": {"pod_name": "p", "resource_requests": {"cpu": "\\"1\\""}}, "origin_zone": null}'
    older = [b"1 pod/running " + pod, b"1 scale_schedule " + scale, b'1 wrr-weights {"f": {"r": 1.5}, "value": "z"}']
    older.append(b'1 api_pressure {"ts": 1.0, "node": "n", "zone": "z", "mean": 0.7, "std": NaN}')
    documented = [f"1700000000.5 {example['event']} {json.dumps(example['value'])}".encode() for example in EXAMPLES]
    schemas = {kind.name: event_schema(kind) for kind in own_kinds()}
    made = [f"1 {name} {json.dumps(plain(schema, schema))}".encode() for name, schema in schemas.items()]
    return [*RECORDED, *documented, *older, *made, b"1 user-event x", b"2024-03-01 12:00:00.5 scale {}"]


TRACES = [
    b'r1,c1,s1,1.1000000,1.2000000,1.3000000,200,10.0.0.1:8080,exp1,{"X-Final-Host": "a:1| b:2"},a,b\\nc',
    b"req1,client,service,1.1000000,1.2000000,1.3000000,-1,None,None,None,None",
]
SAMPLES = [
    b"telem/vm5/cpu" + FIELD + b"1700000000.5 1.0",
    b"telem/vm5/kubernetes_cgrp_cpu/0123456789ab" + FIELD + b"1700000000.12345678 7",
    b"telem/vm5/gpu_power/0" + FIELD + b"1700000000.050000000 251234.000000",
    b"telem/plug-3/watt" + FIELD + b"1700000000.1234567 23.4",
    b"telem/vm5/docker_cgrp_net/" + b"ab" * 32 + b"/eth0/rx" + FIELD + b"1700000000 17",
]
NODE_INFOS = [
    FIELD.join(
        name + ITEM + value
        for name, value in {
            b"arch": b"amd64",
            b"boot": b"1700000000",
            b"hostname": b"vm5",
            b"ram": b"8152068",
            b"cpus": b"4",
            b"disk": b"sda sdb",
            b"net": b"eth0",
            b"netspeed": b"-1",
            b"gpu": b"0-Tesla V100-SXM4 1-A2",
            b"labels": b'{"ether.edgerun.io/zone": "zone-a"}',
            b"allocatable": b'{"cpu": "4", "memory": "\\"8152068Ki\\"", "pods": "110"}',
        }.items()
    ),
    b"labels" + ITEM + b"{}" + FIELD + b"cpus" + ITEM,
]
ROUTINGS = [
    b"busy" + FIELD + b"10.0.0.1:8080" + ITEM + b"vm5" + FIELD + b"1.0" + ITEM + b"0.5",
    b"resnet" + FIELD + b'"vm5:80"' + FIELD + b'"3"',
]

PARSERS = [
    Parser("frames", frames(), read_frame, r"a frame|an event name|[Ee]xpected|required field|requires"),
    Parser("trace lines", TRACES, read_trace, r"a trace line has eleven comma-joined fields"),
    Parser("telemetry samples", SAMPLES, read_sample, r"a telemetry channel is|a sample is|are finite numbers"),
    Parser("node infos", NODE_INFOS, read_node_info, r"^node info \w+: expected"),
    Parser("routing records", ROUTINGS, read_routing, r"expected|is a decimal number|is host or host:port|has a name"),
    Parser("commands", [b"pause", b"unpause", b"info"], read_command, r"^expected pause, unpause or info, got"),
    Parser(
        "quantities", [b"500m", b"1e3", b'"250Mi"', b"0.5Gi", b"1E"], read_quantity, r"^a quantity is a number with"
    ),
]
