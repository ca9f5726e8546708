"""What the pod creator does about decisions to create a pod, whatever Kubernetes answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from galileo_backends.kubernetes.errors import Forbidden, Invalid, ServerUnavailable, TooManyRequests
from galileo_backends.kubernetes.interface import JsonObject
from galileo_backends.kubernetes.resources import PODS
from galileo_bus.delivery.streams import DEAD_LETTERS, journal_of
from galileo_schemas.events import PodCreated, PodCreationRequest, PodFailed, ScaleSchedule
from galileo_schemas.labels import CAUSE_ANNOTATION, MANAGED_BY, MANAGER, ZONE
from galileo_services.cluster_observer.service import ClusterObserver
from galileo_services.pod_creator.service import PodCreator

from tests.services.harness import House, until
from tests.services.kubernetes_objects import add_pod, add_running_pod, pod_object

pytestmark = pytest.mark.looptime

IMAGE = "edgerun/resnet:1"
ALL_IMAGES = {"pod_creator_images": "*"}
AWAY = ServerUnavailable(503, "", "the API server is away")


def creation(pod: str = "resnet-1", **more: Any) -> ScaleSchedule:
    request = PodCreationRequest(pod_name=pod, image=IMAGE, **more)
    return ScaleSchedule(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", pod_creation_request=request)


async def settled(house: House, ends: int = 1) -> None:
    await until(lambda: len(house.said.of(PodCreated)) + len(house.said.of(PodFailed)) >= ends, within_s=60)
    await asyncio.sleep(1.0)


async def pods(house: House, namespace: str | None = None) -> dict[str, JsonObject]:
    found = await house.kubernetes.list_all(PODS, namespace=namespace)
    return {pod["metadata"]["name"]: pod for pod in found.items}


def failure(house: House) -> PodFailed:
    (failed,) = house.said.of(PodFailed)
    assert house.said.of(PodCreated) == []
    return failed


async def test_a_decision_becomes_a_pod_that_carries_its_id_and_is_said_with_it_as_cause(house: House) -> None:
    async with house.living(PodCreator, **ALL_IMAGES):
        decision = await house.person.say(creation())
        await settled(house)
    pod = (await pods(house))["resnet-1"]
    assert pod["metadata"]["annotations"] == {CAUSE_ANNOTATION: decision}
    assert pod["metadata"]["labels"][MANAGED_BY] == MANAGER
    assert pod["spec"]["nodeSelector"] == {ZONE: "zone-b"}
    (created,) = house.said.of(PodCreated)
    assert (created.pod, created.uid, created.zone) == ("resnet-1", pod["metadata"]["uid"], "zone-b")
    assert created.meta is not None
    assert created.meta.cause == (decision,)


async def test_a_decision_that_is_delivered_twice_makes_one_pod(house: House) -> None:
    async with house.living(PodCreator, **ALL_IMAGES):
        await house.person.say(creation())
        await settled(house)
        (entry,) = await house.transport.range(journal_of("scale_schedule"), count=10)
        await house.append(journal_of("scale_schedule"), entry.payload)
        await settled(house, 2)
    assert list(await pods(house)) == ["resnet-1"]
    assert len(house.said.of(PodCreated)) == 2
    assert house.said.of(PodFailed) == []


async def test_a_creation_whose_answer_was_lost_is_a_success_at_the_second_try(house: House) -> None:
    house.kubernetes.after["create"].append(AWAY)
    async with house.living(PodCreator, **ALL_IMAGES):
        await house.person.say(creation())
        await settled(house)
    assert house.kubernetes.count("create") == 2
    assert len(house.said.of(PodCreated)) == 1
    assert house.said.of(PodFailed) == []


async def test_a_pod_of_that_name_by_somebody_else_is_a_failure_and_stays(house: House) -> None:
    other = await add_pod(house.kubernetes, pod_object("resnet-1", cause="another-decision"))
    async with house.living(PodCreator, **ALL_IMAGES):
        await house.person.say(creation())
        await settled(house)
    assert (failure(house).reason, failure(house).message) == (
        "AlreadyExists",
        "another pod is named 'resnet-1' already",
    )
    assert (await pods(house))["resnet-1"] == other


async def test_a_name_that_kubernetes_would_not_take_is_refused_with_the_rule(house: House) -> None:
    async with house.living(PodCreator, **ALL_IMAGES):
        await house.person.say(creation("pod name"))
        await settled(house)
    assert failure(house).reason == "InvalidName"
    assert failure(house).message.startswith("pod name 'pod name': expected at most 253 lower-case letters")
    assert house.kubernetes.count("create") == 0


async def test_a_namespace_that_is_not_allowed_is_refused_and_one_that_is_missing_is_named(house: House) -> None:
    async with house.living(PodCreator, **ALL_IMAGES, pod_creator_namespaces="default edge"):
        await house.person.say(creation(namespace="kube-system"))
        await house.person.say(creation(namespace="edge"))
        await settled(house, 2)
    assert [(event.reason, event.message) for event in house.said.of(PodFailed)] == [
        (
            "NamespaceNotAllowed",
            "namespace 'kube-system' is not among the allowed ones (default, edge); pod_creator_namespaces widens that",
        ),
        ("NotFound", 'namespaces "edge" not found'),
    ]


async def test_only_images_of_known_functions_are_created(house: House) -> None:
    await add_running_pod(house.kubernetes, "resnet-0", "node-1", "10.0.0.1")
    async with house.living(PodCreator, ClusterObserver):
        await asyncio.sleep(1.0)
        await house.person.say(creation())
        stranger = creation("miner-1")
        stranger.pod_creation_request.image = "evil/miner:1"
        await house.person.say(stranger)
        await settled(house, 2)
    assert [event.pod for event in house.said.of(PodCreated)] == ["resnet-1"]
    assert [(event.pod, event.reason) for event in house.said.of(PodFailed)] == [("miner-1", "ImageNotAllowed")]


async def test_a_setting_widens_the_images_by_pattern(house: House) -> None:
    async with house.living(PodCreator, pod_creator_images="edgerun/*"):
        await house.person.say(creation())
        stranger = creation("miner-1")
        stranger.pod_creation_request.image = "evil/miner:1"
        await house.person.say(stranger)
        await settled(house, 2)
    assert [event.pod for event in house.said.of(PodCreated)] == ["resnet-1"]
    assert [event.pod for event in house.said.of(PodFailed)] == ["miner-1"]


async def test_a_decision_that_was_waiting_for_us_is_not_judged_before_the_functions_are_known(house: House) -> None:
    await add_running_pod(house.kubernetes, "resnet-0", "node-1", "10.0.0.1")
    await house.person.say(creation())
    async with house.living(PodCreator):
        await asyncio.sleep(1.0)
        async with house.living(ClusterObserver):
            await settled(house)
    assert [event.pod for event in house.said.of(PodCreated)] == ["resnet-1"]


async def test_a_request_without_an_image_takes_that_of_its_function(house: House) -> None:
    await add_running_pod(house.kubernetes, "resnet-0", "node-1", "10.0.0.1")
    decision = creation()
    decision.pod_creation_request.image = ""
    async with house.living(PodCreator, ClusterObserver):
        await house.person.say(decision)
        await settled(house)
    assert (await pods(house))["resnet-1"]["spec"]["containers"][0]["image"] == IMAGE


@pytest.mark.parametrize("answer", [AWAY, TooManyRequests(429, "TooManyRequests", "slow down")])
async def test_an_api_server_that_is_busy_for_a_while_is_asked_again(house: House, answer: Exception) -> None:
    house.kubernetes.before["create"].extend([answer] * 3)  # type: ignore[list-item]
    async with house.living(PodCreator, **ALL_IMAGES):
        await house.person.say(creation())
        await settled(house)
    assert len(house.said.of(PodCreated)) == 1
    assert house.said.of(PodFailed) == []


async def test_one_that_stays_away_is_given_up_and_said(house: House) -> None:
    house.kubernetes.before["create"].extend([AWAY] * 50)
    async with house.living(PodCreator, **ALL_IMAGES):
        await house.person.say(creation())
        await settled(house)
    assert failure(house).reason == "given-up"
    assert "503 error: the API server is away (given up after 5 attempts)" in failure(house).message
    (letter,) = await house.transport.range(DEAD_LETTERS, count=10)
    assert b"resnet-1" in letter.payload


@pytest.mark.parametrize(
    "answer", [Invalid(422, "Invalid", "spec: too odd"), Forbidden(403, "Forbidden", "quota exceeded")]
)
async def test_a_refusal_that_would_come_again_is_said_at_once(house: House, answer: Exception) -> None:
    house.kubernetes.before["create"].append(answer)  # type: ignore[arg-type]
    async with house.living(PodCreator, **ALL_IMAGES):
        await house.person.say(creation())
        await settled(house)
    assert house.kubernetes.count("create") == 1
    assert failure(house).reason == answer.reason  # type: ignore[attr-defined]


async def test_a_decision_that_came_too_late_is_said_to_have_expired(house: House) -> None:
    decision = await house.person.say(creation(), expires_in_s=10)
    await asyncio.sleep(11)
    async with house.living(PodCreator, **ALL_IMAGES):
        await settled(house)
    assert failure(house).reason == "expired"
    assert failure(house).meta is not None
    assert failure(house).meta.cause == (decision,)  # type: ignore[union-attr]
    assert house.kubernetes.count("create") == 0


async def test_a_decider_gone_wild_gets_so_many_pods_of_a_function_a_minute(house: House) -> None:
    async with house.living(PodCreator, **ALL_IMAGES, pod_creator_creations_per_minute="2"):
        for number in range(3):
            await house.person.say(creation(f"resnet-{number}"))
        await settled(house, 3)
        assert [event.reason for event in house.said.of(PodFailed)] == ["TooManyCreations"]
        await asyncio.sleep(61)
        await house.person.say(creation("resnet-9"))
        await settled(house, 4)
    assert len(house.said.of(PodCreated)) == 3


async def test_a_decision_counts_once_towards_that_limit_however_often_it_is_tried(house: House) -> None:
    house.kubernetes.before["create"].extend([AWAY] * 3)
    async with house.living(PodCreator, **ALL_IMAGES, pod_creator_creations_per_minute="2"):
        await house.person.say(creation("resnet-1"))
        await house.person.say(creation("resnet-2"))
        await settled(house, 2)
        (entry, _) = await house.transport.range(journal_of("scale_schedule"), count=10)
        await house.append(journal_of("scale_schedule"), entry.payload)
        await settled(house, 3)
    assert house.said.of(PodFailed) == []
    assert sorted(await pods(house)) == ["resnet-1", "resnet-2"]


async def test_a_refused_decision_takes_nothing_from_that_limit(house: House) -> None:
    house.kubernetes.before["create"].append(Invalid(422, "Invalid", "spec: too odd"))
    async with house.living(PodCreator, **ALL_IMAGES, pod_creator_creations_per_minute="1"):
        await house.person.say(creation("resnet-1"))
        await settled(house)
        await house.person.say(creation("resnet-2"))
        await settled(house, 2)
    assert [event.pod for event in house.said.of(PodCreated)] == ["resnet-2"]
