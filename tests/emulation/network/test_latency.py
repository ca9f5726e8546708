"""The latency graph answers for nodes and zones, from the special to the general."""

import pytest
from galileo_emulation.network.latency import LatencyGraph, MissingLatencyError
from galileo_emulation.network.relay_delay import RelayDelay
from galileo_emulation.specification import NetworkSpec, NodeSpec, SpecificationError, WorldSpec

ZONES = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c"}


def graph(latency_ms: dict[str, dict[str, float]], *, within_zone_ms: float = 1.0) -> LatencyGraph:
    return LatencyGraph(NetworkSpec(latency_ms=latency_ms, within_zone_ms=within_zone_ms), ZONES)


def test_a_pair_of_zones_holds_for_their_nodes_in_both_directions() -> None:
    network = graph({"a": {"b": 20.0}})
    assert network.rtt_ms("a1", "b2") == 20.0
    assert network.rtt_ms("b1", "a2") == 20.0


def test_each_direction_may_have_its_own_value() -> None:
    network = graph({"a": {"b": 20.0}, "b": {"a": 30.0}})
    assert network.rtt_ms("a1", "b1") == 20.0
    assert network.rtt_ms("b1", "a1") == 30.0


def test_a_pair_of_nodes_wins_over_a_node_and_a_zone_which_wins_over_zones() -> None:
    network = graph({"a": {"b": 20.0}, "a1": {"b": 10.0, "b1": 5.0}})
    assert network.rtt_ms("a1", "b1") == 5.0
    assert network.rtt_ms("b1", "a1") == 5.0
    assert network.rtt_ms("a1", "b2") == 10.0
    assert network.rtt_ms("a2", "b1") == 20.0


def test_within_a_zone_and_on_a_node_the_defaults_hold_unless_said_otherwise() -> None:
    network = graph({"b": {"b": 3.0}}, within_zone_ms=1.5)
    assert network.rtt_ms("a1", "a2") == 1.5
    assert network.rtt_ms("b1", "b2") == 3.0
    assert network.rtt_ms("b1", "b1") == 0.0


def test_a_missing_pair_is_named_with_what_to_add() -> None:
    network = graph({"a": {"b": 20.0}})
    with pytest.raises(MissingLatencyError, match=r"between a1 \(zone a\) and c1 \(zone c\): add a round-trip time"):
        network.rtt_ms("a1", "c1")
    assert network.missing_pairs() == [("a1", "c1"), ("a2", "c1"), ("b1", "c1"), ("b2", "c1")]


def test_a_changed_latency_holds_from_then_on_in_both_directions() -> None:
    network = graph({"a": {"b": 20.0}, "b": {"a": 20.0}})
    assert network.rtt_ms("a1", "b1") == 20.0
    network.set_latency("a", "b", 80.0)
    assert network.rtt_ms("a1", "b1") == network.rtt_ms("b1", "a1") == 80.0


@pytest.mark.parametrize(("name", "rtt_ms"), [("nowhere", 1.0), ("b", -1.0), ("b", float("nan"))])
def test_a_change_that_cannot_be_is_refused(name: str, rtt_ms: float) -> None:
    with pytest.raises(SpecificationError, match=f"latency a -> {name}"):
        graph({}).set_latency("a", name, rtt_ms)


def test_a_name_that_is_no_node_and_no_zone_is_refused_with_those_that_are() -> None:
    node = NodeSpec(name="n1", zone="a", cores=1, memory_bytes=1)
    with pytest.raises(SpecificationError, match="'zone-x' is neither a node nor a zone; known are a, n1"):
        WorldSpec(nodes=(node,), network=NetworkSpec(latency_ms={"a": {"zone-x": 1.0}}))


def test_relays_delay_by_half_and_count_missing_pairs_after_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    delay = RelayDelay(graph({"a": {"b": 20.0}}), {"127.9.1.1": "a1"}.get)
    assert delay.sender("127.9.1.1") == "a1"
    assert delay.one_way_s("a1", "b1") == 0.010
    assert delay.one_way_s(None, "b1") == 0.0
    assert [delay.one_way_s("a1", "c1") for _ in range(3)] == [0.0] * 3
    assert delay.missing == {("a1", "c1"): 3}
    assert len(caplog.records) == 1
