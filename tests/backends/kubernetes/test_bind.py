"""Binding pods to nodes: the same tests for the twin and the HTTP client."""

import pytest
from galileo_backends.kubernetes import PODS, Conflict, Invalid, Kubernetes, NotFound

from .conftest import create_pod


async def test_a_bound_pod_is_on_its_node_and_says_why(kubernetes: Kubernetes) -> None:
    created = await create_pod(kubernetes, "a")
    await kubernetes.bind("default", "a", "edge-1", uid=created["metadata"]["uid"], annotations={"cause": "42"})
    bound = await kubernetes.get(PODS, "a", namespace="default")
    assert bound["spec"]["nodeName"] == "edge-1"
    assert bound["metadata"]["annotations"]["cause"] == "42"
    assert [condition["type"] for condition in bound["status"]["conditions"]] == ["PodScheduled"]


async def test_a_pod_is_bound_once(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    await kubernetes.bind("default", "a", "edge-1")
    with pytest.raises(Conflict, match='already assigned to node "edge-1"'):
        await kubernetes.bind("default", "a", "edge-2")


async def test_a_pod_of_another_uid_is_not_bound(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    with pytest.raises(Conflict):
        await kubernetes.bind("default", "a", "edge-1", uid="00000000-0000-0000-0000-000000000000")
    assert "nodeName" not in (await kubernetes.get(PODS, "a", namespace="default"))["spec"]


async def test_a_pod_that_is_gone_is_not_found(kubernetes: Kubernetes) -> None:
    with pytest.raises(NotFound, match='pods "a" not found'):
        await kubernetes.bind("default", "a", "edge-1")


async def test_a_patch_cannot_bind(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    with pytest.raises(Invalid):
        await kubernetes.patch(PODS, "a", {"spec": {"nodeName": "edge-1"}}, namespace="default")
