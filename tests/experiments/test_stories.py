"""What happened is told as stories: what was done, why, by whom, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galileo_experiments.happened import all_stories
from galileo_experiments.stories import Story, StoryKind
from galileo_schemas import events
from galileo_schemas.event import Meta
from galileo_schemas.events import ContainerRecommendation, Resources
from galileo_schemas.labels import FUNCTION, ZONE

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun

LABELS = {FUNCTION: "resnet", ZONE: "zone-b", "type": "fn"}


def told(run: MadeUpRun, kind: StoryKind) -> list[Story]:
    return [story for story in all_stories(run.recorded(), run.report()) if story.kind == kind]


def steps(story: Story) -> list[tuple[float, str]]:
    return [(round(t_s, 3), text) for t_s, text in story.steps]


def decide(run: MadeUpRun, t_s: float, pod: str, *, delete: bool) -> None:
    run.say(
        t_s,
        events.ScaleSchedule(
            fn="resnet",
            origin_zone="zone-a" if delete else "zone-b",
            dest_zone="zone-b",
            value=0.02 if delete else 0.31,
            threshold=0.05 if delete else 0.25,
            delete=delete,
            pod_creation_request=events.PodCreationRequest(pod_name=pod),
            meta=Meta(id=f"d-{t_s}", source="pressure_calculator/1"),
        ),
    )


def running(run: MadeUpRun, t_s: float, pod: str, *, ip: str, ready: bool = True) -> None:
    run.say(
        t_s,
        events.PodRunning(
            pod_uid=f"uid-{pod}", name=pod, node_name="cloudlet-1", pod_ip=ip, labels=LABELS, ready=ready
        ),
    )


def grow(run: MadeUpRun) -> None:
    decide(run, 64, "resnet-b", delete=False)
    created = events.PodCreated(
        pod="resnet-b", namespace="default", fn="resnet", uid="u", meta=Meta(id="c", source="pod_creator/1")
    )
    run.say(64.2, created)
    run.say(
        64.4,
        events.PodBound(
            pod="resnet-b",
            namespace="default",
            uid="u",
            fn="resnet",
            node="cloudlet-1",
            zone="zone-b",
            scheduler="galileo",
        ),
    )
    running(run, 65, "resnet-b", ip="10.0.1.1", ready=False)
    running(run, 66.5, "resnet-b", ip="10.0.1.1")
    weights = events.Weights(ips=["10.0.1.1:8080"], weights=[90])
    run.say(67, events.WeightUpdate(fn="resnet", zone="zone-b", weights=weights))
    run.request(68, fn="resnet", zone="zone-b", ip="10.0.1.1", ms=250)
    run.request(69, fn="resnet", zone="zone-b", ip="10.0.1.1")


def test_a_scale_up_is_told_from_its_cause_to_its_first_request(made_up_run: MadeUpRun) -> None:
    grow(made_up_run)
    (story,) = told(made_up_run, "scale up")
    assert story.what == "scale up resnet in zone-b: resnet-b"
    assert story.why == "pressure 0.31 > 0.25 in zone-b"
    assert (story.by, story.zone, story.t_s) == ("pressure_calculator", "zone-b", 64)
    assert steps(story) == [
        (64.2, "created by pod_creator"),
        (64.4, "bound to cloudlet-1 by galileo"),
        (66.5, "ready"),
        (67.0, "in the weights"),
        (68.25, "first request served"),
    ]
    assert told(made_up_run, "pod") == []


def test_a_scale_down_ends_with_the_pod_gone(made_up_run: MadeUpRun) -> None:
    running(made_up_run, -3, "resnet-b", ip="10.0.1.1")
    decide(made_up_run, 82, "resnet-b", delete=True)
    made_up_run.say(82.3, events.PodDeleted(pod="resnet-b", namespace="default", fn="resnet"))
    made_up_run.pod(82.4, events.PodShutdown, "resnet-b", fn="resnet", node="cloudlet-1", ip="10.0.1.1")
    made_up_run.pod(84, events.PodDelete, "resnet-b", fn="resnet", node="cloudlet-1", ip="10.0.1.1")
    (story,) = told(made_up_run, "scale down")
    assert story.why == "pressure 0.020 < 0.05 in zone-a"
    assert steps(story) == [(82.3, "deleted by somebody"), (82.4, "takes no more requests"), (84.0, "gone")]
    assert told(made_up_run, "pod") == []
    (start,) = told(made_up_run, "pods at the start")
    assert start.what == "one resnet on cloudlet-1 (zone-b)"


def test_a_pod_that_is_lost_has_a_story_of_its_own(made_up_run: MadeUpRun) -> None:
    running(made_up_run, -3, "resnet-b", ip="10.0.1.1")
    made_up_run.pod(50, events.PodDelete, "resnet-b", fn="resnet", node="cloudlet-1", ip="10.0.1.1")
    (story,) = told(made_up_run, "pod")
    assert story.what == "a pod of resnet on cloudlet-1 is lost: resnet-b"
    assert steps(story) == [(50.0, "gone")]


def test_what_is_said_again_and_again_is_told_once_with_how_often(made_up_run: MadeUpRun) -> None:
    for t_s in (20, 25, 30):
        impossible = events.ScaleImpossible(
            fn="resnet", origin_zone="zone-b", dest_zone="zone-b", reason="no node has room"
        )
        made_up_run.say(t_s, impossible)
    (story,) = told(made_up_run, "cannot scale")
    assert story.what == "resnet cannot grow near zone-b: no node has room"
    assert steps(story) == [(30.0, "said 3 times until here")]


def test_a_resize_tells_its_cause_and_its_end(made_up_run: MadeUpRun) -> None:
    amounts = [Resources(cpu_millicores=value) for value in (379.0, 300.0, 500.0, 379.0)]
    target, lower, upper, uncapped = amounts
    recommended = ContainerRecommendation(target=target, lower_bound=lower, upper_bound=upper, uncapped_target=uncapped)
    made_up_run.say(
        40,
        events.VpaRecommendation(
            fn="resnet",
            namespace="default",
            containers={"fn": recommended},
            meta=Meta(id="rec", source="vpa_recommender/1"),
        ),
    )
    for t_s, result in ((41, "in_progress"), (43, "resized")):
        made_up_run.say(
            t_s,
            events.VpaUpdate(
                pod="resnet-b",
                namespace="default",
                fn="resnet",
                uid="u",
                node="cloudlet-1",
                mode="in_place",
                result=result,
                before={"fn": Resources(cpu_millicores=250.0)},
                after={"fn": Resources(cpu_millicores=379.0)},
                meta=Meta(id=f"u{t_s}", source="vpa_updater/1", cause=("rec",)),
            ),
        )
    (story,) = told(made_up_run, "resize")
    assert story.what == "resize resnet-b: CPU 250 to 379 m"
    assert story.why == "CPU request 250 < lower bound 300 m"
    assert (story.by, story.zone) == ("vpa_updater", "zone-b")
    assert steps(story) == [(41.0, "in progress"), (43.0, "resized")]
