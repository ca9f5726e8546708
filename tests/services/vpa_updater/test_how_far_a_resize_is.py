"""From what a pod's kubelet says to what is told of its resize, each step once."""

from __future__ import annotations

import pytest
from galileo_context.pod import Pod
from galileo_context.testing import World
from galileo_schemas.events import PodResize
from galileo_services.vpa_updater.open_resizes import OpenResize, OpenResizes, progress
from galileo_services.vpa_updater.resize_plan import ResizePlan, resize_plan

from tests.services.vpa_updater.recommending import container, pod, recommendation, spec

OLD = {"cpu": "250m", "memory": "128Mi"}
NEW = {"cpu": "0.5", "memory": "256Mi"}


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("zone-a")
    return world


def plan_for(found: Pod) -> ResizePlan:
    plan = resize_plan(found, recommendation(fn=container((500, 256))))
    assert plan is not None
    return plan


def resized(world: World, actual: dict[str, str], resize: PodResize | None = None) -> Pod:
    """The pod with its new requests, and what its kubelet says of it."""
    world.now += 1.0
    return pod(world, "resnet-1", spec(cpu="500m", memory="256Mi", actual=actual), resize=resize)


def begun(world: World) -> OpenResizes:
    before = pod(world)
    opened = OpenResizes()
    opened.begin(OpenResize(before, "resnet", plan_for(before), "recommendation-1", world.now))
    return opened


@pytest.mark.parametrize(
    ("actual", "resize", "result"),
    [
        (OLD, None, "in_progress"),
        ({}, None, "in_progress"),
        ({"cpu": "500m", "memory": "128Mi"}, None, "in_progress"),
        (NEW, None, "resized"),
        (OLD, PodResize(state="in_progress"), "in_progress"),
        (NEW, PodResize(state="in_progress"), "in_progress"),
        (OLD, PodResize(state="deferred"), "deferred"),
        (OLD, PodResize(state="infeasible"), "infeasible"),
    ],
)
def test_a_resize_is_done_when_the_kubelet_runs_with_it_and_says_no_more(
    world: World, actual: dict[str, str], resize: PodResize | None, result: str
) -> None:
    plan = plan_for(pod(world))
    assert progress(resized(world, actual, resize), plan)[0] == result


def test_each_step_is_told_once(world: World) -> None:
    opened = begun(world)
    told = []
    for actual, resize in (
        (OLD, None),
        (OLD, PodResize(state="deferred", message="no room")),
        (OLD, PodResize(state="deferred", message="no room")),
        (OLD, PodResize(state="in_progress")),
        (NEW, None),
        (NEW, None),
    ):
        news = opened.note(resized(world, actual, resize))
        told.append((news.result, news.message) if news else None)
    assert told == [None, ("deferred", "no room"), None, ("in_progress", ""), ("resized", ""), None]
    assert not opened.pods


def test_what_hinders_a_kubelet_is_told_once(world: World) -> None:
    opened = begun(world)
    told = []
    for message in ("", "limit below usage (70)", "limit below usage (71)"):
        news = opened.note(resized(world, OLD, PodResize(state="in_progress", message=message)))
        told.append(news.message if news else None)
    assert told == [None, "limit below usage (70)", None]
    assert opened.under_way


def test_a_deferred_resize_stays_open_and_is_not_under_way(world: World) -> None:
    opened = begun(world)
    assert opened.under_way == {"uid-resnet-1"}
    opened.note(resized(world, OLD, PodResize(state="deferred")))
    assert opened.under_way == frozenset()
    assert list(opened.pods) == ["uid-resnet-1"]


def test_what_can_never_be_is_over(world: World) -> None:
    opened = begun(world)
    news = opened.note(resized(world, OLD, PodResize(state="infeasible", message="too large for its node")))
    assert news is not None
    assert (news.result, news.message) == ("infeasible", "too large for its node")
    assert not opened.pods


def test_a_resize_of_a_pod_that_goes_has_failed(world: World) -> None:
    opened = begun(world)
    news = opened.gone("uid-resnet-1")
    assert news is not None
    assert news.result == "failed"
    assert opened.gone("uid-resnet-1") is None


def test_a_kubelet_that_never_finishes_has_failed(world: World) -> None:
    opened = begun(world)
    assert list(opened.overdue(world.now + 99.0, 100.0)) == []
    (news,) = opened.overdue(world.now + 100.0, 100.0)
    assert (news.result, news.message) == ("failed", "the kubelet has not finished within 100 s")
    assert not opened.pods


def test_a_deferred_resize_is_never_overdue(world: World) -> None:
    opened = begun(world)
    opened.note(resized(world, OLD, PodResize(state="deferred")))
    assert list(opened.overdue(world.now + 1e6, 100.0)) == []


def test_pods_that_nobody_resizes_are_no_news(world: World) -> None:
    assert OpenResizes().note(pod(world)) is None
