"""Logs and measured use come from the nodes; the server finds the container and says why there is nothing."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer, LocalApi, Store

from tests.emulation.kubernetes.scripted_nodes import ScriptedNodes, usage

PODS = "/api/v1/namespaces/default/pods"


@pytest.fixture
def nodes() -> ScriptedNodes:
    return ScriptedNodes()


@pytest.fixture
async def server(store: Store, nodes: ScriptedNodes) -> AsyncIterator[ApiServer]:
    async with ApiServer(store, nodes=nodes) as running:
        yield running


async def make_pod(session: aiohttp.ClientSession, server: ApiServer, name: str, *containers: str) -> dict[str, Any]:
    body = {
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"nodeName": "n", "containers": [{"name": container, "image": "i"} for container in containers]},
    }
    async with session.post(server.url + PODS, json=body) as response:
        pod: dict[str, Any] = await response.json()
        return pod


async def run_containers(store: Store, pod: dict[str, Any]) -> None:
    running = {"state": {"running": {"startedAt": "2024-01-01T00:00:00Z"}}, "lastState": {}, "restartCount": 0}
    statuses = [
        {"name": container["name"], "ready": True, "image": "i", "imageID": "", **running}
        for container in pod["spec"]["containers"]
    ]
    metadata = pod["metadata"]
    await LocalApi(store).patch_pod_status(
        namespace="default", name=metadata["name"], uid=metadata["uid"], status={"containerStatuses": statuses}
    )


async def log(session: aiohttp.ClientSession, server: ApiServer, name: str, **query: str) -> tuple[int, str]:
    async with session.get(f"{server.url}{PODS}/{name}/log", params=query) as response:
        if response.content_type == "application/json":
            return response.status, (await response.json())["message"]
        return response.status, await response.text()


async def test_the_only_container_is_meant_where_none_is_named(
    store: Store, server: ApiServer, nodes: ScriptedNodes, session: aiohttp.ClientSession
) -> None:
    await run_containers(store, await make_pod(session, server, "a", "main"))
    nodes.logs[("default", "a", "main")] = [b"one\n", b"two\n"]
    assert await log(session, server, "a") == (200, "one\ntwo\n")
    assert await log(session, server, "a", tailLines="1", timestamps="true") == (200, "two\n")
    assert (nodes.asked[-1].tail, nodes.asked[-1].timestamps) == (1, True)


async def test_reasons_why_there_is_no_log(store: Store, server: ApiServer, session: aiohttp.ClientSession) -> None:
    pod = await make_pod(session, server, "b", "one", "two")
    assert await log(session, server, "b", container="one") == (
        400,
        'container "one" in pod "b" is waiting to start: ContainerCreating',
    )
    await run_containers(store, pod)
    assert await log(session, server, "b") == (
        400,
        "a container name must be specified for pod b, choose one of: [one two]",
    )
    assert await log(session, server, "b", container="three") == (400, "container three is not valid for pod b")
    assert await log(session, server, "b", container="one", previous="true") == (
        400,
        'previous terminated container "one" in pod "b" not found',
    )
    assert await log(session, server, "b", container="one") == (400, "container one has written nothing yet")
    assert await log(session, server, "b", container="one", tailLines="-1") == (
        400,
        "tailLines=-1: must not be negative",
    )
    assert (await log(session, server, "none"))[0] == 404


async def test_what_needs_a_shell_is_refused_plainly(server: ApiServer, session: aiohttp.ClientSession) -> None:
    await make_pod(session, server, "c", "main")
    async with session.post(f"{server.url}{PODS}/c/exec") as response:
        assert response.status == 501
        assert "no shell" in (await response.json())["message"]


async def test_measured_use_is_told_of_what_exists(
    store: Store, server: ApiServer, nodes: ScriptedNodes, session: aiohttp.ClientSession
) -> None:
    await LocalApi(store).put_node({"metadata": {"name": "n", "labels": {"zone": "a"}}})
    nodes.nodes = {"n": usage(cpu_millicores=1500, memory_mib=512), "gone": usage(cpu_millicores=1, memory_mib=1)}
    await make_pod(session, server, "d", "main")
    nodes.containers = {
        ("default", "d"): {"main": usage(cpu_millicores=2.5, memory_mib=10)},
        ("default", "gone"): {"main": usage(cpu_millicores=1, memory_mib=1)},
    }
    async with session.get(f"{server.url}/apis/metrics.k8s.io/v1beta1/nodes") as response:
        (node,) = (await response.json())["items"]
    assert (node["metadata"]["name"], node["usage"]) == ("n", {"cpu": "1500000000n", "memory": "524288Ki"})
    url = f"{server.url}/apis/metrics.k8s.io/v1beta1/namespaces/default/pods"
    async with session.get(url, params={"labelSelector": "app=d"}) as response:
        (pod,) = (await response.json())["items"]
    assert pod["containers"] == [{"name": "main", "usage": {"cpu": "2500000n", "memory": "10240Ki"}}]
    async with session.get(url, params={"labelSelector": "app=other"}) as response:
        assert (await response.json())["items"] == []
    async with session.get(f"{url}/none") as response:
        assert response.status == 404
