"""Twenty thousand mutilated inputs for each parser: each is read or refused with `FrameError`, nothing else escapes.

What is read must also be writable: an event that cannot be said again would break whoever forwards it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from galileo_schemas.event import KINDS_BY_NAME
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.quantities import cpu_millicores, memory_bytes
from galileo_schemas.raw.telemetry_sample import container_key, parse_sample
from galileo_schemas.raw.trace_line import format_trace, parse_trace
from galileo_schemas.registry import decode_frame, encode_frame

INPUTS = 20_000
FRAGMENTS = [
    *(b"NaN", b"null", b"Infinity", b"1e999", b"-1", b"true", b"None", b"pod", b"value", b'"\\ud800"', b"[[[[", b"{}"),
    *(b'""', b" ", b"\n", b"|", b",", b"/", b".", b"e", b"_", b"\x00", b"\xff", b"9" * 40, "é\u2028".encode()),
]

EXAMPLES = json.loads((Path(__file__).parent / "seed_examples.json").read_text())
POD = b'{"podUid": "1", "name": "a", "containers": {"c": {"name": "c", "id": null, "port": 80}}, "labels": {"a": "b"}}'
ORIGINAL_SCALE = b'{"fn": "f", "pod": {"pod_name": "p", "resource_requests": {"cpu": "\\"1\\""}}, "origin_zone": null}'
FRAMES = [f"1700000000.5 {example['event']} {json.dumps(example['value'])}".encode() for example in EXAMPLES]
FRAMES += [
    b"1 pod/running " + POD,
    b"1 scale_schedule " + ORIGINAL_SCALE,
    b'1 latency_update {"latencies": {"a": {"b": 1}}}',
]
FRAMES += [
    b'1 node_update {"name": "n", "taints": [{"key": "k"}], "meta": {"id": "i", "cause": ["x"]}}',
    b"1 user-event x",
]
TRACES = [
    b'r1,c1,s1,1.1000000,1.2000000,1.3000000,200,10.0.0.1:8080,exp1,{"X-Final-Host": "a:1| b:2"},a,b\\nc',
    b"req1,client,service,1.1000000,1.2000000,1.3000000,-1,None,None,None,None",
]
SAMPLES = [b"telem/vm5/cpu\x001700000000.5 1.0", b"telem/vm5/kubernetes_cgrp_cpu/0123456789ab\x001700000000.12345678 7"]
QUANTITIES = [b"500m", b"1e3", b'"250Mi"', b"0.5Gi", b"1E"]


def mutated(seed: bytes, rng: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0:
                data[at:at] = rng.choice(FRAGMENTS)
            case 1:
                del data[at : at + rng.randint(1, 8)]
            case 2:
                data[at : at + rng.randint(0, 6)] = rng.choice(FRAGMENTS)
            case _:
                data[at : at + 1] = bytes([rng.randrange(256)])
    return bytes(data)


def read_frame(data: bytes) -> None:
    frame = split_frame(data)
    event = decode_frame(frame)
    assert (event is None) == (frame.name not in KINDS_BY_NAME)
    if event is not None:
        assert decode_frame(split_frame(encode_frame(frame.ts, event))) is not None


def read_trace(data: bytes) -> None:
    trace = parse_trace(data)
    if "\n" not in f"{trace.request_id}{trace.client}{trace.service}{trace.server}{trace.exp_id}":
        assert parse_trace(format_trace(trace).encode()).status == trace.status
    (trace.header("X-Final-Host") or "").encode()  # half a surrogate pair would raise


def read_sample(data: bytes) -> None:
    channel, _, payload = data.partition(b"\x00")
    sample = parse_sample(channel.decode("utf-8", "replace"), payload)
    assert sample.node
    assert len(container_key(sample.subsystem)) <= 12


def read_quantity(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        assert memory_bytes(text) * 1000 >= cpu_millicores(text) - abs(cpu_millicores(text)) * 1e-12
    except ValueError as error:
        raise FrameError(str(error)) from error


@pytest.mark.parametrize(
    ("read", "seeds"),
    [(read_frame, FRAMES), (read_trace, TRACES), (read_sample, SAMPLES), (read_quantity, QUANTITIES)],
    ids=["frames", "trace lines", "telemetry samples", "quantities"],
)
def test_only_a_clear_refusal_escapes(read: Callable[[bytes], None], seeds: list[bytes]) -> None:
    rng = random.Random(20_240_601)
    refused = 0
    for _ in range(INPUTS):
        data = mutated(rng.choice(seeds), rng)
        try:
            read(data)
        except FrameError as error:
            lines = str(error).splitlines()
        else:
            continue
        refused += 1
        assert len(lines) == 1
    # The mutations are neither harmless nor hopeless, or else this test would test nothing.
    assert INPUTS * 0.05 < refused < INPUTS * 0.98
