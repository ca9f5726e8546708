"""What is learned from a function's pods about the next one."""

from galileo_context.testing import World


def test_a_template_comes_from_the_newest_pod_and_outlives_it() -> None:
    world = World()
    world.node("n", "zone-a")
    old = world.pod("old", "my_fn", "n", cpu="100m")
    world.now += 5
    labels = {
        "ether.edgerun.io/function": "my_fn",
        "ether.edgerun.io/zone": "zone-a",
        "pod-template-hash": "x",
        "k": "v",
    }
    new = world.pod("new", "my_fn", "n", cpu="300m", labels=labels, namespace="edge")
    world.say(world.state("old", node="n", labels=dict(old.labels), requests={"cpu": "100m"}))
    world.gone(new)
    world.gone(old)
    template = world.cluster.functions["my_fn"]
    assert template.resource_requests == {"cpu": "300m"}
    assert template.namespace == "edge"
    assert template.labels == {"ether.edgerun.io/function": "my_fn", "k": "v"}
    assert (template.container_name, template.image, template.port) == ("fn", "fn:1", 8080)
    assert world.cluster.running("my_fn") == []


def test_gateways_and_clients_are_no_functions() -> None:
    world = World()
    world.zone("zone-a")
    world.say(world.state("w", node="zone-a-1", labels={"ether.edgerun.io/function": "client"}, requests={}))
    gateway = {"ether.edgerun.io/function": "lb", "type": "api-gateway"}
    world.say(world.state("lb", node="zone-a-1", labels=gateway, requests={}))
    assert not world.cluster.functions


def test_a_label_without_a_type_makes_a_function_too() -> None:
    world = World()
    world.say(world.state("p", node="n", labels={"ether.edgerun.io/function": "f"}, requests={}))
    assert list(world.cluster.functions) == ["f"]
