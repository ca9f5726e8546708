"""Pods by address, container and name: those that are there, and for a while those that are gone."""

import pytest
from galileo_context.testing import World


@pytest.fixture
def world() -> World:
    world = World(retention_s=60.0)
    world.zone("zone-a", nodes=2)
    return world


def test_a_pod_is_found_by_its_address_with_and_without_port(world: World) -> None:
    pod = world.pod("p", "f", "zone-a-1", pod_ip="10.1.1.1")
    assert world.cluster.pod_at("10.1.1.1:8080") == pod
    assert world.cluster.pod_at("10.1.1.1") == pod
    assert world.cluster.pod_at("10.1.1.2:8080") is None


def test_a_pod_that_has_gone_is_found_for_the_retention_and_no_longer(world: World) -> None:
    pod = world.pod("p", "f", "zone-a-1", pod_ip="10.1.1.1")
    world.gone(pod)
    world.now += 60
    world.node("zone-a-1", "zone-a")
    late = world.cluster.pod_at("10.1.1.1:8080")
    assert late is not None
    assert world.cluster.zone_of(late) == "zone-a"
    assert not world.cluster.is_present(late)
    world.now += 1
    world.node("zone-a-1", "zone-a")
    assert world.cluster.pod_at("10.1.1.1:8080") is None
    assert world.cluster.pod_named("p") is None


def test_a_newer_pod_with_the_same_address_wins(world: World) -> None:
    first = world.pod("first", "f", "zone-a-1", pod_ip="10.1.1.1")
    world.gone(first)
    world.now += 5
    second = world.pod("second", "g", "zone-a-2", pod_ip="10.1.1.1")
    assert world.cluster.pod_at("10.1.1.1:8080") == second
    world.gone(second)
    found = world.cluster.pod_at("10.1.1.1:8080")
    assert found is not None
    assert found.name == "second"


def test_pods_on_the_hosts_network_are_told_apart_by_port(world: World) -> None:
    serving = world.pod("serving", "f", "zone-a-1", pod_ip="192.168.0.1")
    agent = world.state("agent", node="zone-a-1", labels={}, requests={})
    agent.pod_ip, agent.created, agent.containers["fn"].port = "192.168.0.1", world.now + 5, 9100
    world.say(agent)
    assert world.cluster.pod_at("192.168.0.1:8080") == serving
    assert world.cluster.pod_at("192.168.0.1:9100") == world.cluster.pod_named("agent")


def test_container_ids_of_any_length_and_scheme_find_the_pod(world: World) -> None:
    event = world.state("p", node="zone-a-1", labels={}, requests={})
    full = "0123456789abcdef" * 4
    event.containers["fn"].id = f"containerd://{full}"
    pod = world.say(event)
    for spelling in (full, full[:32], full[:12], f"docker://{full}"):
        assert world.cluster.pod_with_container(spelling) == pod


def test_a_name_may_stand_in_two_namespaces(world: World) -> None:
    here = world.pod("p", "f", "zone-a-1")
    there = world.pod("p", "f", "zone-a-1", namespace="other", pod_uid="uid-other", created=world.now + 1)
    assert world.cluster.pod_named("p", "default") == here
    assert world.cluster.pod_named("p", "other") == there
    assert world.cluster.pod_named("p") == there
