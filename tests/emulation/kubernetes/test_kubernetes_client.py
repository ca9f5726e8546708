"""A client library (kubernetes_asyncio) works against the emulated server as it does against a real one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from galileo_emulation.kubernetes import ApiServer, kubeconfig
from kubernetes_asyncio import client, config, watch


@pytest.fixture
async def core(server: ApiServer, tmp_path: Path) -> AsyncIterator[Any]:
    path = tmp_path / "kubeconfig"
    path.write_text(kubeconfig(server.url))
    configuration = client.Configuration()
    await config.load_kube_config(str(path), client_configuration=configuration)
    async with client.ApiClient(configuration) as api:
        yield client.CoreV1Api(api)


def pod(name: str) -> Any:
    container = client.V1Container(name="main", image="registry.example/app:1")
    return client.V1Pod(metadata=client.V1ObjectMeta(name=name), spec=client.V1PodSpec(containers=[container]))


async def test_a_pod_is_created_bound_reported_running_and_deleted(core: Any) -> None:
    await core.create_node(client.V1Node(metadata=client.V1ObjectMeta(name="edge-1")))
    created = await core.create_namespaced_pod("default", pod("a"))
    target = client.V1ObjectReference(kind="Node", name="edge-1")
    binding = client.V1Binding(metadata=client.V1ObjectMeta(name="a"), target=target)
    await core.create_namespaced_pod_binding("a", "default", binding, _preload_content=False)
    await core.patch_namespaced_pod_status("a", "default", {"status": {"phase": "Running", "podIP": "10.0.0.1"}})
    running = await core.read_namespaced_pod("a", "default")
    assert (running.spec.node_name, running.status.phase) == ("edge-1", "Running")
    assert int(running.metadata.resource_version) > int(created.metadata.resource_version)
    await core.delete_namespaced_pod("a", "default", grace_period_seconds=0)
    assert (await core.list_namespaced_pod("default")).items == []


async def test_a_conflict_reaches_the_caller_with_its_reason(core: Any) -> None:
    await core.create_namespaced_pod("default", pod("a"))
    with pytest.raises(client.ApiException) as refused:
        await core.create_namespaced_pod("default", pod("a"))
    assert refused.value.status == 409
    assert "AlreadyExists" in str(refused.value.body)


async def test_a_watch_resumes_after_the_list_it_started_from(core: Any) -> None:
    await core.create_namespaced_pod("default", pod("before"))
    listed = await core.list_namespaced_pod("default")
    await core.create_namespaced_pod("default", pod("after"))
    seen = []
    async with asyncio.timeout(10), watch.Watch() as watching:
        async for event in watching.stream(
            core.list_namespaced_pod, "default", resource_version=listed.metadata.resource_version
        ):
            seen.append((event["type"], event["object"].metadata.name))
            if len(seen) == 2:
                break
            await core.delete_namespaced_pod("before", "default")
    assert seen == [("ADDED", "after"), ("MODIFIED", "before")]
