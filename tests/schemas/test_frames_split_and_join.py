"""A frame is `<unix time> <event name> [<value>]`; what is none is refused in one clear line."""

from __future__ import annotations

import pytest
from galileo_schemas.frame import FrameError, RawFrame, join_frame, split_frame, split_value
from hypothesis import given, settings
from hypothesis import strategies as st


def test_a_frame_has_a_time_a_name_and_a_value_with_spaces() -> None:
    frame = split_frame(b'1700000000.25 api_pressure {"node": "vm 5"}')
    assert frame == RawFrame(1700000000.25, "api_pressure", b'{"node": "vm 5"}')


def test_the_value_may_be_missing() -> None:
    assert split_frame(b"1700000000 warm-up-over") == RawFrame(1700000000.0, "warm-up-over", b"")


def test_a_line_break_that_redis_cli_adds_is_not_part_of_the_name() -> None:
    assert split_frame(b"1 warm-up-over\n") == RawFrame(1.0, "warm-up-over", b"")


def test_a_date_and_a_time_of_day_are_read_as_utc() -> None:
    frame = split_frame(b'2023-11-14 22:13:20.250000 scale {"value": 1}')
    assert frame == RawFrame(1700000000.25, "scale", b'{"value": 1}')
    assert split_frame(b"2023-11-14 22:13:20 warm-up-over") == RawFrame(1700000000.0, "warm-up-over", b"")
    assert split_value(b'2023-11-14 22:13:20.250000 scale {"value": 1}') == frame.value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "a frame is '<unix time> <event name> [<value>]', got ''"),
        (b"1700000000.0", "a frame is '<unix time> <event name> [<value>]', got '1700000000.0'"),
        (b"now api_pressure {}", "a frame starts with a unix time in seconds and a name, got 'now api_pressure {}'"),
        (b"2023-11-14 22:13:20", "a frame starts with a unix time in seconds and a name, got '2023-11-14 22:13:20'"),
        (
            b"2023-19-14 22:13:20 a",
            "a frame starts with a unix time in seconds and a name, got '2023-19-14 22:13:20 a'",
        ),
        (b"nan api_pressure {}", "a frame's time is a finite number of seconds, got 'nan api_pressure {}'"),
        (b"inf a", "a frame's time is a finite number of seconds, got 'inf a'"),
        (b"1 \xff\xfe {}", "a frame starts with a unix time in seconds and a name, got '1 \ufffd\ufffd {}'"),
        ("1 a\u00a0b {}".encode(), "an event name is one printable word, got '1 a\\xa0b {}'"),
        (b"1 a\x00b", "an event name is one printable word, got '1 a\\x00b'"),
    ],
)
def test_what_is_no_frame_is_quoted_in_one_line(data: bytes, expected: str) -> None:
    with pytest.raises(FrameError) as refused:
        split_frame(data)
    assert str(refused.value) == expected


def test_a_long_message_is_quoted_in_part() -> None:
    with pytest.raises(FrameError) as refused:
        split_frame(b"x" * 100_000)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", ["", "two words", "tab\tbed", "line\nbreak", "no\u00a0break"])
def test_a_name_that_would_not_be_read_again_is_not_written(name: str) -> None:
    with pytest.raises(FrameError, match="an event name is one printable word"):
        join_frame(1.0, name)


names = st.text(min_size=1, max_size=20).filter(lambda name: name.isprintable() and " " not in name)
values = st.binary(max_size=40).map(bytes.lstrip)


@settings(deadline=None)
@given(ts=st.floats(-1e10, 1e10), name=names, value=values)
def test_what_is_joined_splits_into_the_same(ts: float, name: str, value: bytes) -> None:
    frame = split_frame(join_frame(ts, name, value))
    assert frame.ts == pytest.approx(ts, abs=1e-6)
    assert (frame.name, frame.value) == (name, value)
