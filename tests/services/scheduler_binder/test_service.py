"""What the scheduler does about pods that wait for a node, whatever Kubernetes answers."""

from __future__ import annotations

import asyncio

import pytest
from galileo_backends.kubernetes.errors import ServerUnavailable
from galileo_backends.kubernetes.interface import JsonObject
from galileo_backends.kubernetes.memory import MemoryKubernetes
from galileo_backends.kubernetes.objects import timestamp
from galileo_backends.kubernetes.resources import EVENTS, NODES, PODS
from galileo_schemas.events import LatencyUpdate, PodBound, PodPending, PodUnschedulable
from galileo_services.cluster_observer.service import ClusterObserver
from galileo_services.scheduler_binder.service import SchedulerBinder

from tests.services.harness import House, unix_now, until
from tests.services.kubernetes_objects import add_node, add_pod, add_running_pod, node_object, pod_object

pytestmark = pytest.mark.looptime

AWAY = ServerUnavailable(503, "", "the API server is away")


async def node_of(house: House, pod: str) -> str | None:
    found = await house.kubernetes.get(PODS, pod, namespace="default")
    node: str | None = found["spec"].get("nodeName")
    return node


async def events(house: House) -> list[tuple[str, str]]:
    found = await house.kubernetes.list_all(EVENTS)
    return [(event["reason"], event["message"]) for event in found.items]


def of_scheduler(pod: JsonObject, name: str) -> JsonObject:
    pod["spec"]["schedulerName"] = name
    return pod


def of_node(pod: JsonObject, name: str) -> JsonObject:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    pod["spec"]["affinity"] = {"nodeAffinity": required}
    return pod


async def bound(house: House, count: int = 1, *, within_s: float = 30) -> list[PodBound]:
    await until(lambda: len(house.said.of(PodBound)) >= count, within_s=within_s)
    await asyncio.sleep(0.5)
    return house.said.of(PodBound)


async def test_a_pending_pod_is_bound_and_said_with_its_decision_as_cause(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    async with house.living(SchedulerBinder, ClusterObserver):
        await asyncio.sleep(1.0)
        await add_pod(house.kubernetes, pod_object("pod-1", cause="decision-1"))
        (event,) = await bound(house)
    assert await node_of(house, "pod-1") == "node-1"
    assert (event.pod, event.fn, event.node, event.zone) == ("pod-1", "resnet", "node-1", "zone-a")
    assert event.scheduler == "custom-scheduler"
    assert event.meta is not None
    assert event.meta.cause == ("decision-1",)
    assert await events(house) == [("Scheduled", "Successfully assigned default/pod-1 to node-1")]


async def test_only_pods_of_its_scheduler_names_are_bound(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    for name in ("custom-scheduler", "default-scheduler", "edge-scheduler"):
        await add_pod(house.kubernetes, of_scheduler(pod_object(f"pod-{name}"), name))
    names = "custom-scheduler, default-scheduler"
    async with house.living(SchedulerBinder, ClusterObserver, scheduler_binder_names=names):
        await bound(house, 2)
        await asyncio.sleep(20)
    assert sorted(event.scheduler for event in house.said.of(PodBound)) == ["custom-scheduler", "default-scheduler"]
    assert await node_of(house, "pod-edge-scheduler") is None


async def test_the_affinity_of_a_daemon_sets_pod_takes_it_to_its_node(house: House) -> None:
    for name in ("node-1", "node-2", "node-3"):
        await add_node(house.kubernetes, name)
    tied = of_node(pod_object("pod-1"), "node-2")
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, tied)
        (event,) = await bound(house)
    assert event.node == await node_of(house, "pod-1") == "node-2"


async def test_nothing_is_bound_before_all_is_known(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    async with house.living(SchedulerBinder) as binder:
        await house.person.say(
            PodPending(pod_uid="u", name="pod-1", status="Pending", scheduler_name="custom-scheduler")
        )
        await asyncio.sleep(5)
        assert binder.ready() == "no cluster inventory heard yet"
        assert binder.figures()["waiting"] == 1
        assert house.said.of(PodUnschedulable) == []
        assert house.kubernetes.count("bind") == 0


async def test_after_a_restart_no_pod_is_bound_twice_and_the_waiting_ones_are(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    async with house.living(ClusterObserver):
        async with house.living(SchedulerBinder):
            await add_pod(house.kubernetes, pod_object("pod-1"))
            await bound(house)
        await add_pod(house.kubernetes, pod_object("pod-2"))
        await asyncio.sleep(1)
        async with house.living(SchedulerBinder) as binder:
            await bound(house, 2)
            assert binder.ready() is None
    assert [event.pod for event in house.said.of(PodBound)] == ["pod-1", "pod-2"]
    assert house.kubernetes.count("bind") == 2


async def test_the_pods_that_run_already_take_their_room_after_a_restart(house: House) -> None:
    await add_node(house.kubernetes, "node-1", cpu="1")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    await add_pod(house.kubernetes, pod_object("pod-2", cpu="700m"))
    async with house.living(ClusterObserver):
        await asyncio.sleep(1)
        async with house.living(SchedulerBinder):
            await until(lambda: bool(house.said.of(PodUnschedulable)))
    assert await node_of(house, "pod-2") is None


async def test_pods_of_one_moment_do_not_get_the_same_room(house: House) -> None:
    await add_node(house.kubernetes, "node-1", cpu="1")
    for number in range(3):
        await add_pod(house.kubernetes, pod_object(f"pod-{number}"))
    async with house.living(SchedulerBinder, ClusterObserver):
        await bound(house, 2)
        await asyncio.sleep(5)
    assert len(house.said.of(PodBound)) == 2


async def test_a_pod_that_somebody_else_bound_meanwhile_is_left_alone(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    await add_node(house.kubernetes, "node-2")
    async with house.living(SchedulerBinder, ClusterObserver):
        await asyncio.sleep(1)
        await add_pod(house.kubernetes, pod_object("pod-1"))
        await MemoryKubernetes.bind(house.kubernetes, "default", "pod-1", "node-2")
        await asyncio.sleep(30)
    assert await node_of(house, "pod-1") == "node-2"
    assert house.kubernetes.count("bind") <= 1
    assert house.said.of(PodBound) == []


async def test_a_pod_that_was_deleted_meanwhile_is_forgotten(house: House) -> None:
    await add_node(house.kubernetes, "node-1", cpu="1")
    async with house.living(SchedulerBinder, ClusterObserver) as binder:
        await asyncio.sleep(1)
        await add_pod(house.kubernetes, pod_object("pod-1", cpu="1"))
        await house.kubernetes.delete(PODS, "pod-1", namespace="default")
        await asyncio.sleep(1)
        assert binder.figures()["waiting"] == 0
        await add_pod(house.kubernetes, pod_object("pod-2", cpu="1"))
        assert [event.pod for event in await bound(house)] == ["pod-2"], "the first one holds no room"


async def test_an_api_server_that_is_away_for_a_while_is_asked_again(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    house.kubernetes.before["bind"].extend([AWAY] * 3)
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, pod_object("pod-1"))
        await bound(house)
    assert house.kubernetes.count("bind") == 4
    assert house.said.of(PodUnschedulable) == [], "that is not the pod's fault"


async def test_a_binding_whose_answer_was_lost_is_said_all_the_same_once(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    house.kubernetes.after["bind"].append(AWAY)
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, pod_object("pod-1", cause="decision-1"))
        await asyncio.sleep(35)
    (event,) = house.said.of(PodBound)
    assert (event.pod, event.node) == ("pod-1", "node-1")
    assert event.meta is not None
    assert event.meta.cause == ("decision-1",)


async def test_a_refusal_is_said_once_a_message_and_as_an_event_of_the_pod(house: House) -> None:
    await add_node(house.kubernetes, "node-1", cpu="100m")
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, pod_object("pod-1", cause="decision-1"))
        await asyncio.sleep(60)
        (refused,) = house.said.of(PodUnschedulable)
        assert refused.message == "0/1 nodes are available: 1 Insufficient cpu."
        assert refused.meta is not None
        assert refused.meta.cause == ("decision-1",)
        assert await events(house) == [("FailedScheduling", refused.message)]
        await add_node(house.kubernetes, "node-2", cpu="100m")
        await asyncio.sleep(5)
    assert [event.message for event in house.said.of(PodUnschedulable)] == [
        "0/1 nodes are available: 1 Insufficient cpu.",
        "0/2 nodes are available: 2 Insufficient cpu.",
    ]


async def test_when_room_appears_the_waiting_pod_gets_it_at_once(house: House) -> None:
    await add_node(house.kubernetes, "node-1", cpu="100m")
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, pod_object("pod-1"))
        await asyncio.sleep(31.5)  # its pauses are long by now
        await add_node(house.kubernetes, "node-2")
        (event,) = await bound(house, within_s=0.5)
    assert event.node == "node-2"


async def test_when_a_pod_goes_the_waiting_one_takes_its_place(house: House) -> None:
    await add_node(house.kubernetes, "node-1", cpu="500m")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, pod_object("pod-2"))
        await asyncio.sleep(31.5)
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=0)
        (event,) = await bound(house, within_s=0.5)
    assert event.pod == "pod-2"


async def test_a_node_that_is_gone_gets_no_pod(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    async with house.living(SchedulerBinder, ClusterObserver):
        await asyncio.sleep(1)
        await house.kubernetes.delete(NODES, "node-1")
        await asyncio.sleep(1)
        await add_pod(house.kubernetes, pod_object("pod-1"))
        await until(lambda: bool(house.said.of(PodUnschedulable)))
        await house.kubernetes.create(NODES, node_object("node-2"))
        (event,) = await bound(house)
    assert event.node == "node-2"


async def test_a_delay_bound_waits_for_the_latency_and_then_holds(house: House) -> None:
    await add_node(house.kubernetes, "edge-1")
    await add_node(house.kubernetes, "far-1", "zone-b")
    await add_node(house.kubernetes, "near-1", "zone-c")
    await house.kubernetes.patch(NODES, "edge-1", {"spec": {"unschedulable": True}})
    pod = pod_object("pod-1")
    pod["metadata"]["labels"]["delay_edge-1"] = "25"
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, pod)
        await until(lambda: bool(house.said.of(PodUnschedulable)))
        await asyncio.sleep(20)
        await house.person.say(LatencyUpdate(latencies={"edge-1": {"far-1": 90.0, "near-1": 20.0}}))
        (event,) = await bound(house, within_s=0.5)
    assert event.node == "near-1"


async def test_kubernetes_events_that_are_not_taken_hold_nothing_up(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(namespace: str, event: JsonObject) -> JsonObject:
        raise AWAY

    await add_node(house.kubernetes, "node-1")
    house.kubernetes.create_event = refuse  # type: ignore[method-assign]
    with caplog.at_level("INFO"):
        async with house.living(SchedulerBinder, ClusterObserver):
            await add_pod(house.kubernetes, pod_object("pod-1"))
            await add_pod(house.kubernetes, pod_object("pod-2"))
            await bound(house, 2)
    assert any("Scheduled of pod-1 was not taken" in record.getMessage() for record in caplog.records)


async def test_the_kubernetes_event_is_of_the_moment_before_the_node_could_begin(house: House) -> None:
    """Kubelets begin as soon as the binding is there, and people read both in the order of their moments."""
    bind, begun = house.kubernetes.bind, list[float]()

    async def slowly(namespace: str, pod: str, node: str, *, uid: str | None = None) -> None:
        begun.append(unix_now())
        await asyncio.sleep(3.0)
        await bind(namespace, pod, node, uid=uid)

    house.kubernetes.bind = slowly  # type: ignore[method-assign]
    await add_node(house.kubernetes, "node-1")
    async with house.living(SchedulerBinder, ClusterObserver):
        await add_pod(house.kubernetes, pod_object("pod-1"))
        await bound(house)
    (event,) = (await house.kubernetes.list_all(EVENTS)).items
    assert event["firstTimestamp"] == event["lastTimestamp"] == timestamp(begun[0])
