"""Pods and gateways on nodes that are not ready: out of reach, whatever their own last status said."""

from __future__ import annotations

import pytest
from galileo_context.cluster import Cluster
from galileo_context.testing import World
from galileo_schemas.events import ClusterInventory, NodeUpdate, PodRunning


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("zone-a", nodes=2)
    world.zone("zone-b")
    world.pod("p1", "f", "zone-a-1")
    world.pod("p2", "f", "zone-a-2")
    return world


def fail(world: World, node: str, *, ready: bool = False) -> None:
    world.now += 1
    zone = world.cluster.zone_of_node(node)
    assert zone is not None
    world.node(node, zone, ready=ready)


def names(world: World) -> tuple[list[str], list[str], list[str]]:
    cluster = world.cluster
    return tuple(
        [pod.name for pod in pods] for pods in (cluster.running("f"), cluster.pending("f"), cluster.stranded("f"))
    )  # type: ignore[return-value]


def test_a_pod_on_a_node_that_does_not_answer_neither_serves_nor_will_it(world: World) -> None:
    fail(world, "zone-a-1")
    assert names(world) == (["p2"], [], ["p1"])
    assert [pod.name for pod in world.cluster.running("f", "zone-a")] == ["p2"]


def test_a_pod_that_was_still_starting_there_is_lost_too(world: World) -> None:
    world.pod("p3", "f", "zone-a-1", status="Pending", ready=False)
    assert names(world)[1] == ["p3"]
    fail(world, "zone-a-1")
    assert names(world) == (["p2"], [], ["p1", "p3"])


def test_when_the_node_answers_again_its_pods_serve_as_their_status_says(world: World) -> None:
    fail(world, "zone-a-1")
    fail(world, "zone-a-1", ready=True)
    assert names(world) == (["p1", "p2"], [], [])


def test_a_pod_without_a_node_is_not_stranded(world: World) -> None:
    world.waiting_pod("p3", "f", "zone-a")
    fail(world, "zone-a-1")
    assert names(world)[1] == ["p3"]


def test_a_pod_on_a_node_that_nobody_has_told_of_counts(world: World) -> None:
    world.pod("p3", "f", "unheard-of")
    assert names(world)[0] == ["p1", "p2", "p3"]


def test_a_gateway_there_is_no_way_in_and_still_an_address_of_a_gateway(world: World) -> None:
    addresses = world.cluster.gateway_addresses()
    fail(world, "zone-a-1")
    assert [gateway.zone for gateway in world.cluster.gateways()] == ["zone-b"]
    assert world.cluster.gateways("zone-a") == []
    assert world.cluster.gateway_addresses() == addresses
    assert len(addresses) == 2


def test_all_is_told_once_an_inventory_was_heard(world: World) -> None:
    assert not world.cluster.complete
    world.cluster.note(ClusterInventory(nodes=[], pods=[], as_of=0.0), world.now)
    assert world.cluster.complete


def test_an_inventory_that_came_before_what_it_names_completes_nothing_yet(world: World) -> None:
    """Who has just begun to listen may have missed the pods and nodes that were said just before."""
    cluster = Cluster()
    cluster.note(ClusterInventory(nodes=["edge-1"], pods=["uid-1"], as_of=0.0), world.now)
    assert not cluster.complete
    cluster.note(NodeUpdate(name="edge-1", zone="zone-a"), world.now)
    assert not cluster.complete
    cluster.note(PodRunning(pod_uid="uid-1", name="p1", node_name="edge-1"), world.now)
    assert cluster.complete


def test_an_address_is_a_gateways_also_while_it_is_not_ready(world: World) -> None:
    """Or it would be asked as if it were a pod, without the function's name."""
    gateway = PodRunning(
        pod_uid="gw", name="gw", pod_ip="10.9.9.9", ready=False, status="Running", labels={"type": "api-gateway"}
    )
    world.cluster.note(gateway, world.now)
    assert any(address.startswith("10.9.9.9:") for address in world.cluster.gateway_addresses())
