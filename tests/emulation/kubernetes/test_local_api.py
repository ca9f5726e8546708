"""Kubelets in the same process see pods and report about them and their nodes."""

import asyncio
import random
import time

import pytest
from galileo_emulation.kubernetes import LocalApi, PodEvent, Store
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import EVENTS, LEASES, NODES, PODS
from galileo_emulation.kubernetes.operations.binding import bind
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.deletion import Deletion, delete


def add_pod(store: Store, name: str) -> str:
    container = {"name": "main", "image": "registry.example/app:1"}
    outcome = create(store, PODS, "default", {"metadata": {"name": name}, "spec": {"containers": [container]}})
    uid: str = outcome.body["metadata"]["uid"]
    return uid


def stored(store: Store, name: str) -> JsonObject:
    found = store.get(PODS, "default", name)
    assert found is not None
    return found.body


async def take(store: Store, count: int) -> list[tuple[str, str]]:
    events: list[PodEvent] = []
    async with asyncio.timeout(5):
        async for event in LocalApi(store).watch_pods():
            events.append(event)
            if len(events) == count:
                break
    return [(event.type, event.pod["metadata"]["name"]) for event in events]


async def test_present_pods_come_first_and_changes_follow(store: Store) -> None:
    add_pod(store, "a")
    watching = asyncio.create_task(take(store, 4))
    await asyncio.sleep(0)
    add_pod(store, "b")
    bind(store, "default", "a", {"target": {"name": "edge-1"}})
    delete(store, PODS, store.get(PODS, "default", "b") or pytest.fail("no pod b"), Deletion())
    assert await watching == [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a"), ("MODIFIED", "b")]


async def test_a_reader_that_fell_behind_learns_what_has_become_of_each_pod() -> None:
    store = Store(now=time.time, rng=random.Random(1), history_length=2)
    add_pod(store, "gone")
    add_pod(store, "kept")
    seen = []
    async with asyncio.timeout(5):
        async for event in LocalApi(store).watch_pods():
            seen.append((event.type, event.pod["metadata"]["name"]))
            if len(seen) == 2:
                delete(store, PODS, store.get(PODS, "default", "gone") or pytest.fail("no pod"), Deletion())
                for index in range(9):
                    add_pod(store, f"new-{index}")
            if len(seen) == 12:
                break
    assert seen[:3] == [("ADDED", "gone"), ("ADDED", "kept"), ("DELETED", "gone")]
    assert seen[3:] == [("ADDED", f"new-{index}") for index in range(9)]


async def test_status_is_merged_and_conditions_merge_by_type(store: Store) -> None:
    uid = add_pod(store, "a")
    bind(store, "default", "a", {"target": {"name": "edge-1"}})
    ready = {"type": "Ready", "status": "True"}
    local = LocalApi(store)
    assert await local.patch_pod_status(
        namespace="default", name="a", uid=uid, status={"phase": "Running", "conditions": [ready]}
    )
    status = stored(store, "a")["status"]
    assert (status["phase"], status["qosClass"]) == ("Running", "BestEffort")
    assert {condition["type"] for condition in status["conditions"]} == {"Ready", "PodScheduled"}


async def test_another_pod_of_the_same_name_is_left_alone(store: Store) -> None:
    add_pod(store, "a")
    other, local = "00000000-0000-0000-0000-000000000000", LocalApi(store)
    assert not await local.patch_pod_status(namespace="default", name="a", uid=other, status={"phase": "Failed"})
    assert not await local.remove_pod(namespace="default", name="a", uid=other)
    assert stored(store, "a")["status"]["phase"] == "Pending"


async def test_a_bound_pod_stays_until_its_kubelet_removes_it(store: Store) -> None:
    uid = add_pod(store, "a")
    bind(store, "default", "a", {"target": {"name": "edge-1"}})
    delete(store, PODS, store.get(PODS, "default", "a") or pytest.fail("no pod"), Deletion())
    assert stored(store, "a")["metadata"]["deletionGracePeriodSeconds"] == 30
    assert await LocalApi(store).remove_pod(namespace="default", name="a", uid=uid)
    assert store.get(PODS, "default", "a") is None


async def test_a_node_is_put_as_given_and_put_again(store: Store) -> None:
    local = LocalApi(store)
    status = {"allocatable": {"cpu": "3000m"}, "conditions": [{"type": "Ready", "status": "True"}]}
    await local.put_node({"metadata": {"name": "edge-1", "labels": {"a": "1"}}, "status": status})
    await local.put_node({"metadata": {"name": "edge-1", "labels": {"b": "2"}}, "status": status})
    node = store.get(NODES, "", "edge-1")
    assert node is not None
    assert node.body["metadata"]["labels"] == {"b": "2"}
    assert node.body["status"]["allocatable"] == {"cpu": "3"}
    assert "taints" not in node.body["spec"]
    assert await local.patch_node_status("edge-1", {"conditions": [{"type": "Ready", "status": "False"}]})
    assert not await local.patch_node_status("missing", {})


async def test_a_new_node_keeps_its_taint_where_controllers_take_it_off(store: Store) -> None:
    local = LocalApi(store, keeps_taints=True)
    for _ in range(2):
        await local.put_node({"metadata": {"name": "edge-1"}, "spec": {}, "status": {}})
    node = store.get(NODES, "", "edge-1")
    assert node is not None
    assert node.body["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]


async def test_a_node_brings_its_own_taints_only_when_it_is_new(store: Store) -> None:
    local, own = LocalApi(store, keeps_taints=True), {"key": "mine", "effect": "NoSchedule"}
    node = {"metadata": {"name": "edge-1"}, "spec": {"taints": [own]}, "status": {}}
    await local.put_node(node)
    stored = store.get(NODES, "", "edge-1")
    assert stored is not None
    assert stored.body["spec"]["taints"] == [own, {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]
    theirs = [{"key": "maintenance", "effect": "NoExecute"}]
    store.put(NODES, {**stored.body, "spec": {**stored.body["spec"], "taints": theirs}})
    await local.put_node(node)
    stored = store.get(NODES, "", "edge-1")
    assert stored is not None
    assert stored.body["spec"]["taints"] == theirs


async def test_an_event_names_its_object_and_its_source(store: Store) -> None:
    add_pod(store, "a")
    pod = {"kind": "Pod", "apiVersion": "v1", **stored(store, "a")}
    await LocalApi(store).record_event(regarding=pod, reason="Started", message="up", component="kubelet")
    (event,) = (found.body for found in store.objects(EVENTS, "default").values())
    assert event["involvedObject"]["uid"] == pod["metadata"]["uid"]
    assert (event["reason"], event["source"], event["type"]) == ("Started", {"component": "kubelet"}, "Normal")


async def test_an_event_that_is_told_again_is_counted(store: Store) -> None:
    api, uid = LocalApi(store), add_pod(store, "a")
    regarding = {"kind": "Pod", "metadata": {"name": "a", "namespace": "default", "uid": uid}}
    for message in ("one", "two", "one", "one"):
        await api.record_event(regarding=regarding, reason="BackOff", message=message, component="kubelet", host="n1")
    told = {event.body["message"]: event.body for event in store.objects(EVENTS, None).values()}
    assert {message: event["count"] for message, event in told.items()} == {"one": 3, "two": 1}
    assert told["one"]["source"] == {"component": "kubelet", "host": "n1"}
    name = told["one"]["metadata"]["name"]
    store.remove(EVENTS, "default", name)
    await api.record_event(regarding=regarding, reason="BackOff", message="one", component="kubelet", host="n1")
    (again,) = [e.body for e in store.objects(EVENTS, None).values() if e.body["message"] == "one"]
    assert again["count"] == 1


async def test_a_lease_is_made_and_renewed_and_goes_with_its_node(store: Store) -> None:
    api = LocalApi(store)
    await api.put_node({"metadata": {"name": "n1"}, "status": {}})
    await api.renew_lease("n1", duration_s=4)
    first = store.get(LEASES, "kube-node-lease", "n1")
    assert first is not None
    assert first.body["spec"]["holderIdentity"] == "n1"
    node = store.get(NODES, "", "n1")
    assert node is not None
    assert first.body["metadata"]["ownerReferences"][0]["uid"] == node.body["metadata"]["uid"]
    await api.renew_lease("n1", duration_s=4)
    second = store.get(LEASES, "kube-node-lease", "n1")
    assert second is not None
    assert second.version > first.version
    assert second.body["spec"]["renewTime"] >= first.body["spec"]["renewTime"]
