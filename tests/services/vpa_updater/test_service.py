"""From recommendations in to resized pods and what is said of them, with the twin's resize subresource."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from galileo_backends.kubernetes.errors import ApiError, Conflict, Forbidden, NotFound, ServerUnavailable
from galileo_backends.kubernetes.interface import JsonObject
from galileo_backends.kubernetes.memory import MemoryKubernetes
from galileo_backends.kubernetes.resources import PODS
from galileo_bus.service import SettingError
from galileo_schemas.events import PodRunning, VpaRecommendation, VpaUpdate
from galileo_services.cluster_observer.service import ClusterObserver
from galileo_services.vpa_updater.service import VpaUpdater

from tests.services.harness import House
from tests.services.kubernetes_objects import add_node, add_pod, add_running_pod, pod_object, run_pod
from tests.services.vpa_updater.recommending import amounts, container, recommendation

pytestmark = pytest.mark.looptime

QUICK = {"vpa_updater_updater_interval": "10", "vpa_updater_min_replicas": "1", "vpa_updater_retry_after": "100"}


def advice(cpu: float = 800, mib: float = 100, *, shadow: bool = False) -> VpaRecommendation:
    """Pods begin with 500m and 64Mi: too little of both."""
    return recommendation(shadow, resnet=container((cpu, mib), lower=(cpu - 10, mib - 10), upper=(cpu + 10, mib + 10)))


async def pods(house: House, *names: str) -> None:
    await add_node(house.kubernetes, "node-1")
    for number, name in enumerate(names or ("resnet-1",), start=1):
        await add_running_pod(house.kubernetes, name, "node-1", f"10.0.0.{number}")


async def resources(house: House, name: str = "resnet-1") -> JsonObject:
    found = await house.kubernetes.get(PODS, name, namespace="default")
    answer: JsonObject = found["spec"]["containers"][0]["resources"]
    return answer


async def kubelet(
    kubernetes: MemoryKubernetes,
    name: str = "resnet-1",
    *,
    condition: str = "",
    reason: str = "",
    since: str = "2023-11-14T22:13:20Z",
    done: bool = False,
) -> None:
    """What the pod's kubelet writes: a condition of its resize, or, `done`, that it runs with what is asked for."""
    pod = await kubernetes.get(PODS, name, namespace="default")
    conditions = [row for row in pod["status"]["conditions"] if not row["type"].startswith("PodResize")]
    if condition:
        why = {"reason": reason, "message": f"because it is {reason}"} if reason else {}
        seen = {"observedGeneration": pod["metadata"]["generation"], "lastTransitionTime": since}
        conditions.append({"type": condition, "status": "True", **seen, **why})
    status: dict[str, Any] = {"conditions": conditions}
    if done:
        (row,) = pod["status"]["containerStatuses"]
        status["containerStatuses"] = [{**row, "resources": pod["spec"]["containers"][0]["resources"]}]
    await kubernetes.patch_status(PODS, name, {"status": status}, namespace="default")


def results(house: House) -> list[tuple[str, str]]:
    return [(update.pod, update.result) for update in house.said.of(VpaUpdate)]


async def test_a_pod_that_requests_too_little_is_resized_in_place(house: House) -> None:
    await pods(house)
    before = await house.kubernetes.get(PODS, "resnet-1", namespace="default")
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        cause = await house.person.say(advice())
        await asyncio.sleep(10)
        after = await house.kubernetes.get(PODS, "resnet-1", namespace="default")
        assert await resources(house) == {"requests": {"cpu": "800m", "memory": "100Mi"}}
        await kubelet(house.kubernetes, done=True)
        await asyncio.sleep(1)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"] + 1
    begun, ended = house.said.of(VpaUpdate)
    assert (begun.result, ended.result) == ("in_progress", "resized")
    assert (ended.pod, ended.namespace, ended.fn, ended.node, ended.mode) == (
        "resnet-1",
        "default",
        "resnet",
        "node-1",
        "in_place",
    )
    assert ended.uid == before["metadata"]["uid"]
    assert ended.before == {"resnet": amounts(500, 64)}
    assert ended.after == {"resnet": amounts(800, 100)}
    assert begun.meta is not None
    assert begun.meta.cause == (cause,)


async def test_limits_go_with_the_requests(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    limited = pod_object("resnet-1")
    limited["spec"]["containers"][0]["resources"]["limits"] = {"cpu": "1", "memory": "128Mi"}
    await add_pod(house.kubernetes, limited)
    await run_pod(house.kubernetes, "resnet-1", "node-1", "10.0.0.1")
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(10)
    assert await resources(house) == {
        "requests": {"cpu": "800m", "memory": "100Mi"},
        "limits": {"cpu": "1600m", "memory": "200Mi"},
    }


async def test_a_pod_that_fits_is_left_as_it_is(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice(500, 64))
        await asyncio.sleep(25)
    assert house.kubernetes.count("patch_resize") == 0
    assert results(house) == []


async def test_the_pods_of_a_function_are_resized_one_after_the_other(house: House) -> None:
    await pods(house, "resnet-1", "resnet-2")
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(35)  # three runs, and the first pod's kubelet takes its time
        assert results(house) == [("resnet-1", "in_progress")]
        await kubelet(house.kubernetes, "resnet-1", done=True)
        await asyncio.sleep(10)
    assert results(house) == [("resnet-1", "in_progress"), ("resnet-1", "resized"), ("resnet-2", "in_progress")]


async def test_what_the_kubelet_says_is_told(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK) as updater:
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(10)
        await kubelet(house.kubernetes, condition="PodResizePending", reason="Deferred")
        await asyncio.sleep(1)
        await kubelet(house.kubernetes, condition="PodResizeInProgress")
        await asyncio.sleep(1)
        await kubelet(house.kubernetes, done=True)
        await asyncio.sleep(1)
        assert updater.figures() == {
            "open_resizes": 0.0,
            "updates_in_progress": 2.0,
            "updates_deferred": 1.0,
            "updates_resized": 1.0,
        }
    told = [(update.result, update.message) for update in house.said.of(VpaUpdate)]
    assert told == [("in_progress", ""), ("deferred", "because it is Deferred"), ("in_progress", ""), ("resized", "")]


async def test_an_infeasible_resize_is_told_and_not_asked_for_again(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(10)
        await kubelet(house.kubernetes, condition="PodResizePending", reason="Infeasible")
        await house.person.say(advice(cpu=900))
        await asyncio.sleep(20)
        assert results(house) == [("resnet-1", "in_progress"), ("resnet-1", "infeasible")]
        await house.person.say(advice(cpu=600))
        await asyncio.sleep(10)
    assert (await resources(house))["requests"]["cpu"] == "600m"


async def test_a_kubelet_that_is_quicker_than_the_answer_is_heard(house: House) -> None:
    """The pod's last event comes while the updater still waits for the API server."""
    await pods(house)
    patch_resize = house.kubernetes.patch_resize

    async def slow(*arguments: Any, **named: Any) -> JsonObject:
        answer = await patch_resize(*arguments, **named)
        await kubelet(house.kubernetes, done=True)
        await asyncio.sleep(1)
        return answer

    house.kubernetes.patch_resize = slow  # type: ignore[method-assign]
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(12)
    assert results(house) == [("resnet-1", "in_progress"), ("resnet-1", "resized")]


async def test_what_is_said_late_of_the_time_before_a_resize_is_no_news(house: House) -> None:
    """A resize was deferred long ago, another follows, and an event of the time between comes after it."""
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await kubelet(house.kubernetes, condition="PodResizePending", reason="Deferred", since="2023-11-14T22:00:00Z")
        await asyncio.sleep(1)
        late = house.said.of(PodRunning)[-1]
        assert late.resize is not None
        await house.person.say(advice())
        await asyncio.sleep(10)
        house.kubernetes.watches_are_cut = True
        await house.person.say(late)
        await asyncio.sleep(5)
    assert results(house) == [("resnet-1", "in_progress")]


# ------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "refusal",
    [
        NotFound(404, "NotFound", "the server could not find the requested resource"),
        Forbidden(403, "Forbidden", "node didn't have enough allocatable resources"),
    ],
)
async def test_a_refusal_is_told_with_the_api_servers_reason_and_the_pod_left_alone(
    house: House, refusal: ApiError
) -> None:
    await pods(house)
    house.kubernetes.before["patch_resize"].append(refusal)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(95)
        (failed,) = house.said.of(VpaUpdate)
        assert (failed.result, failed.message) == ("failed", f"{refusal.reason}: {refusal.message}")
        assert failed.after == {"resnet": amounts(800, 100)}
        assert house.kubernetes.count("patch_resize") == 1
        await asyncio.sleep(20)
    assert house.kubernetes.count("patch_resize") == 2
    assert (await resources(house))["requests"]["cpu"] == "800m"


async def test_a_real_rule_of_the_api_server_refuses_a_best_effort_pod(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    plain = pod_object("resnet-1")
    del plain["spec"]["containers"][0]["resources"]
    await add_pod(house.kubernetes, plain)
    await run_pod(house.kubernetes, "resnet-1", "node-1", "10.0.0.1")
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(10)
    (failed,) = house.said.of(VpaUpdate)
    assert failed.result == "failed"
    assert failed.message.startswith("Invalid: ")
    assert "Pod QOS Class may not change" in failed.message


async def test_a_refused_pod_does_not_hold_up_the_next(house: House) -> None:
    await pods(house, "resnet-1", "resnet-2")
    house.kubernetes.before["patch_resize"].append(Forbidden(403, "Forbidden", "not this one"))
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(20)
    assert results(house) == [("resnet-1", "failed"), ("resnet-2", "in_progress")]


async def test_a_pod_that_changed_meanwhile_is_looked_at_anew(house: House) -> None:
    await pods(house)
    house.kubernetes.before["patch_resize"].append(Conflict(409, "Conflict", "the object has been modified"))
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(11)
        assert results(house) == []
        await asyncio.sleep(10)
    assert results(house) == [("resnet-1", "in_progress")]


async def test_a_change_whose_answer_was_lost_is_not_made_twice(house: House) -> None:
    await pods(house)
    house.kubernetes.after["patch_resize"].append(ServerUnavailable(0, "Timeout", "no answer"))
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(35)
    assert house.kubernetes.count("patch_resize") == 1
    assert (await resources(house))["requests"]["cpu"] == "800m"


@pytest.mark.parametrize("cpu", ["800m", "795m"])
async def test_a_pod_that_was_resized_by_hand_meanwhile_is_not_resized_again(house: House, cpu: str) -> None:
    """To the target, or near enough. Events have not told of it: the updater reads the pod before it changes it."""
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(1)
        house.kubernetes.watches_are_cut = True
        by_hand = {"name": "resnet", "resources": {"requests": {"cpu": cpu, "memory": "100Mi"}}}
        patch = {"spec": {"containers": [by_hand]}}
        await MemoryKubernetes.patch_resize(house.kubernetes, "resnet-1", patch, namespace="default")
        await asyncio.sleep(10)
    assert house.kubernetes.count("patch_resize") == 0
    assert results(house) == []


async def test_a_pod_that_is_gone_is_no_failure(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(1)
        house.kubernetes.watches_are_cut = True
        await MemoryKubernetes.delete(house.kubernetes, PODS, "resnet-1", namespace="default", grace_period_s=0)
        await asyncio.sleep(10)
    assert results(house) == []


async def test_a_resize_whose_pod_goes_has_failed(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(10)
        await house.kubernetes.delete(PODS, "resnet-1", namespace="default", grace_period_s=0)
        await asyncio.sleep(10)
    assert results(house) == [("resnet-1", "in_progress"), ("resnet-1", "failed")]


async def test_a_kubelet_that_does_nothing_fails_the_resize_in_the_end(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK, vpa_updater_in_progress_resize_timeout="60"):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(80)
    assert results(house) == [("resnet-1", "in_progress"), ("resnet-1", "failed")]
    assert house.said.of(VpaUpdate)[-1].message == "the kubelet has not finished within 60 s"


# ------------------------------------------------------------ what is not acted on


async def test_a_shadow_recommendation_is_not_acted_on_nor_does_it_replace_another(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK):
        await asyncio.sleep(1)
        await house.person.say(advice(cpu=900, shadow=True))
        await asyncio.sleep(10)
        assert results(house) == []
        await house.person.say(advice(cpu=800))
        await house.person.say(advice(cpu=900, shadow=True))
        await asyncio.sleep(10)
    assert (await resources(house))["requests"]["cpu"] == "800m"


async def test_other_namespaces_than_those_allowed_are_left_alone(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK, vpa_updater_namespaces="other"):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(15)
    assert results(house) == []


async def test_switched_off_it_changes_nothing(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver, **QUICK, vpa_updater_update_mode="off"):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(15)
    assert house.kubernetes.count("patch_resize") == 0


async def test_a_mode_that_is_not_built_is_refused_with_one_line(house: House) -> None:
    with pytest.raises(SettingError, match=r"vpa_updater_update_mode=recreate: expected in_place \| off"):
        async with house.living(VpaUpdater, vpa_updater_update_mode="recreate"):
            pass


async def test_upstreams_defaults_leave_a_lone_pod_alone(house: House) -> None:
    await pods(house)
    async with house.living(VpaUpdater, ClusterObserver):
        await asyncio.sleep(1)
        await house.person.say(advice())
        await asyncio.sleep(130)
    assert results(house) == []
