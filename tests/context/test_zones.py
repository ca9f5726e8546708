"""Zones: of nodes, of pods, of clients; whatever they are called and whenever they change."""

import pytest
from galileo_context.testing import World
from galileo_schemas.events import NodeUpdate


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("zone-a")
    world.zone("zone-a-b")
    return world


def names(world: World, zone: str) -> list[str]:
    return [pod.name for pod in world.cluster.running("f", zone)]


def test_a_node_without_a_zone_is_in_main() -> None:
    world = World()
    world.cluster.note(NodeUpdate(name="n"), 1.0)
    assert world.cluster.zones() == ["main"]


def test_a_label_names_the_zone_when_the_event_does_not() -> None:
    world = World()
    world.cluster.note(NodeUpdate(name="n", labels={"ether.edgerun.io/zone": "harbour"}), 1.0)
    assert world.cluster.zones() == ["harbour"]


def test_a_pod_is_where_its_node_is_even_when_the_node_is_heard_of_later(world: World) -> None:
    world.pod("p", "f", "late-node")
    assert names(world, "zone-a") == []
    world.node("late-node", "zone-a")
    assert names(world, "zone-a") == ["p"]


def test_a_node_that_moves_takes_its_pods_along(world: World) -> None:
    world.pod("p", "f", "zone-a-1")
    world.node("zone-a-1", "zone-z")
    assert names(world, "zone-a") == []
    assert names(world, "zone-z") == ["p"]
    assert [gateway.zone for gateway in world.cluster.gateways()] == ["zone-a-b", "zone-z"]


def test_an_older_word_about_a_node_changes_nothing(world: World) -> None:
    world.now -= 5
    world.node("zone-a-1", "zone-z")
    assert world.cluster.zone_of_node("zone-a-1") == "zone-a"


def test_a_node_that_has_gone_is_no_more_but_its_zone_is_known_for_a_while(world: World) -> None:
    world.node("zone-a-1", "zone-a", present=False)
    assert world.cluster.node("zone-a-1") is None
    assert world.cluster.zones() == ["zone-a-b"]
    assert world.cluster.zone_of_node("zone-a-1") == "zone-a"
    world.now += 61
    world.node("zone-a-b-1", "zone-a-b")
    assert world.cluster.zone_of_node("zone-a-1") is None


def test_a_pod_without_a_node_counts_where_it_asks_to_be(world: World) -> None:
    world.waiting_pod("p", "f", "zone-a")
    assert [pod.name for pod in world.cluster.pending("f", "zone-a")] == ["p"]
    assert [pod.name for pod in world.cluster.unbound_pods()] == ["p"]


def test_a_zone_may_have_several_gateways_and_only_those_that_run_count(world: World) -> None:
    world.node("zone-a-2", "zone-a")
    world.gateway("another", "zone-a-2")
    event = world.state("starting", node="zone-a-2", labels={"ether.edgerun.io/type": "api-gateway"}, requests={})
    event.ready = False
    world.say(event)
    found = world.cluster.gateways("zone-a")
    assert [(gateway.name, gateway.node) for gateway in found] == [
        ("another", "zone-a-2"),
        ("gateway-zone-a", "zone-a-1"),
    ]
    assert found[0].address.endswith(":8080")


def test_a_client_is_where_its_workers_node_is(world: World) -> None:
    event = world.state("load", node="zone-a-1", labels={"ether.edgerun.io/function": "client"}, requests={})
    pod = world.say(event)
    assert world.cluster.zone_of_client("load:f:3") == "zone-a"
    assert world.cluster.zone_of_client("load") == "zone-a"
    assert "client" not in world.cluster.functions
    world.gone(pod)
    assert world.cluster.zone_of_client("load:f:3") == "zone-a"


@pytest.mark.parametrize(
    ("client", "zone"),
    [
        ("galileo-worker-zone-a-xyz12:f:0", "zone-a"),
        ("galileo-worker-zone-a-b-xyz12:f:0", "zone-a-b"),
        ("zone-a:f:0", "zone-a"),
        ("worker-zone-ab:f:0", None),
        ("worker-myzone-a-1:f:0", None),
        ("worker:zone-a:0", None),
        ("", None),
    ],
)
def test_the_name_of_an_unknown_worker_may_name_its_zone(world: World, client: str, zone: str | None) -> None:
    assert world.cluster.zone_of_client(client) == zone


def test_zones_are_as_far_apart_as_their_nearest_gateways_else_as_their_own_pair(world: World) -> None:
    world.latencies({"zone-a": {"zone-a-b": 50.0}})
    assert world.cluster.zone_latency_ms("zone-a", "zone-a-b") == 50.0
    world.latencies({"zone-a-1": {"zone-a-b-1": 30.0}})
    assert world.cluster.zone_latency_ms("zone-a-b", "zone-a") == 30.0
    assert world.cluster.zone_latency_ms("zone-a", "zone-a") == 0.0
    assert world.cluster.zone_latency_ms("zone-a", "elsewhere") is None
