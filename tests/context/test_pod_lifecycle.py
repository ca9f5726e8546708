"""What a pod's events make of it, when they come in order and when they do not."""

import msgspec
import pytest
from galileo_context.testing import World
from galileo_schemas.events import ClusterInventory, PodDelete, PodPending, PodRunning, PodShutdown, PodState


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("zone-a")
    return world


def changed(event: PodState, **fields: object) -> PodState:
    return msgspec.structs.replace(event, **fields)


def state(world: World, **fields: object) -> PodState:
    requests = {"cpu": "100m"}
    base = world.state("p", node="zone-a-1", labels={"ether.edgerun.io/function": "f"}, requests=requests)
    return changed(base, **fields)


def as_type(event: PodState, event_type: type[PodState]) -> PodState:
    return event_type(**{name: getattr(event, name) for name in event.__struct_fields__})


def running(world: World) -> list[str]:
    return [pod.name for pod in world.cluster.running("f")]


def pending(world: World) -> list[str]:
    return [pod.name for pod in world.cluster.pending("f")]


def test_a_pod_that_is_ready_serves(world: World) -> None:
    world.say(state(world))
    assert (running(world), pending(world)) == (["p"], [])


@pytest.mark.parametrize("fields", [{"status": "Pending"}, {"ready": False}, {"status": "Pending", "node_name": ""}])
def test_a_pod_that_is_not_ready_is_pending(world: World, fields: dict[str, object]) -> None:
    world.say(state(world, **fields))
    assert (running(world), pending(world)) == ([], ["p"])


def test_a_pod_that_is_being_deleted_is_neither(world: World) -> None:
    world.say(state(world, deletion_timestamp=999.0))
    assert (running(world), pending(world)) == ([], [])


def test_a_shutdown_without_a_time_ends_service_all_the_same(world: World) -> None:
    world.say(as_type(state(world), PodShutdown))
    assert running(world) == []


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_is_neither(world: World, phase: str) -> None:
    world.say(state(world, status=phase, ready=False))
    assert (running(world), pending(world)) == ([], [])


def test_an_older_version_changes_nothing(world: World) -> None:
    world.say(state(world, resource_version="10"))
    world.say(as_type(state(world, resource_version="9", status="Pending"), PodPending))
    assert running(world) == ["p"]


def test_versions_are_compared_as_numbers_and_only_when_they_are(world: World) -> None:
    world.say(state(world, resource_version="9"))
    world.say(state(world, resource_version="10", ready=False))
    assert pending(world) == ["p"]
    world.say(state(world, resource_version="abc"))
    assert running(world) == ["p"]


def test_the_same_event_twice_changes_nothing(world: World) -> None:
    event = state(world, resource_version="5")
    pod = world.say(event)
    world.now += 10
    assert world.say(event) == pod


def test_how_long_a_pod_has_served_is_counted_from_its_last_start(world: World) -> None:
    world.say(state(world, resource_version="1"))
    world.now += 10
    assert world.say(state(world, resource_version="2")).running_since == 1000.0
    assert world.say(state(world, resource_version="3", ready=False)).running_since == 0.0
    assert world.say(state(world, resource_version="4")).running_since == 1010.0


def test_a_late_event_does_not_bring_a_deleted_pod_back(world: World) -> None:
    event = state(world, resource_version="5")
    world.say(event)
    world.say(as_type(event, PodDelete))
    world.say(event)
    world.say(changed(event, resource_version="4"))
    assert running(world) == []


def test_a_newer_event_brings_a_pod_back(world: World) -> None:
    event = state(world, resource_version="5")
    world.say(event)
    world.say(as_type(event, PodDelete))
    world.say(changed(event, resource_version="6"))
    assert running(world) == ["p"]


def test_an_inventory_drops_what_it_does_not_list_and_was_known_before(world: World) -> None:
    world.say(state(world))
    inventory = ClusterInventory(nodes=["zone-a-1"], pods=["uid-gateway-zone-a"], as_of=world.now + 5)
    world.cluster.note(inventory, world.now + 5)
    assert running(world) == []
    assert len(world.cluster.gateways()) == 1


def test_an_inventory_spares_what_is_newer_than_itself(world: World) -> None:
    world.say(state(world))
    world.cluster.note(ClusterInventory(nodes=[], pods=[], as_of=world.now - 1), world.now + 5)
    assert running(world) == ["p"]
    assert world.cluster.zones() == ["zone-a"]


def test_a_pod_that_an_inventory_missed_comes_back_when_it_is_said_again(world: World) -> None:
    event = state(world, resource_version="5")
    world.say(event)
    world.cluster.note(ClusterInventory(nodes=["zone-a-1"], pods=[], as_of=1001.0), 1001.0)
    assert running(world) == []
    world.now = 1002.0
    world.say(event)
    assert running(world) == ["p"]


def test_a_request_that_cannot_be_read_is_named_and_changes_nothing(world: World) -> None:
    event = state(world)
    event.containers["fn"].resource_requests["cpu"] = "much"
    with pytest.raises(ValueError, match=r"pod default/p, container fn: resource_requests: .*'much'"):
        world.cluster.note(event, world.now)
    assert world.cluster.pod_named("p") is None


def test_requests_of_all_containers_count() -> None:
    world = World()
    event = state(world)
    event.containers["side"] = msgspec.structs.replace(event.containers["fn"], name="side")
    assert isinstance(event, PodRunning)
    assert world.say(event).cpu_request_millicores == 200.0
