"""A namespace that is deleted is emptied, kind by kind, and goes when nothing is left in it."""

import pytest
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.kinds import CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS, REPLICA_SETS

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, workload

pytestmark = pytest.mark.looptime


def here(name: str, **metadata: object) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "shop", **metadata}}


def said(cluster: EmulatedCluster, type_: str) -> tuple[str, str]:
    found = condition(cluster.get(NAMESPACES, "shop"), type_)
    assert found is not None
    return found["status"], found["reason"]


async def test_everything_in_it_goes_with_it() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(NAMESPACES, {"metadata": {"name": "shop"}})
        web = workload("web", replicas=2)
        await cluster.create(DEPLOYMENTS, {**web, "metadata": {"name": "web", "namespace": "shop"}})
        await cluster.create(CONFIG_MAPS, here("settings"))
        await cluster.create(CONFIG_MAPS, {"metadata": {"name": "elsewhere"}})
        await cluster.run(1)
        await cluster.delete(NAMESPACES, "shop")
        assert cluster.get(NAMESPACES, "shop")["status"]["phase"] == "Terminating"
        await cluster.run(1)
        assert "shop" not in cluster.names(NAMESPACES)
        assert (cluster.names(DEPLOYMENTS), cluster.names(REPLICA_SETS), cluster.names(PODS)) == ([], [], [])
        assert "elsewhere" in cluster.names(CONFIG_MAPS)


async def test_it_stays_while_finalizers_hold_its_content_and_says_so() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(NAMESPACES, {"metadata": {"name": "shop"}})
        await cluster.create(CONFIG_MAPS, here("held", finalizers=["example.galileo/hold"]))
        await cluster.delete(NAMESPACES, "shop")
        await cluster.run(60)
        assert said(cluster, "NamespaceContentRemaining") == ("True", "SomeResourcesRemain")
        assert said(cluster, "NamespaceFinalizersRemaining") == ("True", "SomeFinalizersRemain")
        with pytest.raises(ApiError) as refusal:
            await cluster.create(CONFIG_MAPS, here("late"))
        assert (refusal.value.code, refusal.value.reason) == (403, "Forbidden")
        held = cluster.get(CONFIG_MAPS, "held", "shop")
        metadata = {key: value for key, value in held["metadata"].items() if key != "finalizers"}
        await cluster.api.update(CONFIG_MAPS, {**held, "metadata": metadata})
        await cluster.run(1)
        assert "shop" not in cluster.names(NAMESPACES)


async def test_controllers_do_not_fight_the_end_of_a_namespace(caplog: pytest.LogCaptureFixture) -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(NAMESPACES, {"metadata": {"name": "shop"}})
        web = workload("web", replicas=2)
        await cluster.create(DEPLOYMENTS, {**web, "metadata": {"name": "web", "namespace": "shop"}})
        await cluster.create(CONFIG_MAPS, here("held", finalizers=["example.galileo/hold"]))
        await cluster.run(1)
        await cluster.delete(NAMESPACES, "shop")
        await cluster.run(10)
        assert cluster.names(PODS) == []
        assert [record for record in caplog.records if record.levelname != "DEBUG"] == []
