"""A known name with a value that does not fit gives one line with the name, the field and what was expected."""

from __future__ import annotations

import pytest
from galileo_schemas.event import Delivery, Event, event
from galileo_schemas.events import FAULT_KINDS, ApiPressure, LatencyUpdate
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.registry import decode_frame, encode_frame, kind_named


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (b"1 api_pressure", "api_pressure: expected a JSON object: Input data was truncated, got ''"),
        (b"1 api_pressure {}", "api_pressure: Object missing required field `node`, got '{}'"),
        (b"1 api_pressure []", "api_pressure: Expected `object`, got `array`, got '[]'"),
        (
            b'1 api_pressure {"node": "vm5", "zone": "zone-a", "value": "much"}',
            "api_pressure: Expected `float`, got `str` - at `$.value`, "
            """got '{"node": "vm5", "zone": "zone-a", "value": "much"}'""",
        ),
        (
            b'1 api_pressure {"node": "a", "zone": "b", "std": NaN}',
            """api_pressure: Object missing required field `value`, got '{"node": "a", "zone": "b", "std": NaN}'""",
        ),
        (b'1 fault {"kind": "flood"}', """fault: Expected KINDS - at `$.kind`, got '{"kind": "flood"}'"""),
        (
            b"1 resync \xff",
            "resync: expected a JSON object: JSON is malformed: invalid character (byte 0), got '\ufffd'",
        ),
        (
            b'1 weight_update {"fn": "f", "zone": "z", "weights": {"ips": ["a"], "weights": [0.5]}}',
            "weight_update: Expected `int`, got `float` - at `$.weights.weights[0]`, "
            """got '{"fn": "f", "zone": "z", "weights": {"ips": ["a"], "weights": [0.5]}}'""",
        ),
    ],
)
def test_the_line_says_what_where_and_what_was_expected(frame: bytes, expected: str) -> None:
    with pytest.raises(FrameError) as refused:
        decode_frame(split_frame(frame))
    kinds = " or ".join(f"`{kind}`" for kind in sorted(FAULT_KINDS))
    assert str(refused.value) == expected.replace("KINDS", kinds)


@pytest.mark.parametrize(
    "value",
    [
        b'{"x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"node": "\\ud800", "zone": "z", "mean": 1}',
        b'{"node": "\\ud800", "zone": "z", "value": 1}',
        b'{"node": "n", "zone": "z", "mean": ' + b"1" * 6000 + b"}",
        b'{"node": "n\xff", "zone": "z", "value": 1}',
    ],
    ids=["nested deeply", "half a surrogate pair, older shape", "half a surrogate pair", "digits", "no text"],
)
def test_json_that_could_not_be_said_again_is_refused(value: bytes) -> None:
    with pytest.raises(FrameError, match=r"^api_pressure: "):
        decode_frame(split_frame(b"1 api_pressure " + value))


@pytest.mark.parametrize("value", [b"", b" {}", b" not json", b' {"node": "n"}', b" \xff"])
def test_a_name_that_no_schema_knows_is_a_user_event(value: bytes) -> None:
    frame = split_frame(b"1 warm-up-over" + value)
    assert kind_named(frame.name) is None
    assert decode_frame(frame) is None


@pytest.mark.parametrize(
    "event",
    [
        ApiPressure(node="n", zone="z", value=float("nan")),
        ApiPressure(node="n", zone="z", value=float("inf")),
        LatencyUpdate(latencies={"a": {"b": float("nan")}}),
        ApiPressure(node="\ud800", zone="z", value=1.0),
    ],
)
def test_what_readers_would_refuse_is_not_said(event: Event) -> None:
    with pytest.raises(FrameError, match="cannot be said: "):
        encode_frame(1.0, event)


def test_a_number_that_may_be_unknown_is_said_as_unknown() -> None:
    frame = encode_frame(1.0, ApiPressure(node="n", zone="z", value=1.0, std=float("nan")))
    assert decode_frame(split_frame(frame)) == ApiPressure(node="n", zone="z", value=1.0)


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="event name 'api_pressure' is already taken by ApiPressure"):

        @event("api_pressure", Delivery.OBSERVATION)
        class Another(Event, kw_only=True):
            """Never registered."""
