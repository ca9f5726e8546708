"""Node info: the hash `telemd.info:<node>`, as telemd, its Kubernetes adapter and our agent write it."""

from __future__ import annotations

import json

import pytest
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.node_info import NodeInfo, parse_node_info
from hypothesis import given, settings
from hypothesis import strategies as st

TELEMDS = {
    b"arch": b"amd64",
    b"boot": b"1700000000",
    b"hostname": b"vm5",
    b"ram": b"8152068",
    b"cpus": b"4",
    b"disk": b"sda sdb",
    b"net": b"eth0 wlan0",
    b"netspeed": b"-1",
    b"gpu": b"0-Tesla V100-SXM4 1-GTX 1080-Ti",
    b"labels": b'{"ether.edgerun.io/zone": "zone-a"}',
    b"allocatable": b'{"cpu": "4", "memory": "\\"8152068Ki\\"", "pods": "110"}',
}


def test_what_telemd_and_its_adapter_write() -> None:
    assert parse_node_info(TELEMDS) == NodeInfo(
        arch="amd64",
        boot=1700000000,
        hostname="vm5",
        ram=8152068,
        cpus=4,
        disk=("sda", "sdb"),
        net=("eth0", "wlan0"),
        netspeed="",
        gpu=("0-Tesla V100-SXM4", "1-GTX 1080-Ti"),
        labels={"ether.edgerun.io/zone": "zone-a"},
        allocatable={"cpu": "4", "memory": "8152068Ki", "pods": "110"},
    )


def test_a_hash_that_is_half_there_is_read() -> None:
    assert parse_node_info({}) == NodeInfo()
    assert parse_node_info({b"labels": b'{"a": "b"}'}).labels == {"a": "b"}
    assert parse_node_info({b"cpus": b"", b"netspeed": b""}) == NodeInfo()


def test_fields_that_nobody_knows_are_ignored() -> None:
    assert parse_node_info({b"invented_later": b"\xff", b"\xff": b"x", b"cpus": b"2"}) == NodeInfo(cpus=2)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (b"cpus", b"many", "node info cpus: expected a whole number, got 'many'"),
        (b"boot", b"-1", "node info boot: expected a whole number, got '-1'"),
        (b"ram", b"1e9", "node info ram: expected a whole number, got '1e9'"),
        (b"ram", b"9" * 30, "node info ram: expected a whole number, got"),
        (b"cpus", "４".encode(), "node info cpus: expected a whole number, got '４'"),
        (b"hostname", b"\xff", "node info hostname: expected UTF-8 text, got"),
        (b"labels", b"{", "node info labels: expected a JSON object of texts, got '{'"),
        (b"labels", b'["a"]', "node info labels: expected a JSON object of texts, got"),
        (b"allocatable", b'{"cpu": 4}', "node info allocatable: expected a JSON object of texts, got"),
        (b"labels", b'{"a": "\\ud800"}', "node info labels: expected a JSON object of texts, got"),
        (b"labels", b"[" * 100_000, "node info labels: expected a JSON object of texts, got"),
    ],
)
def test_what_is_none_is_told_with_its_field(field: bytes, value: bytes, expected: str) -> None:
    with pytest.raises(FrameError) as refused:
        parse_node_info({field: value})
    assert str(refused.value).startswith(expected)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "info",
    [
        NodeInfo(disk=("a b",)),
        NodeInfo(net=("",)),
        NodeInfo(gpu=("0-a\nb",)),
        NodeInfo(gpu=("0-a", "b")),
        NodeInfo(cpus=-1),
        NodeInfo(boot=-1),
    ],
)
def test_what_would_be_read_otherwise_is_not_written(info: NodeInfo) -> None:
    with pytest.raises(FrameError, match="node info"):
        info.fields()


words = st.text(min_size=1, max_size=8).filter(lambda text: text.split() == [text])
word_or_none = words | st.just("")
names = st.lists(words, max_size=3).map(tuple)
whole = st.integers(0, 10**15)
texts = st.dictionaries(st.text(max_size=8), st.text(max_size=8).filter(lambda text: text == text.strip('"')))


@settings(deadline=None)
@given(
    info=st.builds(
        NodeInfo,
        arch=word_or_none,
        boot=whole,
        hostname=word_or_none,
        ram=whole,
        cpus=whole,
        disk=names,
        net=names,
        netspeed=st.sampled_from(["", "1000", "54"]),
        gpu=st.lists(st.builds("{}-{}".format, st.integers(0, 99), words), max_size=3).map(tuple),
        labels=texts,
        allocatable=texts,
    )
)
def test_what_is_written_is_read_again(info: NodeInfo) -> None:
    fields = info.fields()
    assert json.loads(fields.get("labels", "{}")) == info.labels
    assert parse_node_info({name.encode(): value.encode() for name, value in fields.items()}) == info
