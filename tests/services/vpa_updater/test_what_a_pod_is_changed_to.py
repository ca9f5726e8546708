"""The new requests and limits of a pod's containers, as a patch and as an event tells them."""

from __future__ import annotations

import pytest
from galileo_context.testing import World
from galileo_schemas.events import Resources
from galileo_services.vpa_updater.container_amounts import read_amounts
from galileo_services.vpa_updater.resize_plan import ResizePlan, resize_plan

from tests.services.vpa_updater.recommending import MIB, container, pod, recommendation, spec


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("zone-a")
    return world


def planned(plan: ResizePlan | None) -> dict[str, object]:
    """The containers of the patch."""
    assert plan is not None
    patch = plan.patch("42")
    assert patch["metadata"] == {"resourceVersion": "42"}
    return {row["name"]: row["resources"] for row in patch["spec"]["containers"]}


def test_requests_become_the_target(world: World) -> None:
    plan = resize_plan(pod(world), recommendation(fn=container((500, 300))))
    assert planned(plan) == {"fn": {"requests": {"cpu": "500m", "memory": "300Mi"}}}
    assert plan is not None
    assert plan.requests_before == {"fn": Resources(cpu_millicores=250.0, memory_bytes=128.0 * MIB)}
    assert plan.requests_after == {"fn": Resources(cpu_millicores=500.0, memory_bytes=300.0 * MIB)}


def test_limits_keep_their_proportion(world: World) -> None:
    limited = spec(limits={"cpu": "1", "memory": "192Mi"})
    plan = resize_plan(pod(world, "resnet-1", limited), recommendation(fn=container((500, 256))))
    assert planned(plan) == {
        "fn": {"requests": {"cpu": "500m", "memory": "256Mi"}, "limits": {"cpu": "2", "memory": "384Mi"}}
    }


def test_a_limit_in_proportion_has_no_fraction(world: World) -> None:
    limited = spec(cpu="1500m", limits={"cpu": "2"})
    plan = resize_plan(pod(world, "resnet-1", limited), recommendation(fn=container((1250, 128))))
    assert planned(plan) == {"fn": {"requests": {"cpu": "1250m"}, "limits": {"cpu": "1666m"}}}


def test_a_limit_that_there_is_not_is_not_set(world: World) -> None:
    limited = spec(limits={"cpu": "250m"})
    plan = resize_plan(pod(world, "resnet-1", limited), recommendation(fn=container((500, 256))))
    assert planned(plan)["fn"] == {"requests": {"cpu": "500m", "memory": "256Mi"}, "limits": {"cpu": "500m"}}


def test_a_guaranteed_pod_stays_guaranteed(world: World) -> None:
    guaranteed = spec(limits={"cpu": "250m", "memory": "128Mi"})
    plan = resize_plan(pod(world, "resnet-1", guaranteed), recommendation(fn=container((333, 77))))
    resources = planned(plan)["fn"]
    assert isinstance(resources, dict)
    assert resources["requests"] == resources["limits"]


def test_what_is_its_target_already_is_left_out(world: World) -> None:
    specs = (spec("fn"), spec("sidecar"))
    advice = recommendation(fn=container((250, 300)), sidecar=container((250, 128)))
    assert planned(resize_plan(pod(world, "resnet-1", *specs), advice)) == {"fn": {"requests": {"memory": "300Mi"}}}


def test_a_resource_that_is_not_recommended_stays(world: World) -> None:
    plan = resize_plan(pod(world), recommendation(fn=container((500, None))))
    assert planned(plan) == {"fn": {"requests": {"cpu": "500m"}}}
    assert plan is not None
    assert plan.requests_after == {"fn": Resources(cpu_millicores=500.0, memory_bytes=128.0 * MIB)}


def test_containers_that_the_pod_does_not_have_are_none_of_its_business(world: World) -> None:
    assert resize_plan(pod(world), recommendation(other=container((500, 300)))) is None


def test_a_pod_that_has_its_targets_needs_no_plan(world: World) -> None:
    assert resize_plan(pod(world), recommendation(fn=container((250, 128)))) is None


@pytest.mark.parametrize(
    ("quantity", "millicores"), [("250m", 250), ("0.25", 250), ("0.0001", 1), ("1.0005", 1001), ("2", 2000)]
)
def test_a_part_of_a_millicore_counts_as_one_as_in_kubernetes(quantity: str, millicores: int) -> None:
    assert read_amounts({"cpu": quantity}) == {"cpu": millicores}


def test_a_quantity_that_cannot_be_read_is_named_with_its_container(world: World) -> None:
    broken = pod(world, "resnet-1", spec(limits={"cpu": "much"}))
    with pytest.raises(ValueError, match=r"container fn: .*'much'"):
        resize_plan(broken, recommendation(fn=container((500, 300))))
