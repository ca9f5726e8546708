"""Resizing a pod's containers: the same tests for the twin and the HTTP client."""

import pytest
from galileo_backends.kubernetes import (
    NODES,
    PODS,
    Conflict,
    Forbidden,
    HttpKubernetes,
    Invalid,
    JsonObject,
    Kubernetes,
    NotFound,
)

from .conftest import pod


@pytest.fixture(autouse=True)
async def _only_where_it_is_offered(kubernetes: Kubernetes) -> None:
    if isinstance(kubernetes, HttpKubernetes):
        offered = (await kubernetes.request("GET", "/api/v1"))["resources"]
        if not any(row["name"] == "pods/resize" for row in offered):
            pytest.skip("this API server does not offer the resize subresource")


async def sized_pod(kubernetes: Kubernetes, name: str = "a") -> JsonObject:
    """A Burstable pod with requests and limits."""
    body = pod(name)
    body["spec"]["containers"][0]["resources"] = {
        "requests": {"cpu": "100m", "memory": "64Mi"},
        "limits": {"cpu": "200m", "memory": "128Mi"},
    }
    return await kubernetes.create(PODS, body, namespace="default")


def wanted(**resources: dict[str, str]) -> JsonObject:
    return {"spec": {"containers": [{"name": "main", "resources": resources}]}}


def resources(found: JsonObject) -> JsonObject:
    answer: JsonObject = found["spec"]["containers"][0]["resources"]
    return answer


async def test_a_resize_changes_what_it_names_and_raises_the_generation(kubernetes: Kubernetes) -> None:
    created = await sized_pod(kubernetes)
    resized = await kubernetes.patch_resize("a", wanted(requests={"cpu": "150m"}), namespace="default")
    assert resources(resized) == {
        "requests": {"cpu": "150m", "memory": "64Mi"},
        "limits": {"cpu": "200m", "memory": "128Mi"},
    }
    assert resized["metadata"]["generation"] == created["metadata"]["generation"] + 1
    assert int(resized["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])
    assert resized == await kubernetes.get(PODS, "a", namespace="default")


async def test_the_status_is_left_to_the_kubelet(kubernetes: Kubernetes) -> None:
    await sized_pod(kubernetes)
    patch = {**wanted(requests={"cpu": "150m"}), "status": {"phase": "Failed"}}
    resized = await kubernetes.patch_resize("a", patch, namespace="default")
    assert resized["status"]["phase"] == "Pending"


async def test_a_resize_takes_nothing_but_resources(kubernetes: Kubernetes) -> None:
    await sized_pod(kubernetes)
    patch = wanted(requests={"cpu": "150m"})
    patch["spec"]["containers"][0]["image"] = "registry.example/app:2.0"
    patch["metadata"] = {"labels": {"x": "y"}}
    resized = await kubernetes.patch_resize("a", patch, namespace="default")
    assert resized["spec"]["containers"][0]["image"] == "registry.example/app:1.0"
    assert not resized["metadata"].get("labels")


async def test_the_same_resources_again_change_nothing(kubernetes: Kubernetes) -> None:
    created = await sized_pod(kubernetes)
    again = await kubernetes.patch_resize("a", wanted(requests={"cpu": "100m"}), namespace="default")
    assert again["metadata"] == created["metadata"]


async def test_a_resize_of_an_old_version_is_a_conflict(kubernetes: Kubernetes) -> None:
    old = (await sized_pod(kubernetes))["metadata"]["resourceVersion"]
    await kubernetes.patch_resize("a", wanted(requests={"cpu": "150m"}), namespace="default")
    late = {"metadata": {"resourceVersion": old}, **wanted(requests={"cpu": "160m"})}
    with pytest.raises(Conflict):
        await kubernetes.patch_resize("a", late, namespace="default")


@pytest.mark.parametrize(
    ("amounts", "why"),
    [
        ({"requests": {"cpu": "300m"}}, "less than or equal to cpu limit"),
        ({"requests": {"cpu": "-1"}}, "greater than or equal to 0"),
        ({"requests": {"ephemeral-storage": "1Gi"}}, "only cpu and memory"),
        ({"requests": {"cpu": "200m", "memory": "128Mi"}}, "QOS Class"),
    ],
)
async def test_a_resize_that_breaks_a_rule_is_invalid(
    kubernetes: Kubernetes, amounts: dict[str, dict[str, str]], why: str
) -> None:
    await sized_pod(kubernetes)
    with pytest.raises(Invalid, match=why):
        await kubernetes.patch_resize("a", wanted(**amounts), namespace="default")


async def test_more_than_the_node_could_ever_hold_is_forbidden(kubernetes: Kubernetes) -> None:
    node = {"metadata": {"name": "edge-1"}}
    await kubernetes.create(NODES, node)
    status = {"status": {"allocatable": {"cpu": "1", "memory": "1Gi"}}}
    await kubernetes.patch_status(NODES, "edge-1", status)
    await sized_pod(kubernetes)
    await kubernetes.bind("default", "a", "edge-1")
    too_much = wanted(requests={"cpu": "2"}, limits={"cpu": "4"})
    with pytest.raises(Forbidden, match="enough allocatable resources: cpu, requested: 2000, allocatable: 1000"):
        await kubernetes.patch_resize("a", too_much, namespace="default")
    await kubernetes.patch_resize("a", wanted(requests={"cpu": "900m"}, limits={"cpu": "1"}), namespace="default")


async def test_a_pod_that_is_not_there_is_not_found(kubernetes: Kubernetes) -> None:
    with pytest.raises(NotFound, match='pods "a" not found'):
        await kubernetes.patch_resize("a", wanted(requests={"cpu": "1"}), namespace="default")


async def test_resources_do_not_change_but_by_a_resize(kubernetes: Kubernetes) -> None:
    await sized_pod(kubernetes)
    with pytest.raises(Invalid):
        await kubernetes.patch(PODS, "a", wanted(requests={"cpu": "150m"}), namespace="default", kind="strategic")
