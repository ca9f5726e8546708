"""What is done to nodes and to the network while a world runs."""

import asyncio

import pytest
from galileo_emulation.specification import SpecificationError
from galileo_emulation.world import UnknownNodeError

from tests.emulation.kubelets.virtual import running

pytestmark = pytest.mark.looptime


def busy_percent(published: list[tuple[str, bytes]], node: str) -> float:
    return [float(payload.split()[1]) for channel, payload in published if channel == f"telem/{node}/cpu"][-1]


async def test_burnt_cpu_shows_in_telemetry_until_it_ends() -> None:
    async with running() as (cluster, world):
        world.burn_cpu("n2", 2.0)
        await asyncio.sleep(1.05)
        assert busy_percent(cluster.published, "n2") == pytest.approx(80.0)  # of 2.5 cores
        assert busy_percent(cluster.published, "n1") == 0.0
        world.burn_cpu("n2", 0.5)
        await asyncio.sleep(1)
        assert busy_percent(cluster.published, "n2") == pytest.approx(20.0)
        world.stop_burning("n2")
        world.stop_burning("n2")
        await asyncio.sleep(1)
        assert busy_percent(cluster.published, "n2") == 0.0


async def test_what_cannot_be_is_told_in_a_line() -> None:
    async with running() as (_, world):
        with pytest.raises(UnknownNodeError, match="no node 'n9'; there are n1, n2"):
            world.burn_cpu("n9", 1.0)
        with pytest.raises(UnknownNodeError, match="no node 'n9'"):
            world.stop_burning("n9")
        with pytest.raises(SpecificationError, match=r"burning CPU on node 'n1': 0\.0 cores, expected more than 0"):
            world.burn_cpu("n1", 0.0)
        with pytest.raises(SpecificationError, match="'zone-x' is neither a node nor a zone"):
            world.add_latency("zone-a", "zone-x", 10.0)
        with pytest.raises(SpecificationError, match="'zone-x' is neither a node nor a zone"):
            world.remove_latency("zone-x", "zone-a")


async def test_latency_that_was_added_is_felt_until_it_is_removed() -> None:
    async with running() as (_, world):
        world.add_latency("zone-a", "zone-b", 100.0)
        assert world.latency.rtt_ms("n1", "n2") == 130.0
        world.add_latency("n2", "n1", 5.0)
        assert world.latency.rtt_ms("n1", "n2") == 135.0
        world.add_latency("zone-b", "zone-a", 50.0)
        assert world.latency.rtt_ms("n2", "n1") == 85.0
        world.remove_latency("zone-a", "zone-b")
        world.remove_latency("n1", "n2")
        assert world.latency.rtt_ms("n1", "n2") == 30.0
