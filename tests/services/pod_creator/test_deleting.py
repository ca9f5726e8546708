"""What the pod creator does about decisions to delete a pod."""

from __future__ import annotations

import asyncio

import pytest
from galileo_backends.kubernetes.errors import Conflict, ServerUnavailable
from galileo_backends.kubernetes.resources import PODS
from galileo_schemas.events import PodCreationRequest, PodDeleted, PodFailed, PodShutdown, ScaleSchedule
from galileo_schemas.labels import FUNCTION, MANAGED_BY, MANAGER
from galileo_services.pod_creator.service import PodCreator

from tests.services.harness import House, until
from tests.services.kubernetes_objects import add_pod, pod_object, run_pod

pytestmark = pytest.mark.looptime

OURS = {FUNCTION: "resnet", "type": "fn", MANAGED_BY: MANAGER}


async def running_pod_of_ours(house: House) -> str:
    pod = await add_pod(house.kubernetes, pod_object("resnet-1", labels=OURS, cause="decision-0"))
    await run_pod(house.kubernetes, "resnet-1", "node-1", "10.0.0.1")
    return str(pod["metadata"]["uid"])


def deletion(pod: str = "resnet-1") -> ScaleSchedule:
    request = PodCreationRequest(pod_name=pod)
    return ScaleSchedule(
        fn="resnet", origin_zone="zone-a", dest_zone="zone-a", delete=True, pod_creation_request=request
    )


async def ended(house: House) -> None:
    await until(lambda: bool(house.said.of(PodDeleted) + house.said.of(PodFailed)), within_s=60)
    await asyncio.sleep(0.5)


def failure(house: House) -> tuple[str, str]:
    (failed,) = house.said.of(PodFailed)
    assert house.said.of(PodDeleted) == []
    return failed.reason, failed.message


async def test_the_pod_is_said_to_shut_down_before_it_is_deleted(house: House) -> None:
    uid = await running_pod_of_ours(house)
    async with house.living(PodCreator, pod_creator_drain_s="3", pod_creator_grace_period_s="7"):
        decision = await house.person.say(deletion())
        await asyncio.sleep(2.5)
        (shutdown,) = house.said.of(PodShutdown)
        assert (shutdown.pod_uid, shutdown.pod_ip) == (uid, "10.0.0.1")
        assert shutdown.meta is not None
        assert shutdown.meta.cause == (decision,)
        assert house.kubernetes.count("delete") == 0
        await ended(house)
    ((_, asked),) = [call for call in house.kubernetes.calls if call[0] == "delete"]
    assert (asked["uid"], asked["grace_period_s"]) == (uid, 7)
    assert "deletionTimestamp" in (await house.kubernetes.get(PODS, "resnet-1", namespace="default"))["metadata"]
    (deleted,) = house.said.of(PodDeleted)
    assert (deleted.pod, deleted.uid) == ("resnet-1", uid)
    assert deleted.meta is not None
    assert deleted.meta.cause == (decision,)


async def test_a_pod_without_our_label_stays(house: House) -> None:
    await add_pod(house.kubernetes, pod_object("resnet-1"))
    async with house.living(PodCreator):
        await house.person.say(deletion())
        await ended(house)
    assert failure(house) == ("NotOurs", f"pod 'resnet-1' lacks the label {MANAGED_BY}={MANAGER}")
    assert house.kubernetes.count("delete") == 0


async def test_a_pod_that_took_the_name_meanwhile_stays(house: House) -> None:
    await running_pod_of_ours(house)
    async with house.living(PodCreator):
        await house.person.say(deletion())
        await asyncio.sleep(1.0)
        await house.kubernetes.delete(PODS, "resnet-1", namespace="default", grace_period_s=0)
        new = await add_pod(house.kubernetes, pod_object("resnet-1", labels=OURS))
        await ended(house)
    assert failure(house)[0] == "Conflict"
    assert (await house.kubernetes.get(PODS, "resnet-1", namespace="default"))["metadata"] == new["metadata"]


async def test_a_pod_that_is_gone_already_counts_as_deleted(house: House) -> None:
    async with house.living(PodCreator):
        await house.person.say(deletion("resnet-9"))
        await ended(house)
    assert [event.pod for event in house.said.of(PodDeleted)] == ["resnet-9"]
    assert house.said.of(PodShutdown) == []


async def test_a_pod_that_is_going_already_is_not_drained_again(house: House) -> None:
    await running_pod_of_ours(house)
    await house.kubernetes.delete(PODS, "resnet-1", namespace="default", grace_period_s=10)
    async with house.living(PodCreator):
        await house.person.say(deletion())
        await ended(house)
    assert house.kubernetes.count("delete") == 1
    assert house.said.of(PodShutdown) == []
    assert len(house.said.of(PodDeleted)) == 1


async def test_a_deletion_whose_answer_was_lost_is_said_once(house: House) -> None:
    await running_pod_of_ours(house)
    house.kubernetes.after["delete"].append(ServerUnavailable(503, "", "away"))
    async with house.living(PodCreator):
        await house.person.say(deletion())
        await ended(house)
    assert len(house.said.of(PodDeleted)) == 1
    assert house.said.of(PodFailed) == []


async def test_a_namespace_that_is_not_allowed_is_not_touched(house: House) -> None:
    await running_pod_of_ours(house)
    async with house.living(PodCreator, pod_creator_namespaces="edge"):
        await house.person.say(deletion())
        await ended(house)
    assert failure(house)[0] == "NamespaceNotAllowed"
    assert house.kubernetes.calls[-1][0] != "delete"


async def test_a_conflict_is_said_with_the_api_servers_words(house: House) -> None:
    await running_pod_of_ours(house)
    house.kubernetes.before["delete"].append(Conflict(409, "Conflict", "the UID differs"))
    async with house.living(PodCreator):
        await house.person.say(deletion())
        await ended(house)
    assert failure(house) == ("Conflict", "the UID differs")
