"""Logs as the API server asks for them."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from galileo_backends.http import HttpClient
from galileo_emulation.kubernetes.node_access import LogRequest, LogsUnavailableError
from galileo_emulation.world import World

from tests.emulation.kubelets.cluster import RESNET, SPEC, Cluster
from tests.emulation.kubelets.until import until


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(now=time.time)


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[World]:
    async with cluster.world(replace(SPEC, image_pull_s=0.0)) as running:
        yield running


def asking(pod: str, **fields: Any) -> LogRequest:
    return LogRequest(namespace="default", pod=pod, **{"container": "main", **fields})


async def read(world: World, request: LogRequest) -> list[bytes]:
    return b"".join([piece async for piece in world.node_access.log(request)]).splitlines()


async def test_a_function_writes_a_line_for_each_request(cluster: Cluster, world: World) -> None:
    cluster.create_pod("p", image=RESNET.image, ports=[{"containerPort": world.function_port}])
    await until(lambda: cluster.is_ready("p"))
    client = HttpClient()
    for path in ("/first", "/second?x=1"):
        await client.request("GET", cluster.status("p")["podIP"], world.function_port, path)
    await client.close()
    lines = await read(world, asking("p"))
    assert [line.split()[1:4] for line in lines] == [[b"GET", b"/first", b"200"], [b"GET", b"/second?x=1", b"200"]]
    assert 20.0 <= float(lines[0].split()[4].removesuffix(b"ms")) < 200.0
    assert lines[0].split()[5] == b"127.0.0.1"
    assert len(await read(world, asking("p", tail=1))) == 1
    assert await read(world, asking("p", since_s=0.0)) == []
    assert b"".join(await read(world, asking("p", limit_bytes=10))) == lines[0][:10]
    stamped = (await read(world, asking("p", timestamps=True)))[0]
    assert stamped.endswith(b" " + lines[0])


async def test_a_followed_log_tells_each_line_until_the_container_ends(cluster: Cluster, world: World) -> None:
    command = ["sh", "-c", "echo one; sleep 0.1; echo two; sleep 0.1; echo three"]
    cluster.create_pod("job", image="busybox", container={"command": command}, restartPolicy="Never")
    await until(lambda: cluster.status("job").get("phase") == "Running")
    assert await asyncio.wait_for(read(world, asking("job", follow=True)), 5.0) == [b"one", b"two", b"three"]
    assert await read(world, asking("job")) == [b"one", b"two", b"three"]  # also after its end


async def test_the_previous_log_is_that_of_the_run_before(cluster: Cluster, world: World) -> None:
    command = ["sh", "-c", "echo hello; sleep 0.3; exit 1"]
    cluster.create_pod("p", image="busybox", container={"command": command})
    await until(lambda: cluster.status("p").get("phase") == "Running")
    with pytest.raises(LogsUnavailableError, match='previous terminated container "main" in pod "p" not found'):
        await read(world, asking("p", previous=True))
    await until(lambda: cluster.container("p")["restartCount"] == 1)
    assert await read(world, asking("p", previous=True)) == [b"hello"]


async def test_an_idle_container_says_that_it_is_one(cluster: Cluster, world: World) -> None:
    cluster.create_pod("p", image="nginx")
    await until(lambda: cluster.is_ready("p"))
    assert await read(world, asking("p")) == [b"image nginx: an idle container has started; it does nothing"]


async def test_why_there_is_no_log_is_told(cluster: Cluster, world: World) -> None:
    cluster.create_pod("waits", image="nobody/knows:1")
    await until(lambda: cluster.waiting_reason("waits") is not None)
    for request, message in (
        (asking("nothing"), "pod nothing in namespace default is on none of the nodes"),
        (asking("waits", container="other"), "container other is not valid for pod waits"),
        (asking("waits"), 'container "main" in pod "waits" is waiting to start'),
    ):
        with pytest.raises(LogsUnavailableError, match=message):
            await read(world, request)
    await world.kill_node("n1")
    with pytest.raises(LogsUnavailableError, match="the kubelet of node n1 does not answer"):
        await read(world, asking("waits"))
