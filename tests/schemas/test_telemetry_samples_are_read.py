"""Telemetry samples as telemd and its relatives publish them."""

from __future__ import annotations

import pytest
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.telemetry_sample import (
    TelemetrySample,
    container_key,
    format_sample,
    parse_sample,
    sample_channel,
)


def test_a_nodes_metric() -> None:
    sample = parse_sample("telem/vm5/cpu", b"1700000000.123456789 42.500000")
    assert sample == TelemetrySample("vm5", "cpu", "", 1700000000.123456789, 42.5)


def test_a_subsystem_keeps_its_slashes() -> None:
    sample = parse_sample("telem/vm5/kubernetes_cgrp_net/0123/eth0/rx", b"1700000000.5 17")
    assert (sample.metric, sample.subsystem, sample.value) == ("kubernetes_cgrp_net", "0123/eth0/rx", 17.0)


@pytest.mark.parametrize(
    ("word", "value"), [(b"true", 1.0), (b"false", 0.0), (b"True", 1.0), (b"3", 3.0), (b"-2", -2.0), (b"1e3", 1000.0)]
)
def test_values_are_numbers_or_true_and_false(word: bytes, value: float) -> None:
    assert parse_sample("telem/vm5/status", b"1 " + word).value == value


@pytest.mark.parametrize(
    ("text", "ts"),
    [
        (b"1700000000.050000000", 1700000000.05),  # padded nanoseconds
        (b"1700000000.50000000", 1700000000.05),  # telemd: eight digits can only be unpadded nanoseconds
        (b"1700000000.12345678", 1700000000.012345678),
        (b"1700000000.5000000", 1700000000.5),  # telemd's 5 ms, or seven digits of anybody else: as it stands
        (b"1700000000.7", 1700000000.7),
        (b"1700000000", 1700000000.0),
    ],
)
def test_a_time_is_read_as_nanoseconds_only_where_it_can_be_nothing_else(text: bytes, ts: float) -> None:
    assert parse_sample("telem/vm5/cpu", text + b" 1").ts == pytest.approx(ts, abs=1e-6)


@pytest.mark.parametrize("channel", ["telem", "telem/vm5", "telem//cpu", "telem/vm5/", "other/vm5/cpu", ""])
def test_a_channel_that_is_none_is_quoted(channel: str) -> None:
    with pytest.raises(
        FrameError, match=r"a telemetry channel is telem/<node>/<metric>\[/<subsystem>\], got"
    ) as refused:
        parse_sample(channel, b"1 2")
    assert repr(channel) in str(refused.value)


@pytest.mark.parametrize(
    "payload", [b"", b"1", b"1 2 3", b"now 2", b"1 much", b"1 nan", b"inf 1", b"__POISON__", b"\xff \xff"]
)
def test_garbage_is_refused_with_its_channel(payload: bytes) -> None:
    with pytest.raises(FrameError, match=r"^'telem/vm5/cpu': a sample"):
        parse_sample("telem/vm5/cpu", payload)


def test_what_we_write_is_padded_and_read_again() -> None:
    payload = format_sample(1700000000.05, 42.5)
    assert payload == b"1700000000.049999952 42.500000"
    sample = parse_sample(sample_channel("vm5", "rx", "eth0"), payload)
    assert sample == TelemetrySample("vm5", "rx", "eth0", 1700000000.05, 42.5)


@pytest.mark.parametrize(
    "container_id",
    ["0123456789ab", "0123456789ab" + "c" * 20, "0123456789ab" + "c" * 52, "containerd://0123456789ab" + "c" * 52],
)
def test_all_lengths_of_a_container_id_are_one_container(container_id: str) -> None:
    assert container_key(container_id) == "0123456789ab"
