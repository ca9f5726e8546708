"""What metrics are made of: use of nodes and containers over the last seconds."""

import asyncio
from dataclasses import replace

import pytest
from galileo_emulation.kubelets.usage_samples import Sample, UsageWindow

from tests.emulation.kubelets.virtual import IDLE, QUICK, START_UNIX_S, running


def test_use_is_the_difference_over_the_window_and_the_latest_memory() -> None:
    window = UsageWindow(10.0)
    window.add(Sample(0.0, 0.0, 100))
    assert window.usage(now=0.5, unix_s=1000.5) is None
    for second in range(1, 31):
        window.add(Sample(float(second), second * 0.5 if second > 15 else 0.0, 100 + second))
    usage = window.usage(now=30.5, unix_s=1030.5)
    assert usage is not None
    assert usage.cpu_millicores == pytest.approx(500.0)
    assert (usage.memory_bytes, usage.measured_at, usage.window_s) == (130, 1030.0, 10.0)
    assert len(window.samples) == 11


@pytest.mark.looptime
async def test_nodes_and_containers_are_measured_while_they_run() -> None:
    async with running(replace(QUICK, metrics_window_s=5.0)) as (cluster, world):
        assert world.node_access.node_usage() == {}
        cluster.create_pod("p", image=IDLE)
        world.burn_cpu("n1", 0.25)
        await asyncio.sleep(10.5)
        node = world.node_access.node_usage()["n1"]
        assert node.cpu_millicores == pytest.approx(250.0)
        assert node.memory_bytes == int(0.05 * 1024**3) + 8 * 1024**2
        assert node.measured_at == pytest.approx(START_UNIX_S + 10.0)
        assert node.window_s == pytest.approx(5.0)
        (container,) = world.node_access.container_usage()["default", "p"].values()
        assert (container.cpu_millicores, container.memory_bytes) == (0.0, 8 * 1024**2)
        await world.kill_node("n1")
        assert set(world.node_access.node_usage()) == {"n2"}
        assert world.node_access.container_usage() == {}


@pytest.mark.looptime
async def test_a_container_that_ended_is_measured_no_more() -> None:
    async with running() as (cluster, world):
        cluster.create_pod("p", image=IDLE)
        await asyncio.sleep(3)
        assert ("default", "p") in world.node_access.container_usage()
        cluster.delete_pod("p", grace_s=0)
        await asyncio.sleep(0.1)
        assert world.node_access.container_usage() == {}
