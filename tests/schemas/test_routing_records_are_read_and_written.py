"""Routing records: two lists in Redis, by which the original galileo's clients choose a host."""

from __future__ import annotations

import pytest
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.routing_record import (
    RoutingLists,
    RoutingRecord,
    format_routing,
    hosts_key,
    parse_routing,
    weights_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def test_the_keys_are_those_of_the_original() -> None:
    assert (hosts_key("busy"), weights_key("busy")) == ("routing:hosts:busy", "routing:weights:busy")


def test_hosts_and_weights_in_the_same_order() -> None:
    record = parse_routing("busy", [b"10.0.0.1:8080", b"vm5"], [b"1", b"0.5"])
    assert record == RoutingRecord("busy", ("10.0.0.1:8080", "vm5"), (1.0, 0.5))
    assert format_routing(record) == RoutingLists(("10.0.0.1:8080", "vm5"), ("1.0", "0.5"))


def test_quotes_and_white_space_are_none_of_an_items() -> None:
    assert parse_routing("busy", [b' "vm5" '], [b'"1.5"\n']) == RoutingRecord("busy", ("vm5",), (1.5,))


@pytest.mark.parametrize(
    ("hosts", "weights", "expected"),
    [
        ([], [], "routing of 'busy': expected at least one host, the list is empty"),
        ([b"a"], [], "routing of 'busy': expected a weight per host, got 1 and 0"),
        ([b"a"], [b"much"], "a routing weight is a decimal number, got 'much'"),
        ([b"a"], [b"nan"], "routing of 'busy': expected a weight of 0 or more, got nan"),
        ([b"a"], [b"-1"], "routing of 'busy': expected a weight of 0 or more, got -1.0"),
        ([b""], [b"1"], "routing of 'busy': expected host or host:port, got ''"),
        ([b"a b"], [b"1"], "routing of 'busy': expected host or host:port, got 'a b'"),
        ([b"\xff"], [b"1"], "a routed host is host or host:port, got '\ufffd'"),
    ],
)
def test_what_is_no_record_is_told(hosts: list[bytes], weights: list[bytes], expected: str) -> None:
    with pytest.raises(FrameError) as refused:
        parse_routing("busy", hosts, weights)
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    "record",
    [
        RoutingRecord("busy", (), ()),
        RoutingRecord("busy", ("a",), ()),
        RoutingRecord("", ("a",), (1.0,)),
        RoutingRecord("two words", ("a",), (1.0,)),
        RoutingRecord("busy", ("a b",), (1.0,)),
        RoutingRecord("busy", ("a",), (float("inf"),)),
    ],
)
def test_what_would_be_refused_is_not_written(record: RoutingRecord) -> None:
    with pytest.raises(FrameError, match="rout"):
        format_routing(record)


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10).filter(
    lambda text: text.isprintable() and '"' not in text and not any(character.isspace() for character in text)
)
hosts = st.lists(st.tuples(words, st.floats(0, allow_nan=False, allow_infinity=False)), min_size=1, max_size=4)


@settings(deadline=None)
@given(service=words, targets=hosts)
def test_what_is_written_is_read_again(service: str, targets: list[tuple[str, float]]) -> None:
    record = RoutingRecord(service, tuple(host for host, _ in targets), tuple(weight for _, weight in targets))
    lists = format_routing(record)
    again = parse_routing(service, [host.encode() for host in lists.hosts], [text.encode() for text in lists.weights])
    assert again == record
