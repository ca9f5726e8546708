"""kubectl rolls deployments out and back, scales them, and deletes them with or without what they own."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from galileo_emulation.controllers import Controllers
from galileo_emulation.kubernetes import ApiServer, Store, kubeconfig
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, NAMESPACES, NODES, PODS, REPLICA_SETS
from galileo_emulation.kubernetes.operations.creation import create

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, node, play, workload
from tests.emulation.kubernetes.test_kubectl import KUBECTL, kubectl

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl: install the extra dev")


@pytest.fixture
async def cluster() -> AsyncIterator[EmulatedCluster]:
    """A cluster in real time with one node, whose pods run at once."""
    store = Store(now=time.time, rng=random.Random(1))
    create(store, NODES, "", node("node-0"))
    async with Controllers(store) as controllers:
        found = EmulatedCluster(store, controllers, alive={"node-0"})
        playing = asyncio.create_task(play(found, lambda pod: "node-0", 0.0))
        try:
            yield found
            assert controllers.faults == []
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)


@pytest.fixture
async def environment(cluster: EmulatedCluster, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    async with ApiServer(cluster.store) as server:
        path = tmp_path / "kubeconfig"
        path.write_text(kubeconfig(server.url))
        yield {**os.environ, "KUBECONFIG": str(path), "HOME": str(tmp_path)}


async def make(environment: dict[str, str], kind: Kind, body: JsonObject, *arguments: str) -> None:
    manifest = orjson.dumps({"apiVersion": kind.api_version, "kind": kind.kind, **body})
    await kubectl(environment, "create", "-f", "-", *arguments, stdin=manifest.decode())


def images(cluster: EmulatedCluster) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in cluster.all(PODS)}


async def test_a_deployment_is_created_scaled_updated_and_rolled_back(
    cluster: EmulatedCluster, environment: dict[str, str]
) -> None:
    await kubectl(environment, "create", "deployment", "web", "--image=registry.example/app:1", "--replicas=2")
    told = await kubectl(environment, "rollout", "status", "deployment/web", "--timeout=20s")
    assert told.endswith('deployment "web" successfully rolled out\n')
    await kubectl(environment, "scale", "deployment/web", "--replicas=3")
    await kubectl(environment, "set", "image", "deployment/web", "app=registry.example/app:2")
    await kubectl(environment, "rollout", "status", "deployment/web", "--timeout=20s")
    assert (images(cluster), len(cluster.names(PODS))) == ({"registry.example/app:2"}, 3)
    history = await kubectl(environment, "rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.strip().splitlines()[1:]] == ["REVISION", "1", "2"]
    await kubectl(environment, "rollout", "undo", "deployment/web")
    await kubectl(environment, "rollout", "status", "deployment/web", "--timeout=20s")
    assert images(cluster) == {"registry.example/app:1"}
    shown = await kubectl(environment, "get", "deployment", "web", "--no-headers")
    assert shown.split()[:4] == ["web", "3/3", "3", "3"]
    described = await kubectl(environment, "describe", "deployment", "web")
    assert "ScalingReplicaSet" in described


async def test_a_paused_rollout_waits_and_goes_on(cluster: EmulatedCluster, environment: dict[str, str]) -> None:
    await make(environment, DEPLOYMENTS, workload("web"))
    await kubectl(environment, "rollout", "pause", "deployment/web")
    await kubectl(environment, "set", "image", "deployment/web", "*=registry.example/app:2")
    await cluster.controllers.settled(within_s=0.2)
    assert images(cluster) == {"registry.example/app:1"}
    await kubectl(environment, "rollout", "resume", "deployment/web")
    await kubectl(environment, "rollout", "status", "deployment/web", "--timeout=20s")
    assert images(cluster) == {"registry.example/app:2"}


@pytest.mark.parametrize(("cascade", "left"), [("background", (0, 0)), ("foreground", (0, 0)), ("orphan", (1, 1))])
async def test_deletion_cascades_as_told(
    cluster: EmulatedCluster, environment: dict[str, str], cascade: str, left: tuple[int, int]
) -> None:
    await make(environment, DEPLOYMENTS, workload("web"))
    await cluster.controllers.settled(within_s=0.2)
    await kubectl(environment, "delete", "deployment", "web", f"--cascade={cascade}", "--timeout=20s")
    await cluster.controllers.settled(within_s=0.2)
    assert cluster.names(DEPLOYMENTS) == []
    assert (len(cluster.names(REPLICA_SETS)), len(cluster.names(PODS))) == left


async def test_a_namespace_is_deleted_with_all_that_is_in_it(
    cluster: EmulatedCluster, environment: dict[str, str]
) -> None:
    await make(environment, NAMESPACES, {"metadata": {"name": "shop"}})
    await make(environment, DEPLOYMENTS, workload("web"), "-n", "shop")
    await cluster.controllers.settled(within_s=0.2)
    assert len(cluster.names(PODS)) == 1
    await kubectl(environment, "delete", "namespace", "shop", "--timeout=20s")
    assert (cluster.names(DEPLOYMENTS), cluster.names(PODS)) == ([], [])
