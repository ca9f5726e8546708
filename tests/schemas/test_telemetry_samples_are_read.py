"""Telemetry samples as telemd and its relatives publish them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.telemetry_metrics import METRICS, METRICS_BY_NAME
from galileo_schemas.raw.telemetry_sample import (
    TelemetrySample,
    container_key,
    format_sample,
    parse_sample,
    sample_channel,
)
from hypothesis import given, settings
from hypothesis import strategies as st


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
    ("channel", "payload", "unit"),
    [
        ("telem/vm5/gpu_util/0", b"1700000000.5 37.000000", "%"),
        ("telem/vm5/gpu_util_memory/0", b"1700000000.5 12.000000", "%"),
        ("telem/vm5/gpu_freq/0", b"1700000000.5 1410.000000", "MHz"),
        ("telem/vm5/gpu_power/0", b"1700000000.5 251234.000000", "mW"),
        ("telem/jetson/power/VDD_IN", b"1700000000.5 5124.000000", "mW"),
        ("telem/plug-3/watt", b"1700000000.1234567 23.4", "W"),
    ],
)
def test_power_and_gpus_are_metrics_with_a_unit(channel: str, payload: bytes, unit: str) -> None:
    sample = parse_sample(channel, payload)
    metric = METRICS_BY_NAME[sample.metric]
    assert (metric.unit, bool(metric.subsystem)) == (unit, bool(sample.subsystem))


def test_every_metric_has_a_name_of_its_own_a_unit_and_a_meaning() -> None:
    assert len(METRICS_BY_NAME) == len(METRICS)
    assert all(metric.unit and metric.meaning for metric in METRICS)


def test_the_metrics_of_the_documentation_are_listed() -> None:
    page = (Path(__file__).parents[2] / "docs" / "telemetry.md").read_text()
    topics = [re.findall(r"`([\w]+)", row.split("|")[2]) for row in page.splitlines() if row.startswith("| `")]
    told = {topic for row in topics for topic in row if topic not in ("instrument", "container")}
    assert {"load1", "gpu_power", "tx"} <= told
    assert told <= METRICS_BY_NAME.keys()


@pytest.mark.parametrize(("node", "metric"), [("", "cpu"), ("a/b", "cpu"), ("vm5", ""), ("vm5", "/tx")])
def test_a_channel_that_would_be_read_otherwise_is_not_written(node: str, metric: str) -> None:
    with pytest.raises(FrameError, match="a node without a slash and a metric"):
        sample_channel(node, metric)


@pytest.mark.parametrize(("ts", "value"), [(1.0, float("nan")), (1.0, float("inf")), (float("nan"), 1.0)])
def test_a_number_that_is_none_is_not_written(ts: float, value: float) -> None:
    with pytest.raises(FrameError, match="finite numbers"):
        format_sample(ts, value)


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10).filter(lambda text: "/" not in text)


@settings(deadline=None)
@given(
    node=names,
    metric=names,
    subsystem=st.text(max_size=10),
    ts=st.floats(0, 4e9),
    value=st.floats(allow_nan=False, allow_infinity=False),
)
def test_what_is_written_is_read_again(node: str, metric: str, subsystem: str, ts: float, value: float) -> None:
    sample = parse_sample(sample_channel(node, metric, subsystem), format_sample(ts, value))
    assert (sample.node, sample.metric, sample.subsystem) == (node, metric, subsystem)
    assert sample.ts == pytest.approx(ts, abs=1e-6)
    assert sample.value == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    "container_id",
    [
        "0123456789ab",
        "0123456789ab" + "c" * 20,
        "0123456789ab" + "c" * 52,
        "containerd://0123456789ab" + "c" * 52,
        "0123456789ab" + "c" * 52 + "/eth0/rx",
    ],
)
def test_all_lengths_of_a_container_id_are_one_container(container_id: str) -> None:
    assert container_key(container_id) == "0123456789ab"
