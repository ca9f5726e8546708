"""`delay_<from>: "<ms>"`: which nodes are near enough, and what is said when that is not known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from galileo_context.latencies import Graph, Latencies
from galileo_schemas.events import NodeUpdate, PodState
from galileo_services.scheduler_binder.delay_bounds import DelayBound, delay_bounds
from galileo_services.scheduler_binder.node_usage import NodeUsage
from galileo_services.scheduler_binder.placement import Placement, Refusal, place

Nodes = Callable[..., NodeUpdate]
Pods = Callable[..., PodState]


def decide(pod: PodState, nodes: list[NodeUpdate], graph: Graph) -> Placement | Refusal:
    zones = {node.name: node.zone for node in nodes}
    return place(pod, nodes, NodeUsage(), Latencies(graph, zone_of=zones.get).between)


def test_names_keep_their_dashes_dots_and_underscores() -> None:
    labels = {"delay_edge-1": "25", "delay_vm_5.lab": "2.5", "app": "x", "delayed": "7"}
    assert set(delay_bounds(labels)) == {DelayBound("edge-1", 25.0), DelayBound("vm_5.lab", 2.5)}


@pytest.mark.parametrize("value", ["", "fast", "25ms", "-1", "nan", "inf"])
def test_a_value_that_is_no_number_of_milliseconds_is_quoted(pod: Pods, node: Nodes, value: str) -> None:
    decision = decide(pod("a", labels={"delay_n": value}), [node("n")], {})
    assert isinstance(decision, Refusal)
    assert f'label delay_n: "{value}" is no delay bound' in decision.message


def test_a_label_without_a_place_is_quoted(pod: Pods, node: Nodes) -> None:
    decision = decide(pod("a", labels={"delay_": "5"}), [node("n")], {})
    assert isinstance(decision, Refusal)
    assert 'label delay_: "5" is no delay bound' in decision.message


def test_a_latency_equal_to_the_bound_is_near_enough(pod: Pods, node: Nodes) -> None:
    nodes = [node("edge-1", cpu="0"), node("n")]
    wish = pod("a", labels={"delay_edge-1": "25"})
    assert decide(wish, nodes, {"edge-1": {"n": 25.0}}) == Placement("n")
    assert decide(wish, nodes, {"edge-1": {"n": 25.1}}) == Refusal(
        "0/2 nodes are available: 1 Insufficient cpu, 1 too far from edge-1 (> 25 ms)."
    )


def test_a_node_is_no_distance_from_itself(pod: Pods, node: Nodes) -> None:
    assert decide(pod("a", labels={"delay_edge-1": "0"}), [node("edge-1"), node("n")], {}) == Placement("edge-1")


def test_all_bounds_hold_together(pod: Pods, node: Nodes) -> None:
    graph: Graph = {"client-1": {"x": 5.0, "y": 30.0, "z": 10.0}, "client-2": {"x": 30.0, "y": 5.0, "z": 10.0}}
    wish = pod("a", labels={"delay_client-1": "15", "delay_client-2": "15"})
    assert decide(wish, [node("x"), node("y"), node("z")], graph) == Placement("z")


def test_a_zone_can_be_what_a_bound_counts_from(pod: Pods, node: Nodes) -> None:
    nodes = [node("b-1", zone="zone-b"), node("c-1", zone="zone-c")]
    graph: Graph = {"zone-a": {"zone-b": 8.0, "zone-c": 60.0}}
    assert decide(pod("a", labels={"delay_zone-a": "10"}), nodes, graph) == Placement("b-1")


def test_a_zone_without_latencies_of_its_own_is_as_far_as_its_farthest_node(pod: Pods, node: Nodes) -> None:
    nodes = [node("a-1", zone="zone-a", cpu="0"), node("a-2", zone="zone-a", cpu="0"), node("n", zone="zone-b")]
    graph: Graph = {"a-1": {"n": 5.0}, "a-2": {"n": 20.0}}
    assert decide(pod("a", labels={"delay_zone-a": "20"}), nodes, graph) == Placement("n")
    assert isinstance(decide(pod("a", labels={"delay_zone-a": "19"}), nodes, graph), Refusal)


def test_an_only_node_is_near_its_zone(pod: Pods, node: Nodes) -> None:
    nodes = [node("a-1", zone="zone-a"), node("n", zone="zone-b")]
    assert decide(pod("a", labels={"delay_zone-a": "1"}), nodes, {}) == Placement("a-1")


def test_what_is_not_known_does_not_hold(pod: Pods, node: Nodes) -> None:
    nodes = [node("edge-1", cpu="0"), node("x"), node("y")]
    assert decide(pod("a", labels={"delay_edge-1": "1000"}), nodes, {}) == Refusal(
        "0/3 nodes are available: 2 without a known latency from edge-1, 1 Insufficient cpu."
    )


def test_a_place_that_does_not_exist_is_named(pod: Pods, node: Nodes) -> None:
    assert decide(pod("a", labels={"delay_edge-9": "25"}), [node("x"), node("y")], {}) == Refusal(
        "0/2 nodes are available: 2 without a latency from edge-9, which is neither a node nor a zone."
    )
