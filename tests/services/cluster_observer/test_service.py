"""What the cluster observer says of nodes and pods, and when it says it again."""

from __future__ import annotations

import asyncio
import json

import pytest
from galileo_backends.kubernetes.resources import NODES, PODS
from galileo_schemas.events import (
    ClusterInventory,
    NodeUpdate,
    PodCreate,
    PodDelete,
    PodPending,
    PodRunning,
    PodShutdown,
    Resync,
)
from galileo_schemas.frame import EVENTS_CHANNEL
from galileo_services.cluster_observer.pod_transitions import as_event
from galileo_services.cluster_observer.service import ClusterObserver

from tests.services.harness import House, unix_now, until
from tests.services.kubernetes_objects import add_node, add_pod, add_running_pod, pod_object, run_pod

pytestmark = pytest.mark.looptime

REPEATS = f"{EVENTS_CHANNEL}/cluster"


async def listed(house: House) -> None:
    """Until the first inventory, which is said when nodes and pods have been listed, and all queued records are out."""
    await until(lambda: bool(house.said.of(ClusterInventory)))
    await asyncio.sleep(0.5)


async def test_a_pod_that_is_there_at_the_start_is_said_as_created_and_in_its_present_state(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    await add_pod(house.kubernetes, pod_object("pod-2"))
    async with house.living(ClusterObserver):
        await listed(house)
    assert [(event.name, event.node_name) for event in house.said.of(PodCreate)] == [("pod-1", "node-1"), ("pod-2", "")]
    assert [(event.name, event.ready, event.pod_ip) for event in house.said.of(PodRunning)] == [
        ("pod-1", True, "10.0.0.1")
    ]
    assert [event.name for event in house.said.of(PodPending)] == ["pod-2"]


async def test_the_inventory_comes_after_all_that_it_names(house: House) -> None:
    for number in range(3):
        await add_running_pod(house.kubernetes, f"pod-{number}", "node-1", f"10.0.0.{number}")
        await add_node(house.kubernetes, f"node-{number}")
    async with house.living(ClusterObserver):
        await listed(house)
    said = [frame.name for _, frame in house.said.messages]
    first = said.index("cluster_inventory")
    assert said[:first].count("pod/running") == said[:first].count("node_update") == 3


async def test_a_change_is_said_once_and_what_does_not_change_not_at_all(house: House) -> None:
    await add_pod(house.kubernetes, pod_object("pod-1"))
    async with house.living(ClusterObserver):
        await listed(house)
        house.said.forget()
        await run_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
        await asyncio.sleep(0.5)
        assert house.said.names() == ["pod/pending", "pod/running"], "bound, then running"
        house.said.forget()
        seen = {"metadata": {"annotations": {"somebody/else": "was here"}}}
        await house.kubernetes.patch(PODS, "pod-1", seen, namespace="default")
        await asyncio.sleep(0.5)
        assert house.said.names() == []


async def test_a_deletion_is_said_as_shutdown_and_then_as_delete(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(ClusterObserver):
        await listed(house)
        house.said.forget()
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=5)
        await asyncio.sleep(0.5)
        assert house.said.names() == ["pod/shutdown"]
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=0)
        await asyncio.sleep(0.5)
        assert house.said.names() == ["pod/shutdown", "pod/delete"]
        await house.person.say(Resync(wants=["pods"]))
        await asyncio.sleep(0.5)
    assert house.said.of(PodRunning) == []
    assert house.said.of(ClusterInventory)[-1].pods == []


async def test_pods_and_nodes_whose_deletion_was_missed_are_said_to_be_gone_at_the_next_list(house: House) -> None:
    for number in (1, 2):
        await add_node(house.kubernetes, f"node-{number}")
        await add_running_pod(house.kubernetes, f"pod-{number}", f"node-{number}", f"10.0.0.{number}")
    async with house.living(ClusterObserver):
        await listed(house)
        house.said.forget()
        house.kubernetes.watches_are_cut = True
        await house.kubernetes.delete(PODS, "pod-2", namespace="default", grace_period_s=0)
        await house.kubernetes.delete(NODES, "node-2")
        await asyncio.sleep(0.5)
        assert house.said.names() == []
        house.kubernetes.watches_are_cut = False
        await add_pod(house.kubernetes, pod_object("pod-3"))
        await add_node(house.kubernetes, "node-3")
        await asyncio.sleep(0.5)
    assert house.said.names() == ["pod/delete", "pod/create", "pod/pending"]
    assert [event.name for event in house.said.of(PodDelete)] == ["pod-2"]
    assert [(event.name, event.present) for event in house.said.of(NodeUpdate)] == [("node-2", False), ("node-3", True)]
    inventory = house.said.of(ClusterInventory)[-1]
    assert (inventory.nodes, len(inventory.pods)) == (["node-1", "node-3"], 2)


async def test_everything_is_said_again_for_one_who_asks_then_the_inventory(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(ClusterObserver):
        await listed(house)
        house.said.forget()
        await house.person.say(Resync(wants=["nodes"]))
        await asyncio.sleep(0.2)
    assert house.said.names() == ["resync"], "what is merely repeated is no news"
    assert house.said.names(REPEATS) == ["node_update", "pod/running", "cluster_inventory"]
    assert house.said.of(ClusterInventory)[0].as_of > 1_700_000_000


async def test_what_is_said_again_carries_the_id_and_the_cause_of_the_event_that_said_it_first(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1", cause="decision-1")
    async with house.living(ClusterObserver):
        await listed(house)
        await house.person.say(Resync())
        await asyncio.sleep(0.5)
    (first,) = house.said.of(PodRunning, channel=EVENTS_CHANNEL)
    again = house.said.of(PodRunning, channel=REPEATS)[-1]
    assert first.meta is not None
    assert again.meta is not None
    assert (again.meta.id, again.meta.cause) == (first.meta.id, ("decision-1",))


async def test_a_pod_that_somebody_drains_is_said_again_as_draining_until_it_changes(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(ClusterObserver):
        await listed(house)
        (running,) = house.said.of(PodRunning)
        drain = as_event(PodShutdown, running)
        await house.person.say(drain, cause=("decision-1",))
        await asyncio.sleep(0.5)
        house.said.forget()
        await house.person.say(Resync())
        await asyncio.sleep(1.0)
        assert house.said.names(REPEATS) == ["pod/shutdown", "cluster_inventory"]
        (again,) = house.said.of(PodShutdown)
        assert drain.meta is not None
        assert again.meta is not None
        assert (again.meta.id, again.meta.cause) == (drain.meta.id, ("decision-1",))
        ready_no_more = {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}
        await house.kubernetes.patch_status(PODS, "pod-1", ready_no_more, namespace="default")
        await asyncio.sleep(0.5)
        house.said.forget()
        await house.person.say(Resync())
        await asyncio.sleep(1.0)
        assert house.said.names(REPEATS) == ["pod/running", "cluster_inventory"]


async def test_who_asks_for_something_else_gets_no_answer(house: House) -> None:
    async with house.living(ClusterObserver):
        await listed(house)
        house.said.forget()
        await house.person.say(Resync(wants=["latencies"]))
        await asyncio.sleep(1.0)
    assert house.said.names(REPEATS) == []


async def test_many_who_ask_at_once_get_few_answers_and_the_last_one_gets_its_own(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    async with house.living(ClusterObserver):
        await listed(house)
        house.said.forget()
        for _ in range(20):
            await house.person.say(Resync())
            await asyncio.sleep(0.05)
        last_asked = unix_now() - 0.05
        await asyncio.sleep(1.0)
    answered = [frame.ts for _, frame in house.said.messages if frame.name == "node_update"]
    assert 2 <= len(answered) <= 4, "one each half second"
    assert answered[-1] >= last_asked


async def test_everything_is_said_again_each_interval_without_being_asked(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    async with house.living(ClusterObserver, galileo_repeat_interval="10"):
        await listed(house)
        house.said.forget()
        await asyncio.sleep(20.0)
    assert len(house.said.of(NodeUpdate)) == 2


async def test_a_nodes_info_holds_its_labels_and_what_can_be_allocated_beside_what_others_wrote(house: House) -> None:
    house.server.hashes["telemd.info:node-1"] = {"arch": "arm64"}
    await add_node(house.kubernetes, "node-1", "zone-b", cpu="2")
    async with house.living(ClusterObserver):
        await listed(house)
    info = house.server.hashes["telemd.info:node-1"]
    assert info["arch"] == "arm64"
    assert json.loads(info["labels"]) == {"ether.edgerun.io/zone": "zone-b"}
    assert json.loads(info["allocatable"])["cpu"] == "2"


async def test_a_nodes_info_that_the_bus_could_not_take_is_written_when_it_is_back(house: House) -> None:
    async with house.living(ClusterObserver, galileo_repeat_interval="5") as observer:
        await listed(house)
        house.server.available = False
        await add_node(house.kubernetes, "node-1")
        await asyncio.sleep(1.0)
        assert observer.figures()["nodes"] == 1
        house.server.available = True
        await asyncio.sleep(10.0)
        assert "allocatable" in house.server.hashes["telemd.info:node-1"]
        assert [event.name for event in house.said.of(NodeUpdate)][:1] == ["node-1"]


async def test_the_decision_that_a_pod_was_made_for_is_the_cause_of_what_is_said_of_it(house: House) -> None:
    async with house.living(ClusterObserver):
        await listed(house)
        await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1", cause="decision-1")
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=5)
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=0)
        await asyncio.sleep(0.5)
    said = [*house.said.of(PodCreate), *house.said.of(PodRunning), *house.said.of(PodShutdown)]
    said += house.said.of(PodDelete)
    assert len(said) == 4
    assert [event.meta and event.meta.cause for event in said] == [("decision-1",)] * 4


async def test_it_is_ready_when_nodes_and_pods_have_been_listed(house: House) -> None:
    house.kubernetes.watches_are_cut = True
    async with house.living(ClusterObserver) as observer:
        await asyncio.sleep(0.5)
        assert observer.ready() == "not listed yet: nodes, pods"
        house.kubernetes.watches_are_cut = False
        await add_node(house.kubernetes, "node-1")
        await asyncio.sleep(0.5)
        assert observer.ready() == "not listed yet: pods"
        assert house.said.of(ClusterInventory) == [], "half an inventory would make others forget all pods"
        await add_pod(house.kubernetes, pod_object("pod-1"))
        await listed(house)
        assert observer.ready() is None
