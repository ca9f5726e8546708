"""From telemetry windows and pods in to recommendations out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from galileo_backends.kubernetes.memory import MemoryKubernetes
from galileo_backends.kubernetes.resources import PODS
from galileo_bus.service import SettingError
from galileo_schemas.events import ContainerUsage, PodRunning, TelemetryWindow, VpaRecommendation
from galileo_schemas.raw.telemetry_sample import container_key
from galileo_services.cluster_observer.service import ClusterObserver
from galileo_services.vpa_recommender.service import VpaRecommender

from tests.services.harness import House, unix_now
from tests.services.kubernetes_objects import add_gateway, add_node, add_running_pod

pytestmark = pytest.mark.looptime

MIB = 1024 * 1024
SCALED = {
    "vpa_recommender_recommender_interval": "10",
    "vpa_recommender_sample_interval": "1",
    "vpa_recommender_confidence_interval_cpu": "60",
    "vpa_recommender_confidence_interval_memory": "60",
    "vpa_recommender_pod_recommendation_min_memory_mb": "10",
}


async def a_function(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    await add_running_pod(house.kubernetes, "resnet-1", "node-1", "10.0.0.1")


def container_ids(house: House) -> dict[str, str]:
    """By pod, the 12-digit id of the newest container told of."""
    return {event.name: container_key(event.containers["resnet"].id) for event in house.said.of(PodRunning)}


async def use(house: House, seconds: int, *, millicores: float = 400.0, mib: float = 100.0) -> None:
    """So many seconds in which all pods of the function use that much."""
    for _ in range(seconds):
        now = unix_now()
        usage = {
            container_id: ContainerUsage(cpu_millicores=millicores, memory_bytes=mib * MIB)
            for container_id in container_ids(house).values()
        }
        await house.person.say(TelemetryWindow(node="node-1", start=now - 1, end=now, containers=usage))
        await asyncio.sleep(1.0)


async def kill(kubernetes: MemoryKubernetes, name: str, *, containers: str = "resnet") -> None:
    """What a kubelet reports after a container was killed for want of memory and is up again."""
    killed: dict[str, Any] = {
        "reason": "OOMKilled",
        "exitCode": 137,
        "startedAt": "2023-11-14T22:13:00Z",
        "finishedAt": "2023-11-14T22:13:25Z",
    }
    row = {
        "name": containers,
        "containerID": f"containerd://{'f' * 64}",
        "restartCount": 1,
        "state": {"running": {"startedAt": "2023-11-14T22:13:26Z"}},
        "lastState": {"terminated": killed},
    }
    await kubernetes.patch_status(PODS, name, {"status": {"containerStatuses": [row]}}, namespace="default")


async def test_a_function_that_was_seen_using_something_is_recommended_it(house: House) -> None:
    await a_function(house)
    async with house.living(VpaRecommender, ClusterObserver, **SCALED) as recommender:
        await asyncio.sleep(1)
        await use(house, 10)
        assert recommender.figures() == {"containers": 1.0, "oom_kills": 0.0}
    (said,) = house.said.of(VpaRecommendation)
    assert (said.fn, said.namespace, said.vpa, said.policy, said.shadow) == (
        "resnet",
        "default",
        "",
        "histogram",
        False,
    )
    found = said.containers["resnet"]
    assert found.target.cpu_millicores == pytest.approx(400 * 1.15, rel=0.06)
    assert found.target.memory_bytes == pytest.approx(100 * MIB * 1.15, rel=0.06)
    assert 0.0 < said.confidence_days < 0.2
    assert (found.upper_bound.cpu_millicores or 0) > 5 * (found.target.cpu_millicores or 0)


async def test_the_recommendation_is_said_again_every_interval_and_its_bounds_narrow(house: House) -> None:
    await a_function(house)
    async with house.living(VpaRecommender, ClusterObserver, **SCALED):
        await asyncio.sleep(1)
        await use(house, 61)
    said = house.said.of(VpaRecommendation)
    assert len(said) == 6
    uppers = [event.containers["resnet"].upper_bound.cpu_millicores or 0.0 for event in said]
    assert uppers == sorted(uppers, reverse=True)
    assert uppers[-1] < uppers[0] / 4


async def test_nothing_is_said_of_functions_without_samples_and_of_gateways(house: House) -> None:
    await a_function(house)
    await add_gateway(house.kubernetes, "gateway-1", "node-1", "10.0.0.9")
    async with house.living(VpaRecommender, ClusterObserver, **SCALED):
        await asyncio.sleep(1)
        gateway = next(event for event in house.said.of(PodRunning) if event.name == "gateway-1")
        usage = {container_key(gateway.containers["gateway"].id): ContainerUsage(cpu_millicores=100.0)}
        now = unix_now()
        await house.person.say(TelemetryWindow(node="node-1", start=now - 1, end=now, containers=usage))
        await asyncio.sleep(15)
    assert house.said.of(VpaRecommendation) == []


async def test_a_kill_for_want_of_memory_raises_the_recommendation(house: House) -> None:
    await a_function(house)
    async with house.living(VpaRecommender, ClusterObserver, **SCALED) as recommender:
        await asyncio.sleep(1)
        await use(house, 11)
        await kill(house.kubernetes, "resnet-1")
        await asyncio.sleep(1)
        await use(house, 9)
        assert recommender.figures()["oom_kills"] == 1.0
    before, after = (
        event.containers["resnet"].target.memory_bytes or 0.0 for event in house.said.of(VpaRecommendation)
    )
    assert before == pytest.approx(115 * MIB, rel=0.06)
    assert after == pytest.approx(200 * MIB * 1.15, rel=0.06)


async def test_windows_of_containers_that_nobody_told_of_change_nothing(house: House) -> None:
    async with house.living(VpaRecommender, ClusterObserver, **SCALED) as recommender:
        now = unix_now()
        usage = {"0123456789ab": ContainerUsage(cpu_millicores=100.0)}
        await house.person.say(TelemetryWindow(node="node-1", start=now - 1, end=now, containers=usage))
        await asyncio.sleep(12)
        assert recommender.figures()["containers"] == 0.0
    assert house.said.of(VpaRecommendation) == []


async def test_what_a_function_used_is_known_after_its_pods_are_gone(house: House) -> None:
    await a_function(house)
    async with house.living(VpaRecommender, ClusterObserver, **SCALED) as recommender:
        await asyncio.sleep(1)
        await use(house, 5)
        await house.kubernetes.delete(PODS, "resnet-1", namespace="default", grace_period_s=0)
        await asyncio.sleep(6)
        assert recommender.figures()["containers"] == 0.0
        await use(house, 2, mib=900)  # windows that come late are of no use: the pod has told its last peak
        assert recommender.figures()["containers"] == 0.0
        await asyncio.sleep(10)
    said = house.said.of(VpaRecommendation)
    assert len(said) == 2
    assert said[0].containers == said[1].containers


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("vpa_recommender_storage", "checkpoint", "expected none"),
        ("vpa_recommender_cpu_sample_weight", "usage", "constant | request"),
        ("vpa_recommender_target_cpu_percentile", "90", "a share between 0 and 1"),
        ("vpa_recommender_round_cpu_millicores", "0", "above 0"),
        ("vpa_recommender_container_recommendation_max_allowed_memory", "much", "a number with a suffix"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_with_one_line(
    house: House, variable: str, value: str, expected: str
) -> None:
    with pytest.raises(SettingError) as raised:
        async with house.living(VpaRecommender, **{variable: value}):
            pass
    assert str(raised.value).startswith(f"{variable}={value}: ")
    assert expected in str(raised.value)
    assert "\n" not in str(raised.value)
