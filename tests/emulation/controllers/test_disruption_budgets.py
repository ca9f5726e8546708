"""A disruption budget's status says how many pods may be evicted."""

from typing import Any

import pytest
from galileo_emulation.controllers.conditions import condition
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, DISRUPTION_BUDGETS, PODS
from galileo_emulation.kubernetes.operations.eviction import evict

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, pod, ready, workload

pytestmark = pytest.mark.looptime


def budget(**spec: Any) -> JsonObject:
    return {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec}}


def numbers(cluster: EmulatedCluster) -> tuple[int, int, int, int]:
    """Expected, healthy, desired healthy, allowed disruptions."""
    status = cluster.get(DISRUPTION_BUDGETS, "web")["status"]
    names = ("expectedPods", "currentHealthy", "desiredHealthy", "disruptionsAllowed")
    expected, healthy, desired, allowed = (status[name] for name in names)
    return expected, healthy, desired, allowed


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"minAvailable": 3}, (5, 5, 3, 2)),
        ({"minAvailable": "50%"}, (5, 5, 3, 2)),
        ({"maxUnavailable": 1}, (5, 5, 4, 1)),
        ({"maxUnavailable": "30%"}, (5, 5, 3, 2)),
        ({"minAvailable": 9}, (5, 5, 9, 0)),
    ],
)
async def test_numbers_and_percentages(spec: JsonObject, wanted: tuple[int, int, int, int]) -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=5))
        await cluster.create(DISRUPTION_BUDGETS, budget(**spec))
        await cluster.run(2)
        assert numbers(cluster) == wanted
        found = condition(cluster.get(DISRUPTION_BUDGETS, "web"), "DisruptionAllowed")
        assert found is not None
        assert found["reason"] == ("SufficientPods" if wanted[-1] else "InsufficientPods")
        assert cluster.get(DISRUPTION_BUDGETS, "web")["status"]["observedGeneration"] == 1


async def test_it_follows_pods_and_the_size_of_their_owner() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=4))
        await cluster.create(DISRUPTION_BUDGETS, budget(maxUnavailable=1))
        await cluster.run(2)
        name = cluster.names(PODS)[0]
        await cluster.change_status(PODS, name, {"conditions": [ready(cluster.now, "False")]})
        await cluster.run(1)
        assert numbers(cluster) == (4, 3, 3, 0)
        await cluster.change_status(PODS, name, {"conditions": [ready(cluster.now)]})
        await cluster.change(DEPLOYMENTS, "web", spec={"replicas": 6})
        await cluster.run(2)
        assert numbers(cluster) == (6, 6, 5, 1)


async def test_evictions_are_granted_one_by_one_as_replacements_get_ready() -> None:
    async with emulated_cluster(nodes=1, start_s=5.0) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=3))
        await cluster.create(DISRUPTION_BUDGETS, budget(maxUnavailable=1))
        await cluster.run(10)
        first, second, _ = cluster.names(PODS)
        evict(cluster.store, "default", first, {}, dry_run=False)
        with pytest.raises(ApiError) as refusal:
            evict(cluster.store, "default", second, {}, dry_run=False)
        assert refusal.value.code == 429
        await cluster.run(3)
        with pytest.raises(ApiError):
            evict(cluster.store, "default", second, {}, dry_run=False)
        await cluster.run(5)
        evict(cluster.store, "default", second, {}, dry_run=False)
        await cluster.run(10)
        assert numbers(cluster) == (3, 3, 2, 1)
        assert {first, second}.isdisjoint(cluster.names(PODS))


async def test_an_eviction_that_was_granted_counts_until_it_is_seen_or_given_up() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=3))
        await cluster.create(DISRUPTION_BUDGETS, budget(minAvailable=1))
        await cluster.run(2)
        name = cluster.names(PODS)[0]
        disrupted = {"disruptedPods": {name: timestamp(cluster.now)}, "disruptionsAllowed": 1}
        await cluster.change_status(DISRUPTION_BUDGETS, "web", disrupted)
        await cluster.run(1)
        assert numbers(cluster) == (3, 2, 1, 1)
        assert cluster.get(DISRUPTION_BUDGETS, "web")["status"]["disruptedPods"].keys() == {name}
        await cluster.run(125)
        assert numbers(cluster) == (3, 3, 1, 2)
        assert "disruptedPods" not in cluster.get(DISRUPTION_BUDGETS, "web")["status"]


async def test_pods_without_an_owner_count_for_a_number_but_not_for_a_share() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        for name in ("a", "b"):
            await cluster.create(PODS, pod(name, app="web"))
        await cluster.create(DISRUPTION_BUDGETS, budget(minAvailable=1))
        await cluster.run(2)
        assert numbers(cluster) == (2, 2, 1, 1)
        await cluster.change(DISRUPTION_BUDGETS, "web", spec={"minAvailable": "50%"})
        await cluster.run(1)
        assert numbers(cluster) == (0, 2, 0, 0)


async def test_without_pods_nothing_is_allowed_and_an_event_says_so() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(DISRUPTION_BUDGETS, budget(maxUnavailable=1))
        await cluster.run(1)
        assert numbers(cluster) == (0, 0, 0, 0)
        assert cluster.reasons("web") == ["NoPods"]
