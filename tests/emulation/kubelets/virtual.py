"""A cluster whose world runs in virtual time, for containers that need no network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from galileo_emulation.specification import WorldSpec
from galileo_emulation.world import World

from tests.emulation.kubelets.cluster import SPEC, Cluster

IDLE = "docker.io/centos/tools:latest"
START_UNIX_S = 1_700_000_000.0
QUICK = replace(SPEC, image_pull_s=0.0, backoff_scale=1.0, drain_quiet_s=1.0, heartbeat_period_s=10.0)
"""Images are there, and back-offs last as long as a kubelet's."""


@asynccontextmanager
async def running(spec: WorldSpec = QUICK) -> AsyncIterator[tuple[Cluster, World]]:
    """A cluster and its world, running."""
    loop = asyncio.get_running_loop()
    cluster = Cluster(now=lambda: START_UNIX_S + loop.time())
    async with cluster.world(spec) as world:
        yield cluster, world
