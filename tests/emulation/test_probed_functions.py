"""Probes on real sockets: functions are asked as their pods' specifications say."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from galileo_backends.http import Headers, HttpClient
from galileo_emulation.kubernetes.node_access import LogRequest
from galileo_emulation.world import World

from tests.emulation.kubelets.cluster import RESNET, SPEC, Cluster
from tests.emulation.kubelets.until import until

SLOW_START = replace(RESNET, name="slow", image="slow:1", start_s=0.6)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(now=time.time)


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[World]:
    async with cluster.world(replace(SPEC, functions=(RESNET, SLOW_START), image_pull_s=0.0)) as running:
        yield running


def create(cluster: Cluster, world: World, name: str, image: str, **probes: Any) -> None:
    container = {"ports": [{"name": "http", "containerPort": world.function_port}], **probes}
    cluster.create_pod(name, image=image, container=container)


def often(**probe: Any) -> dict[str, Any]:
    return {"periodSeconds": 1, "failureThreshold": 1, **probe}


async def test_without_a_probe_a_function_is_ready_when_it_serves(cluster: Cluster, world: World) -> None:
    create(cluster, world, "p", SLOW_START.image)
    await until(lambda: cluster.status("p").get("phase") == "Running")
    began = time.monotonic()
    assert not cluster.is_ready("p")
    condition = cluster.condition("p", "Ready")
    assert condition is not None
    assert condition["message"] == "containers with unready status: [main]"
    await until(lambda: cluster.is_ready("p"))
    assert time.monotonic() - began == pytest.approx(0.6, abs=0.2)
    ready = cluster.condition("p", "Ready")
    assert ready is not None
    assert "reason" not in ready


async def test_a_readiness_probe_decides_when_a_function_is_ready(cluster: Cluster, world: World) -> None:
    http = often(httpGet={"port": "http", "path": "/healthz"})
    create(cluster, world, "p", SLOW_START.image, readinessProbe=http)
    create(cluster, world, "never", RESNET.image, readinessProbe=often(tcpSocket={"port": 1}))
    await until(lambda: cluster.is_ready("p"))
    assert cluster.event("p", "Unhealthy")["message"].startswith("Readiness probe failed: Get ")
    assert not cluster.is_ready("never")
    assert cluster.container("never")["started"]
    unhealthy = cluster.event("never", "Unhealthy")
    assert unhealthy["type"] == "Warning"
    assert unhealthy["message"].startswith("Readiness probe failed: dial tcp ")
    assert cluster.container("p")["restartCount"] == 0


async def test_a_container_that_fails_its_liveness_probe_is_started_again(cluster: Cluster, world: World) -> None:
    for name, port in (("p", 1), ("well", world.function_port)):
        probe = often(tcpSocket={"port": port}, initialDelaySeconds=1)
        create(cluster, world, name, RESNET.image, livenessProbe=probe)
    await until(lambda: cluster.is_ready("p") and cluster.is_ready("well"))
    await until(lambda: cluster.container("p")["restartCount"] == 1)
    ended = cluster.container("p")["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (143, "Error")
    assert cluster.event("p", "Killing")["message"] == "Container main failed liveness probe, will be restarted"
    assert cluster.container("well")["restartCount"] == 0


async def test_a_startup_probe_holds_the_others_back(cluster: Cluster, world: World) -> None:
    probes = {
        "startupProbe": often(tcpSocket={"port": "http"}, failureThreshold=5),
        "livenessProbe": often(tcpSocket={"port": "http"}),
    }
    create(cluster, world, "p", SLOW_START.image, **probes)
    await until(lambda: cluster.status("p").get("phase") == "Running")
    assert not cluster.container("p")["started"]
    await until(lambda: bool(cluster.container("p")["started"]))
    await asyncio.sleep(0.1)
    assert cluster.is_ready("p")
    assert cluster.container("p")["restartCount"] == 0


async def test_what_cannot_be_asked_counts_as_passed_and_is_told(cluster: Cluster, world: World) -> None:
    create(cluster, world, "exec", RESNET.image, livenessProbe=often(exec={"command": ["false"]}))
    create(cluster, world, "idle", "nginx:1", readinessProbe=often(httpGet={"port": 80}))
    await until(lambda: cluster.is_ready("exec") and cluster.is_ready("idle"))
    message = cluster.event("exec", "ProbeNotPerformed")["message"]
    assert message == "Liveness probe: exec is not performed by an emulated kubelet, and counts as passed"
    assert "a container without a server" in cluster.event("idle", "ProbeNotPerformed")["message"]


async def test_a_probe_is_no_request(cluster: Cluster, world: World) -> None:
    create(cluster, world, "p", RESNET.image, readinessProbe=often(httpGet={"port": "http", "path": "/healthz"}))
    await until(lambda: cluster.is_ready("p"))
    client = HttpClient()
    for agent in ("kube-probe/1.36", "curl"):
        ip = cluster.status("p")["podIP"]
        headers = Headers([("User-Agent", agent)])
        assert (await client.request("GET", ip, world.function_port, "/healthz", headers)).status == 200
    await client.close()
    request = LogRequest(namespace="default", pod="p", container="main")
    lines = [piece async for piece in world.node_access.log(request)]
    assert b"".join(lines).count(b"GET /healthz 200") == 1
