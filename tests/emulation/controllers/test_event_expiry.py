"""Events go an hour after they were last told."""

import pytest
from galileo_emulation.kubernetes.kinds import EVENTS, PODS, REPLICA_SETS

from tests.emulation.controllers.emulated_cluster import emulated_cluster, workload

pytestmark = pytest.mark.looptime


async def test_an_event_goes_an_hour_after_it_was_last_told() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(REPLICA_SETS, workload("web", replicas=1))
        await cluster.run(1800)
        assert cluster.reasons("web") == ["SuccessfulCreate"]
        await cluster.delete(PODS, cluster.names(PODS)[0])
        await cluster.run(1790)
        assert len(cluster.names(EVENTS)) == 2
        await cluster.run(20)
        assert len(cluster.names(EVENTS)) == 1
        await cluster.run(1800)
        assert cluster.names(EVENTS) == []
