"""Decisions are connected with their consequences by the ids in `meta.cause`."""

from __future__ import annotations

import pytest
from galileo_cli.view.decision_chains import Chain
from galileo_schemas.events import PodBound, PodCreated, PodDelete, PodDeleted, PodFailed, PodUnschedulable

from tests.cli.view.scene import Scene, scale_up


@pytest.fixture
def scene() -> Scene:
    return Scene()


def newest(scene: Scene) -> Chain:
    return scene.live.decisions.newest()[0]


def steps(chain: Chain) -> list[tuple[str, float]]:
    return [(step.name, round(step.at - chain.at, 1)) for step in chain.steps]


def test_a_new_pod_is_followed_from_the_decision_to_the_weights(scene: Scene) -> None:
    scene.now = 1066.0
    decision = scene.scale_up("resnet-2")
    scene.now += 0.1
    scene.tell(PodCreated(pod="resnet-2", namespace="default", uid="u"), cause=[decision])
    scene.now += 0.2
    scene.tell(
        PodBound(pod="resnet-2", namespace="default", uid="u", node="cloudlet-1", zone="zone-b", scheduler="s"),
        cause=[decision],
    )
    scene.running("resnet-2", cause=[decision], ready=False)
    scene.now += 3.0
    said = scene.running("resnet-2", cause=[decision])
    scene.now += 0.2
    scene.weights("zone-b", cause=[said])
    scene.weights("zone-a", cause=[said])
    chain = newest(scene)
    assert (chain.fn, chain.dest_zone, chain.why) == ("resnet", "zone-b", "pressure 0.35 in zone-a")
    assert steps(chain) == [("created", 0.1), ("bound", 0.3), ("running", 3.3), ("weights", 3.5)]
    assert chain.steps[1].detail == "cloudlet-1"
    assert chain.steps[3].places == ["zone-b", "zone-a"]


def test_what_has_another_cause_does_not_belong_to_it(scene: Scene) -> None:
    decision, other = scene.scale_up("resnet-2"), scene.scale_up("resnet-3")
    scene.tell(PodCreated(pod="resnet-3", namespace="default", uid="u"), cause=[other])
    scene.running("resnet-1", cause=["of-long-ago"])
    scene.running("resnet-2", cause=["somebody-elses-pod-of-that-name"])
    scene.weights("zone-b", cause=["of-long-ago"])
    third, second = scene.live.decisions.newest()
    assert (steps(third), steps(second)) == ([("created", 0.0)], [])
    assert decision != other


def test_weights_before_the_new_pod_serves_are_not_its_weights(scene: Scene) -> None:
    decision = scene.scale_up("resnet-2")
    pending = scene.running("resnet-2", cause=[decision], ready=False)
    scene.weights("zone-b", cause=[pending])
    assert steps(newest(scene)) == []


def test_a_pod_that_goes_is_followed_although_its_own_cause_is_the_decision_that_made_it(scene: Scene) -> None:
    made = scene.scale_up("resnet-2")
    removal = scene.scale_down("resnet-2")
    scene.now += 3.0
    scene.tell(PodDeleted(pod="resnet-2", namespace="default"), cause=[removal])
    scene.now += 10.0
    gone = scene.tell(PodDelete(pod_uid="u", name="resnet-2"), cause=[made])
    scene.weights("zone-a", cause=[gone])
    removed, created = scene.live.decisions.newest()
    assert steps(removed) == [("deleted", 3.0), ("gone", 13.0), ("weights", 13.0)]
    assert steps(created) == []


def test_a_decision_by_hand_has_no_id_and_is_followed_by_its_pods_name(scene: Scene) -> None:
    scene.by_hand(scale_up("by-hand", value=None))
    scene.tell(PodCreated(pod="by-hand", namespace="default", uid="u"), cause=["the-hash-it-was-journaled-under"])
    chain = newest(scene)
    assert chain.by_hand
    assert steps(chain) == [("created", 0.0)]


def test_a_decision_that_was_not_acted_on_tells_why(scene: Scene) -> None:
    decision = scene.scale_up("resnet-2")
    scene.tell(
        PodFailed(pod="resnet-2", namespace="default", reason="expired", message="came too late"), cause=[decision]
    )
    (step,) = newest(scene).steps
    assert (step.name, step.detail, step.failed) == ("failed", "expired came too late", True)


def test_a_pod_that_fits_nowhere_tells_the_newest_reason_once(scene: Scene) -> None:
    decision = scene.scale_up("resnet-2")
    for reason in ("0/9 nodes are available", "0/8 nodes are available"):
        scene.tell(
            PodUnschedulable(pod="resnet-2", namespace="default", uid="u", message=reason, scheduler="s"),
            cause=[decision],
        )
    assert [step.detail for step in newest(scene).steps] == ["0/8 nodes are available"]


def test_the_newest_comes_first_and_old_ones_are_forgotten(scene: Scene) -> None:
    for number in range(60):
        scene.scale_up(f"resnet-{number}")
    pods = [chain.pod for chain in scene.live.decisions.newest()]
    assert pods[0] == "resnet-59"
    assert len(pods) == 50
    assert scene.live.counts["up"] == 60
