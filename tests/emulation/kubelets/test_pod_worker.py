"""What the API is told about a pod, step by step, in virtual time (idle containers need no network)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.emulation.kubelets.cluster import SPEC, Cluster

pytestmark = pytest.mark.looptime

IDLE = "docker.io/centos/tools:latest"
SLOW = replace(SPEC, image_pull_s=4.0, backoff_scale=1.0, heartbeat_period_s=10.0)


@asynccontextmanager
async def running_cluster() -> AsyncIterator[Cluster]:
    loop = asyncio.get_running_loop()
    cluster = Cluster(now=lambda: 1_700_000_000.0 + loop.time())
    async with cluster.world(SLOW):
        yield cluster


async def test_an_image_is_pulled_once_for_each_node() -> None:
    async with running_cluster() as cluster:
        cluster.create_pod("first", image=IDLE)
        await asyncio.sleep(3.9)
        assert cluster.status("first")["phase"] == "Pending"
        assert cluster.waiting_reason("first") == "ContainerCreating"
        await asyncio.sleep(0.2)
        assert cluster.status("first")["phase"] == "Running"
        cluster.create_pod("second", image=IDLE)
        cluster.create_pod("elsewhere", image=IDLE, node="n2")
        await asyncio.sleep(0.1)
        assert cluster.status("second")["phase"] == "Running"
        assert cluster.status("elsewhere")["phase"] == "Pending"
        assert cluster.events("first") == ["Pulling", "Pulled", "Created", "Started"]
        assert cluster.events("second") == ["Pulled", "Created", "Started"]


async def test_a_pod_with_an_unknown_image_stays_pending_with_the_reason() -> None:
    async with running_cluster() as cluster:
        cluster.create_pod("lost", image="nobody/knows:1")
        await asyncio.sleep(1)
        assert cluster.status("lost")["phase"] == "Pending"
        assert cluster.waiting_reason("lost") == "ErrImagePull"
        message = cluster.status("lost")["containerStatuses"][0]["state"]["waiting"]["message"]
        assert message.startswith('image "nobody/knows:1": not found in this world')
        await asyncio.sleep(6)
        assert cluster.waiting_reason("lost") == "ImagePullBackOff"
        assert cluster.events("lost") == ["Failed", "BackOff"]
        cluster.delete_pod("lost")
        await asyncio.sleep(0.1)
        assert cluster.pod("lost") is None


async def test_the_status_of_a_running_pod_is_complete() -> None:
    async with running_cluster() as cluster:
        cluster.create_pod("idle", image=IDLE)
        await asyncio.sleep(6)
        status = cluster.status("idle")
        assert status["hostIP"].endswith(".1.1")
        assert status["podIP"].endswith(".1.2")
        assert status["startTime"] == "2023-11-14T22:13:20Z"
        conditions = {c["type"]: (c["status"], c["lastTransitionTime"]) for c in status["conditions"]}
        assert set(conditions) == {
            "PodScheduled",
            "PodReadyToStartContainers",
            "Initialized",
            "ContainersReady",
            "Ready",
        }
        assert conditions["Ready"] == ("True", "2023-11-14T22:13:24Z")
        (container,) = status["containerStatuses"]
        assert container["containerID"].startswith("containerd://")
        assert len(container["containerID"].removeprefix("containerd://")) == 64
        assert (container["ready"], container["started"], container["restartCount"]) == (True, True, 0)
        assert container["image"] == IDLE


async def test_nodes_register_with_their_labels_and_keep_saying_that_they_are_well() -> None:
    async with running_cluster() as cluster:
        node = cluster.node("n1")
        assert node["metadata"]["labels"] == {
            "box": "blue",
            "ether.edgerun.io/zone": "zone-a",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": "n1",
            "kubernetes.io/os": "linux",
            "node-role.kubernetes.io/worker": "true",
        }
        assert "node-role.kubernetes.io/controller" in cluster.node("n2")["metadata"]["labels"]
        assert cluster.node("n2")["status"]["allocatable"] == {"cpu": "2500m", "memory": "2Gi", "pods": "110"}
        await asyncio.sleep(25)
        ready = next(c for c in cluster.node("n1")["status"]["conditions"] if c["type"] == "Ready")
        assert ready["lastHeartbeatTime"] == "2023-11-14T22:13:40Z"
        assert ready["lastTransitionTime"] == "2023-11-14T22:13:20Z"
        assert {a["type"] for a in cluster.node("n1")["status"]["addresses"]} == {"InternalIP", "Hostname"}


async def test_a_dead_node_falls_silent_and_its_pods_restart_when_it_is_back() -> None:
    loop = asyncio.get_running_loop()
    cluster = Cluster(now=lambda: 1_700_000_000.0 + loop.time())
    async with cluster.world(SLOW) as world:
        cluster.create_pod("idle", image=IDLE)
        await asyncio.sleep(6)
        first_id = cluster.status("idle")["containerStatuses"][0]["containerID"]
        await world.kill_node("n1")
        heard = len([channel for channel, _ in cluster.published if channel.startswith("telem/n1/")])
        cluster.delete_pod("idle", grace_s=30)
        await asyncio.sleep(50)
        assert len([channel for channel, _ in cluster.published if channel.startswith("telem/n1/")]) == heard
        ready = next(c for c in cluster.node("n1")["status"]["conditions"] if c["type"] == "Ready")
        assert ready["lastHeartbeatTime"] == "2023-11-14T22:13:20Z"
        assert cluster.pod("idle") is not None  # nobody is there to finish its deletion
        cluster.create_pod("late", image=IDLE)
        await world.restore_node("n1")
        await asyncio.sleep(0.1)
        assert cluster.pod("idle") is None
        assert cluster.status("late")["phase"] == "Running"
        cluster.create_pod("again", image=IDLE)
        await asyncio.sleep(1)
        await world.kill_node("n1")
        await world.restore_node("n1")
        await asyncio.sleep(1)
        container = cluster.status("again")["containerStatuses"][0]
        assert container["restartCount"] == 1
        assert container["containerID"] != first_id
