"""What is known of the latency between two places, from the most particular entry down to nothing."""

import math

import pytest
from galileo_context.latencies import Graph, Latencies, LatencyGraphError, parse_graph

ZONES = {"a1": "zone-a", "a2": "zone-a", "b1": "zone-b"}


def latencies(graph: Graph) -> Latencies:
    return Latencies(graph, zone_of=ZONES.get)


def test_a_place_is_at_no_distance_from_itself() -> None:
    assert latencies({"a1": {"a1": 5.0}}).between("a1", "a1") == 0.0


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a1": {"b1": 1.0, "zone-b": 2.0}, "zone-a": {"b1": 3.0, "zone-b": 4.0}}, 1.0),
        ({"a1": {"zone-b": 2.0}, "zone-a": {"b1": 3.0, "zone-b": 4.0}}, 2.0),
        ({"zone-a": {"b1": 3.0, "zone-b": 4.0}}, 3.0),
        ({"zone-a": {"zone-b": 4.0}}, 4.0),
        ({"zone-a": {"zone-c": 4.0}}, None),
    ],
)
def test_the_most_particular_entry_answers(graph: Graph, expected: float | None) -> None:
    assert latencies(graph).between("a1", "b1") == expected


def test_one_direction_serves_for_both_unless_both_are_given() -> None:
    assert latencies({"b1": {"a1": 7.0}}).between("a1", "b1") == 7.0
    both = latencies({"b1": {"a1": 7.0}, "a1": {"b1": 9.0}})
    assert (both.between("a1", "b1"), both.between("b1", "a1")) == (9.0, 7.0)


def test_two_nodes_of_a_zone_are_as_far_apart_as_the_zone_is_from_itself() -> None:
    assert latencies({"zone-a": {"zone-a": 2.0}}).between("a1", "a2") == 2.0
    assert latencies({"zone-a": {"zone-b": 2.0}}).between("a1", "a2") is None


def test_zones_can_be_asked_for_like_nodes() -> None:
    assert latencies({"zone-a": {"zone-b": 40.0}}).between("zone-b", "zone-a") == 40.0


def test_the_newest_update_wins_and_the_largest_latency_follows() -> None:
    known = latencies({})
    assert known.max_ms == 0.0
    known.update("a1", "b1", 80.0)
    assert known.max_ms == 80.0
    known.update("a1", "b1", 20.0)
    assert (known.between("b1", "a1"), known.max_ms) == (20.0, 20.0)


def test_a_graph_is_kept_apart_from_the_caller() -> None:
    graph: Graph = {"a1": {"b1": 1.0}}
    known = latencies(graph)
    known.update("a1", "b1", 2.0)
    assert graph == {"a1": {"b1": 1.0}}


@pytest.mark.parametrize(
    ("graph", "complaint"),
    [
        ([], r"graph\.json: a latency graph is an object"),
        ({"a": 3}, r"graph\.json: 'a': expected an object"),
        ({"a": {"b": "3"}}, r"graph\.json: 'a' to 'b': expected round-trip milliseconds.*'3'"),
        ({"a": {"b": -1}}, "number of 0 or more, got -1"),
        ({"a": {"b": math.nan}}, "got nan"),
        ({"a": {"b": True}}, "got True"),
    ],
)
def test_a_mistake_in_a_graph_is_named_with_its_place(graph: object, complaint: str) -> None:
    with pytest.raises(LatencyGraphError, match=complaint):
        parse_graph(graph, source="graph.json")


def test_a_good_graph_is_read_as_numbers() -> None:
    assert parse_graph({"a": {"b": 3}}, source="graph.json") == {"a": {"b": 3.0}}
