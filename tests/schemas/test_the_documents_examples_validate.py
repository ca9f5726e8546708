"""Every JSON example of the documents that users know is an event as it stands, and survives being said again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from galileo_schemas.frame import split_frame
from galileo_schemas.registry import decode_frame, encode_frame, kind_of

EXAMPLES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "seed_examples.json").read_text())


def test_all_documented_events_have_an_example() -> None:
    assert [example["event"] for example in EXAMPLES] == [
        "api_pressure",
        "pressure_req",
        "pressure_latency_requirement",
        "pressure_dist",
        "scale_schedule",
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["event"]))
def test_an_example_validates_and_round_trips(example: dict[str, Any]) -> None:
    frame = f"1700000000.5 {example['event']} {json.dumps(example['value'], indent=2)}".encode()
    event = decode_frame(split_frame(frame))
    assert event is not None
    assert kind_of(event).name == example["event"]
    again = split_frame(encode_frame(1700000000.5, event))
    assert (again.ts, again.name) == (1700000000.5, example["event"])
    assert json.loads(again.value) == example["value"]
    assert decode_frame(again) == event


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["event"]))
def test_a_field_that_nobody_knows_yet_is_ignored(example: dict[str, Any]) -> None:
    frame = f"1 {example['event']} {json.dumps({**example['value'], 'invented_later': [1]})}".encode()
    plain = f"1 {example['event']} {json.dumps(example['value'])}".encode()
    assert decode_frame(split_frame(frame)) == decode_frame(split_frame(plain))
