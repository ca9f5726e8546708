"""Creating, reading, changing and deleting objects: the same tests for the twin and the HTTP client."""

import pytest
from galileo_backends.kubernetes import (
    DEPLOYMENTS,
    EVENTS,
    NODES,
    PODS,
    AlreadyExists,
    ApiError,
    Conflict,
    Invalid,
    Kubernetes,
    NotFound,
    event_about,
)

from .conftest import NOW_S, create_namespace, create_pod, pod


async def test_what_is_created_reads_back_with_what_the_server_adds(kubernetes: Kubernetes) -> None:
    created = await create_pod(kubernetes, "a", app="x")
    assert created == await kubernetes.get(PODS, "a", namespace="default")
    assert created["kind"] == "Pod"
    assert created["apiVersion"] == "v1"
    metadata = created["metadata"]
    assert metadata["namespace"] == "default"
    assert metadata["labels"] == {"app": "x"}
    assert metadata["creationTimestamp"] == "2023-11-14T22:13:20Z"
    assert len(metadata["uid"]) == 36
    assert int(metadata["resourceVersion"]) > 0
    assert created["status"]["phase"] == "Pending"


async def test_what_a_caller_does_to_an_answer_stays_with_the_caller(kubernetes: Kubernetes) -> None:
    created = await create_pod(kubernetes, "a")
    created["metadata"]["labels"] = {"mine": "alone"}
    assert (await kubernetes.get(PODS, "a", namespace="default"))["metadata"].get("labels", {}) == {}


async def test_a_name_that_is_taken_already_exists(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    with pytest.raises(AlreadyExists, match='pods "a" already exists') as raised:
        await create_pod(kubernetes, "a")
    assert raised.value.status == 409
    assert raised.value.details["name"] == "a"


async def test_the_same_name_in_another_namespace_is_free(kubernetes: Kubernetes) -> None:
    await create_namespace(kubernetes, "other")
    await create_pod(kubernetes, "a")
    await kubernetes.create(PODS, pod("a"), namespace="other")
    assert len((await kubernetes.list_all(PODS)).items) == 2
    assert len((await kubernetes.list_all(PODS, namespace="other")).items) == 1


async def test_a_namespace_that_does_not_exist_is_not_found(kubernetes: Kubernetes) -> None:
    with pytest.raises(NotFound, match='namespaces "nowhere" not found'):
        await kubernetes.create(PODS, pod("a"), namespace="nowhere")


async def test_an_object_that_does_not_exist_is_not_found(kubernetes: Kubernetes) -> None:
    with pytest.raises(NotFound, match='pods "a" not found'):
        await kubernetes.get(PODS, "a", namespace="default")
    with pytest.raises(NotFound, match=r'deployments\.apps "a" not found'):
        await kubernetes.get(DEPLOYMENTS, "a", namespace="default")


async def test_generated_names_differ(kubernetes: Kubernetes) -> None:
    body = pod("")
    del body["metadata"]["name"]
    body["metadata"]["generateName"] = "fn-"
    names = {(await kubernetes.create(PODS, body, namespace="default"))["metadata"]["name"] for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith("fn-") and len(name) == 8 for name in names)


async def test_an_object_without_a_name_is_invalid(kubernetes: Kubernetes) -> None:
    with pytest.raises(Invalid, match="name or generateName is required"):
        await kubernetes.create(PODS, pod(""), namespace="default")


async def test_nodes_have_no_namespace(kubernetes: Kubernetes) -> None:
    await kubernetes.create(NODES, {"metadata": {"name": "edge-1"}})
    assert (await kubernetes.get(NODES, "edge-1"))["kind"] == "Node"
    with pytest.raises(ValueError, match="nodes have no namespace"):
        await kubernetes.get(NODES, "edge-1", namespace="default")


async def test_a_pod_without_a_namespace_is_a_mistake_of_the_caller(kubernetes: Kubernetes) -> None:
    with pytest.raises(ValueError, match="a namespace is needed"):
        await kubernetes.get(PODS, "a")


async def test_a_pod_that_is_nowhere_goes_at_once(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    await kubernetes.delete(PODS, "a", namespace="default")
    with pytest.raises(NotFound):
        await kubernetes.get(PODS, "a", namespace="default")


async def test_a_bound_pod_stays_until_its_kubelet_lets_it_go(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    await kubernetes.bind("default", "a", "edge-1")
    await kubernetes.delete(PODS, "a", namespace="default", grace_period_s=10)
    going = (await kubernetes.get(PODS, "a", namespace="default"))["metadata"]
    assert going["deletionTimestamp"] == "2023-11-14T22:13:30Z"
    assert going["deletionGracePeriodSeconds"] == 10
    await kubernetes.delete(PODS, "a", namespace="default", grace_period_s=0)
    with pytest.raises(NotFound):
        await kubernetes.get(PODS, "a", namespace="default")


async def test_a_second_delete_does_not_prolong_the_first(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    await kubernetes.bind("default", "a", "edge-1")
    await kubernetes.delete(PODS, "a", namespace="default", grace_period_s=10)
    await kubernetes.delete(PODS, "a", namespace="default", grace_period_s=20)
    going = (await kubernetes.get(PODS, "a", namespace="default"))["metadata"]
    assert going["deletionGracePeriodSeconds"] == 10


async def test_a_delete_of_another_uid_deletes_nothing(kubernetes: Kubernetes) -> None:
    created = await create_pod(kubernetes, "a")
    with pytest.raises(Conflict):
        await kubernetes.delete(PODS, "a", namespace="default", uid="00000000-0000-0000-0000-000000000000")
    await kubernetes.delete(PODS, "a", namespace="default", uid=created["metadata"]["uid"])
    with pytest.raises(NotFound):
        await kubernetes.delete(PODS, "a", namespace="default")


async def test_a_merge_patch_sets_and_removes(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a", keep="1", drop="2")
    patch = {"metadata": {"labels": {"drop": None, "new": "3"}}}
    patched = await kubernetes.patch(PODS, "a", patch, namespace="default")
    assert patched["metadata"]["labels"] == {"keep": "1", "new": "3"}


async def test_a_strategic_patch_merges_containers_by_name(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    patch = {"spec": {"containers": [{"name": "main", "image": "registry.example/app:2.0"}]}}
    patched = await kubernetes.patch(PODS, "a", patch, namespace="default", kind="strategic")
    assert [container["image"] for container in patched["spec"]["containers"]] == ["registry.example/app:2.0"]


async def test_a_json_patch_tests_and_replaces(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a", app="x")
    operations = [
        {"op": "test", "path": "/metadata/labels/app", "value": "x"},
        {"op": "replace", "path": "/metadata/labels/app", "value": "y"},
        {"op": "add", "path": "/metadata/labels/example.com~1team", "value": "z"},
    ]
    patched = await kubernetes.patch(PODS, "a", operations, namespace="default", kind="json")
    assert patched["metadata"]["labels"] == {"app": "y", "example.com/team": "z"}
    with pytest.raises(Invalid):
        await kubernetes.patch(PODS, "a", operations, namespace="default", kind="json")


async def test_a_patch_of_an_old_version_is_a_conflict(kubernetes: Kubernetes) -> None:
    old = (await create_pod(kubernetes, "a"))["metadata"]["resourceVersion"]
    patch = {"metadata": {"resourceVersion": old, "labels": {"app": "x"}}}
    await kubernetes.patch(PODS, "a", patch, namespace="default")
    patch["metadata"]["labels"] = {"app": "y"}
    with pytest.raises(Conflict):
        await kubernetes.patch(PODS, "a", patch, namespace="default")


async def test_a_patch_that_changes_nothing_makes_no_new_version(kubernetes: Kubernetes) -> None:
    created = await create_pod(kubernetes, "a", app="x")
    patched = await kubernetes.patch(PODS, "a", {"metadata": {"labels": {"app": "x"}}}, namespace="default")
    assert patched["metadata"]["resourceVersion"] == created["metadata"]["resourceVersion"]


async def test_status_and_the_rest_are_patched_apart(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a", app="x")
    both = {"metadata": {"labels": {"app": "y"}}, "status": {"podIP": "10.0.0.7", "phase": "Running"}}
    after_status = await kubernetes.patch_status(PODS, "a", both, namespace="default")
    assert after_status["status"]["podIP"] == "10.0.0.7"
    after_patch = await kubernetes.patch(PODS, "a", {"status": {"phase": "Failed"}}, namespace="default")
    assert after_patch["status"]["phase"] == "Running"


async def test_a_strategic_status_patch_keeps_the_other_conditions(kubernetes: Kubernetes) -> None:
    await kubernetes.create(NODES, {"metadata": {"name": "edge-1"}})
    for name in ("Ready", "DiskPressure"):
        condition = {"type": name, "status": "True", "reason": "Test", "message": ""}
        patch = {"status": {"conditions": [condition]}}
        node = await kubernetes.patch_status(NODES, "edge-1", patch, kind="strategic")
    assert {condition["type"] for condition in node["status"]["conditions"]} == {"Ready", "DiskPressure"}


async def test_events_are_kept_with_what_they_are_about(kubernetes: Kubernetes) -> None:
    created = await create_pod(kubernetes, "a")
    event = event_about(created, reason="Scheduled", message="to edge-1", component="galileo", now_s=NOW_S)
    await kubernetes.create_event("default", event)
    (kept,) = (await kubernetes.list_all(EVENTS, namespace="default")).items
    assert kept["involvedObject"]["uid"] == created["metadata"]["uid"]
    assert kept["metadata"]["name"].startswith("a.")
    assert kept["message"] == "to edge-1"


@pytest.mark.parametrize(
    ("labels", "fields", "names"),
    [
        ("app=x", None, ["a", "b"]),
        ("app=x,tier!=front", None, ["b"]),
        ("tier", None, ["a", "c"]),
        ("!tier", None, ["b"]),
        ("app in (x, y),tier in (front)", None, ["a"]),
        ("app notin (x)", None, ["c"]),
        (None, "metadata.name=a", ["a"]),
        (None, "spec.nodeName=edge-1", ["a"]),
        (None, "spec.nodeName=", ["b", "c"]),
        ("app=x", "metadata.name!=a,status.phase=Pending", ["b"]),
    ],
)
async def test_selectors_choose(
    kubernetes: Kubernetes, labels: str | None, fields: str | None, names: list[str]
) -> None:
    await create_pod(kubernetes, "a", app="x", tier="front")
    await create_pod(kubernetes, "b", app="x")
    await create_pod(kubernetes, "c", app="y", tier="back")
    await kubernetes.bind("default", "a", "edge-1")
    found = await kubernetes.list_all(PODS, label_selector=labels, field_selector=fields)
    assert [item["metadata"]["name"] for item in found.items] == names
    assert all(item["kind"] == "Pod" for item in found.items)


async def test_a_selector_that_is_none_is_refused(kubernetes: Kubernetes) -> None:
    with pytest.raises(ApiError) as raised:
        await kubernetes.list_all(PODS, label_selector="app in x")
    assert raised.value.status == 400
