"""Every namespace has a service account called default."""

import pytest
from galileo_emulation.kubernetes.kinds import NAMESPACES, SERVICE_ACCOUNTS

from tests.emulation.controllers.emulated_cluster import emulated_cluster

pytestmark = pytest.mark.looptime


async def test_it_is_made_with_the_namespace_and_again_when_it_is_deleted() -> None:
    async with emulated_cluster() as cluster:
        await cluster.run(1)
        homes = [account["metadata"]["namespace"] for account in cluster.all(SERVICE_ACCOUNTS)]
        assert homes == ["default", "kube-node-lease", "kube-public", "kube-system"]
        await cluster.create(NAMESPACES, {"metadata": {"name": "shop"}})
        await cluster.run(1)
        assert cluster.get(SERVICE_ACCOUNTS, "default", "shop")
        await cluster.delete(SERVICE_ACCOUNTS, "default")
        await cluster.run(1)
        assert cluster.get(SERVICE_ACCOUNTS, "default")


async def test_it_does_not_hold_up_the_end_of_its_namespace() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(NAMESPACES, {"metadata": {"name": "shop"}})
        await cluster.run(1)
        await cluster.delete(NAMESPACES, "shop")
        await cluster.run(1)
        assert "shop" not in cluster.names(NAMESPACES)
