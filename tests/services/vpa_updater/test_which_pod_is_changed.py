"""Which pod of a function is changed, and which are left as they are: a table, then the order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from galileo_context.testing import World
from galileo_schemas.events import ContainerRecommendation, PodContainer, PodResize, Termination
from galileo_services.vpa_updater.choice import UpdateParameters, choose, judge, urgency
from galileo_services.vpa_updater.update_priority import update_priority

from tests.services.vpa_updater.recommending import container, pod, recommendation, spec

HOUR_S = 3600.0
NOW = 1_700_000_000.0
PARAMETERS = UpdateParameters(min_replicas=1)

FITTING = container((260, 130), lower=(200, 100), upper=(400, 200))
"""Within its bounds, 4 % and 2 % off."""

OFF = container((300, 140), lower=(200, 100), upper=(400, 200))
"""Within its bounds, 20 % and 9 % off."""

TOO_LITTLE = container((600, 200), lower=(500, 150), upper=(900, 400))
TOO_MUCH = container((100, 64), lower=(50, 32), upper=(200, 100))


@pytest.fixture
def world() -> World:
    world = World(now=NOW)
    world.zone("zone-a")
    return world


def killed(after_s: float, reason: str = "OOMKilled") -> Termination:
    return Termination(reason=reason, started_at=NOW - 1000.0, finished_at=NOW - 1000.0 + after_s)


def resizing(state: str, ago_s: float | None = 1.0) -> PodResize:
    return PodResize(state=state, since=0.0 if ago_s is None else NOW - ago_s)


TABLE: list[tuple[str, PodContainer, ContainerRecommendation, dict[str, Any], bool]] = [
    ("a request below the lower bound", spec(), TOO_LITTLE, {}, True),
    ("a request above the upper bound", spec(), TOO_MUCH, {}, True),
    ("only its memory is below", spec(), container((250, 300), lower=(200, 200)), {}, True),
    ("a request on the lower bound", spec(), container((300, 140), lower=(250, 128)), {}, False),
    ("a request on the upper bound", spec(), container((200, 100), upper=(250, 128)), {}, False),
    ("no request at all", spec(cpu=None), FITTING, {}, True),
    ("no request of what is not recommended", spec(memory=None), container((260, None)), {}, False),
    ("within bounds, and young", spec(), OFF, {}, False),
    ("within bounds, nearly half a day old", spec(), OFF, {"created": NOW - 12 * HOUR_S + 1}, False),
    ("within bounds, half a day old", spec(), OFF, {"created": NOW - 12 * HOUR_S}, True),
    ("old, but hardly off", spec(), FITTING, {"created": NOW - 24 * HOUR_S}, False),
    ("of unknown age", spec(), OFF, {"created": 0.0}, False),
    ("exactly its target, which is out of bounds", spec(), container((250, 128), lower=(300, 200)), {}, False),
    ("killed for want of memory soon after its start", spec(ended=killed(599)), FITTING, {}, True),
    ("killed for want of memory late", spec(ended=killed(600)), FITTING, {}, False),
    ("ended soon for another reason", spec(ended=killed(5, "Error")), FITTING, {}, False),
    ("killed soon, and nothing would change", spec(ended=killed(5)), container((250, 128)), {}, False),
    ("not running yet", spec(), TOO_LITTLE, {"status": "Pending"}, False),
    ("not ready", spec(), TOO_LITTLE, {"ready": False}, True),
    ("being deleted", spec(), TOO_LITTLE, {"deletion_timestamp": NOW + 10}, False),
    ("being resized", spec(), TOO_LITTLE, {"resize": resizing("in_progress")}, False),
    ("being resized since nobody knows when", spec(), TOO_LITTLE, {"resize": resizing("in_progress", None)}, False),
    ("being resized for an hour", spec(), TOO_LITTLE, {"resize": resizing("in_progress", HOUR_S)}, True),
    ("deferred just now", spec(), TOO_LITTLE, {"resize": resizing("deferred", 299)}, False),
    ("deferred for five minutes", spec(), TOO_LITTLE, {"resize": resizing("deferred", 300)}, True),
    ("infeasible, and as much is wanted", spec(), TOO_LITTLE, {"resize": resizing("infeasible")}, False),
    ("infeasible, and less is wanted", spec(), TOO_MUCH, {"resize": resizing("infeasible")}, True),
]


@pytest.mark.parametrize(("wanted", "held", "advice", "more", "changed"), TABLE, ids=[row[0] for row in TABLE])
def test_a_pod_is_changed_or_not(
    world: World, wanted: str, held: PodContainer, advice: ContainerRecommendation, more: dict[str, Any], changed: bool
) -> None:
    found = pod(world, "resnet-1", held, **more)
    choice = choose([found], recommendation(fn=advice), now=NOW, parameters=PARAMETERS)
    assert (choice is not None) is changed, wanted
    judged = judge(found, recommendation(fn=advice), now=NOW, parameters=PARAMETERS)
    assert (judged is not None) is changed


def test_thresholds_are_settings(world: World) -> None:
    young = pod(world, created=NOW - 20.0)
    eager = replace(PARAMETERS, lifetime_threshold_s=20.0, change_threshold=0.01)
    assert choose([young], recommendation(fn=FITTING), now=NOW, parameters=PARAMETERS) is None
    assert choose([young], recommendation(fn=FITTING), now=NOW, parameters=eager) is not None


def test_a_shadow_recommendation_changes_nothing(world: World) -> None:
    advice = recommendation(True, fn=TOO_LITTLE)
    assert choose([pod(world)], advice, now=NOW, parameters=PARAMETERS) is None


def test_containers_that_are_not_recommended_anything_do_not_count(world: World) -> None:
    found = pod(world, "resnet-1", spec("fn"), spec("sidecar", cpu="1m", ended=killed(5)))
    assert choose([found], recommendation(fn=FITTING), now=NOW, parameters=PARAMETERS) is None


# ------------------------------------------------------------ how many


def test_with_fewer_pods_than_the_setting_none_is_touched(world: World) -> None:
    two = replace(PARAMETERS, min_replicas=2)
    first, second = pod(world, "resnet-1"), pod(world, "resnet-2")
    starting = pod(world, "resnet-3", status="Pending", ready=False)
    advice = recommendation(fn=TOO_LITTLE)
    assert choose([first], advice, now=NOW, parameters=two) is None
    assert choose([first, starting], advice, now=NOW, parameters=two) is None
    assert choose([first, second], advice, now=NOW, parameters=two) is not None


@pytest.mark.parametrize("busy", ["told by its kubelet", "only just taken by the API server"])
def test_one_pod_of_a_function_at_a_time(world: World, busy: str) -> None:
    told = resizing("in_progress") if busy.startswith("told") else None
    first, second = pod(world, "resnet-1", resize=told), pod(world, "resnet-2")
    under_way = () if told else (first.uid,)
    advice = recommendation(fn=TOO_LITTLE)
    assert choose([first, second], advice, now=NOW, parameters=PARAMETERS, under_way=under_way) is None


@pytest.mark.parametrize("state", ["deferred", "infeasible"])
def test_a_pod_whose_node_has_no_room_does_not_hold_up_the_others(world: World, state: str) -> None:
    stuck, other = pod(world, "resnet-1", resize=resizing(state)), pod(world, "resnet-2")
    choice = choose([stuck, other], recommendation(fn=TOO_LITTLE), now=NOW, parameters=PARAMETERS)
    assert choice is not None
    assert choice.pod.name == "resnet-2"


def test_a_pod_whose_change_was_refused_lets_the_others_go_first(world: World) -> None:
    refused, other = pod(world, "resnet-1"), pod(world, "resnet-2")
    advice = recommendation(fn=TOO_LITTLE)
    choice = choose([refused, other], advice, now=NOW, parameters=PARAMETERS, held={refused.uid})
    assert choice is not None
    assert choice.pod.name == "resnet-2"


# ------------------------------------------------------------ in which order


def test_a_pod_that_wants_to_grow_goes_before_one_that_may_shrink_by_more(world: World) -> None:
    large, small = pod(world, "resnet-1", spec(cpu="4")), pod(world, "resnet-2", spec(cpu="490m"))
    advice = recommendation(fn=container((500, 128), lower=(495, 100), upper=(900, 400)))
    choice = choose([large, small], advice, now=NOW, parameters=PARAMETERS)
    assert choice is not None
    assert choice.pod.name == "resnet-2"


def test_among_those_that_want_to_grow_the_one_that_is_further_off_goes_first(world: World) -> None:
    pods = [pod(world, f"resnet-{cpu}", spec(cpu=f"{cpu}m")) for cpu in (400, 100, 300)]
    choice = choose(pods, recommendation(fn=TOO_LITTLE), now=NOW, parameters=PARAMETERS)
    assert choice is not None
    assert choice.pod.name == "resnet-100"


def test_equals_go_by_name_so_that_the_same_facts_give_the_same_choice(world: World) -> None:
    pods = [pod(world, name) for name in ("resnet-2", "resnet-1", "resnet-3")]
    advice = recommendation(fn=TOO_LITTLE)
    names = set()
    for order in (pods, pods[::-1]):
        choice = choose(order, advice, now=NOW, parameters=PARAMETERS)
        assert choice is not None
        assert urgency(choice)[1] == choice.pod.name
        names.add(choice.pod.name)
    assert names == {"resnet-1"}


@pytest.mark.parametrize(
    ("specs", "advice", "difference"),
    [
        ([spec()], {"fn": container((500, 128))}, 1.0),
        ([spec()], {"fn": container((125, 64))}, 1.0),
        ([spec()], {"fn": container((500, 256))}, 2.0),
        ([spec()], {"fn": container((500, None))}, 1.0),
        ([spec("a"), spec("b")], {"a": container((500, 128)), "b": container((0, 128))}, 0.0),
        ([spec("a"), spec("b")], {"a": container((500, 128))}, 1.0),
        ([spec(cpu=None)], {"fn": container((2, 128))}, 1.0),
    ],
)
def test_the_difference_is_the_share_by_which_the_pods_requests_would_change(
    world: World, specs: list[PodContainer], advice: dict[str, ContainerRecommendation], difference: float
) -> None:
    found = update_priority(pod(world, "resnet-1", *specs), recommendation(**advice))
    assert found.resource_diff == pytest.approx(difference)
