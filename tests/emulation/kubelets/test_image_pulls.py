"""Images: pulled, missing, never pulled, and those that nobody declared."""

import asyncio
from dataclasses import replace

import pytest

from tests.emulation.kubelets.virtual import IDLE, QUICK, running

pytestmark = pytest.mark.looptime
SLOW = replace(QUICK, image_pull_s=4.0)


@pytest.mark.parametrize("image", ["nginx", "docker.io/library/busybox:1.36", "registry.k8s.io/pause:3.10"])
async def test_an_image_that_no_function_has_runs_as_an_idle_container(image: str) -> None:
    async with running() as (cluster, _):
        cluster.create_pod("app", image=image, container={"command": ["/sbin/init"]})
        await asyncio.sleep(0.1)
        assert cluster.status("app")["phase"] == "Running"
        assert cluster.is_ready("app")
        await asyncio.sleep(600)
        assert cluster.container("app")["restartCount"] == 0


async def test_an_idle_container_is_never_ready_as_the_replica_of_a_function() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("p", image="nginx", labels={"ether.edgerun.io/function": "resnet"})
        await asyncio.sleep(1)
        assert cluster.status("p")["phase"] == "Running"
        assert not cluster.is_ready("p")
        assert cluster.event("p", "Unhealthy")["message"].startswith('image "nginx" is no function\'s: the container')


async def test_the_backoff_between_pulls_doubles() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("lost", image="nginx:does-not-exist")
        seen = {}
        await asyncio.sleep(0.5)
        for second in range(40):
            seen[second] = cluster.waiting_reason("lost")
            await asyncio.sleep(1)
        errors = [second for second in seen if seen[second] == "ErrImagePull"]
        assert errors == [*range(5), *range(10, 15), *range(30, 35)]
        assert cluster.event("lost", "BackOff")["count"] == 3
        waiting = cluster.container("lost")["state"]["waiting"]
        assert waiting["message"].startswith('Back-off pulling image "nginx:does-not-exist": ErrImagePull: image')


async def test_an_image_that_may_not_be_pulled_has_to_be_there() -> None:
    never = {"imagePullPolicy": "Never"}
    async with running(SLOW) as (cluster, _):
        cluster.create_pod("early", image=IDLE, container=never)
        await asyncio.sleep(1)
        assert cluster.waiting_reason("early") == "ErrImageNeverPull"
        cluster.create_pod("puller", image=IDLE)
        await asyncio.sleep(5)
        cluster.create_pod("late", image=IDLE, container=never)
        await asyncio.sleep(0.1)
        assert cluster.status("late")["phase"] == "Running"
        await asyncio.sleep(10)
        assert cluster.status("early")["phase"] == "Running"


async def test_what_is_no_image_name_is_told() -> None:
    async with running() as (cluster, _):
        cluster.create_pod("odd", image="Not An Image")
        await asyncio.sleep(0.1)
        assert cluster.waiting_reason("odd") == "InvalidImageName"


async def test_the_events_tell_of_the_pull_and_on_which_node() -> None:
    async with running(SLOW) as (cluster, _):
        cluster.create_pod("app", image="nginx:1.27")
        await asyncio.sleep(5)
        pulled = cluster.event("app", "Pulled")
        assert pulled["message"] == 'Successfully pulled image "nginx:1.27" in 4s (4s including waiting)'
        assert pulled["source"] == {"component": "kubelet", "host": "n1"}
        cluster.create_pod("again", image="nginx:1.27")
        await asyncio.sleep(1)
        message = cluster.event("again", "Pulled")["message"]
        assert message == 'Container image "nginx:1.27" already present on machine'
