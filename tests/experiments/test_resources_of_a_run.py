"""Weights, use, requests and recommendations over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from galileo_experiments.report_resources import Bounds, WeightTarget
from galileo_schemas import events
from galileo_schemas.events import ContainerRecommendation, ContainerUsage, PodContainer, Resources
from galileo_schemas.labels import FUNCTION, ZONE

from tests.experiments.conftest import START

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun

LABELS = {FUNCTION: "resnet", ZONE: "zone-a", "type": "fn"}


def running(run: MadeUpRun, t_s: float, name: str, digit: str, *, asked: str, actual: str = "") -> None:
    container = PodContainer(
        name="fn",
        id=f"containerd://{digit * 64}",
        resource_requests={"cpu": asked, "memory": "128Mi"},
        actual_requests={"cpu": actual, "memory": "128Mi"} if actual else {},
    )
    pod = events.PodRunning(
        pod_uid=f"uid-{name}", name=name, node_name="edge-1", labels=LABELS, containers={"fn": container}
    )
    run.say(t_s, pod)


def window(run: MadeUpRun, middle_s: float, containers: dict[str, ContainerUsage]) -> None:
    at = START + middle_s
    run.say(middle_s + 1, events.TelemetryWindow(node="edge-1", start=at - 0.5, end=at + 0.5, containers=containers))


def test_weights_are_told_by_pod_and_zone_as_addresses_were_then(made_up_run: MadeUpRun) -> None:
    made_up_run.pod(1, events.PodRunning, "old", fn="resnet", node="edge-1", ip="10.0.0.1")
    made_up_run.pod(30, events.PodRunning, "new", fn="resnet", node="cloudlet-1", ip="10.0.0.1")
    for t_s in (10, 40, 130):
        weights = events.Weights(ips=["10.0.0.1:8080", "10.0.0.9:8080"], weights=[90, 10])
        made_up_run.say(t_s, events.WeightUpdate(fn="resnet", zone="zone-a", weights=weights))
    rows = made_up_run.report().weights
    assert [(row.t_s, row.fn, row.zone) for row in rows] == [(10, "resnet", "zone-a"), (40, "resnet", "zone-a")]
    unknown = WeightTarget(address="10.0.0.9:8080", pod="", zone="", weight=10)
    assert [row.targets for row in rows] == [
        [WeightTarget(address="10.0.0.1:8080", pod="old", zone="zone-a", weight=90), unknown],
        [WeightTarget(address="10.0.0.1:8080", pod="new", zone="zone-b", weight=90), unknown],
    ]


def test_use_is_the_mean_and_the_largest_over_a_functions_pods(made_up_run: MadeUpRun) -> None:
    running(made_up_run, -3, "r1", "a", asked="250m")
    running(made_up_run, -3, "r2", "b", asked="250m")
    window(
        made_up_run,
        10.2,
        {
            "a" * 12: ContainerUsage(cpu_millicores=100.0, memory_bytes=1000.0),
            "b" * 12: ContainerUsage(cpu_millicores=None, memory_bytes=3000.0),
            "c" * 12: ContainerUsage(cpu_millicores=900.0),  # of no function
        },
    )
    window(made_up_run, 130, {"a" * 12: ContainerUsage(cpu_millicores=500.0)})  # after the end of the load
    (row,) = made_up_run.report().usage
    assert (row.fn, row.container, row.zone, row.pods) == ("resnet", "fn", "zone-a", 2)
    assert (row.cpu_millicores, row.cpu_millicores_max) == (100, 100)
    assert (row.memory_bytes, row.memory_bytes_max) == (2000, 3000)
    assert row.t_s == pytest.approx(10.2, abs=1)


def test_requests_are_what_a_container_runs_with_until_they_change_or_it_ends(made_up_run: MadeUpRun) -> None:
    running(made_up_run, -3, "r1", "a", asked="250m")
    running(made_up_run, 20, "r1", "a", asked="379m", actual="250m")  # under way
    running(made_up_run, 22, "r1", "a", asked="379m", actual="379m")
    made_up_run.pod(50, events.PodDelete, "r1", fn="resnet", node="edge-1", ip="")
    running(made_up_run, 60, "r2", "b", asked="1")
    rows = made_up_run.report().container_requests
    assert [(row.pod, row.t_s, row.until_s, row.cpu_millicores) for row in rows] == [
        ("r1", -3, 22, 250),
        ("r1", 22, 50, 379),
        ("r2", 60, None, 1000),
    ]
    assert {row.memory_bytes for row in rows} == {128 * 1024 * 1024}


def test_a_recommendation_is_a_row_for_each_container_null_where_nothing_is_controlled(
    made_up_run: MadeUpRun,
) -> None:
    target, lower, upper = (Resources(cpu_millicores=value) for value in (379.0, 300.0, 500.0))
    recommended = ContainerRecommendation(target=target, lower_bound=lower, upper_bound=upper, uncapped_target=target)
    said = events.VpaRecommendation(
        fn="resnet", namespace="default", containers={"side": recommended, "fn": recommended}, shadow=True
    )
    made_up_run.say(40, said)
    rows = made_up_run.report().recommendations
    assert [(row.t_s, row.fn, row.container) for row in rows] == [(40, "resnet", "fn"), (40, "resnet", "side")]
    assert rows[0].cpu_millicores == Bounds(target=379, lower=300, upper=500)
    assert rows[0].memory_bytes is None
    assert (rows[0].policy, rows[0].shadow) == ("histogram", True)


def test_each_step_of_a_resize_is_a_row(made_up_run: MadeUpRun) -> None:
    for t_s, result, message in ((41, "in_progress", ""), (43, "infeasible", "no room")):
        update = events.VpaUpdate(
            pod="r1",
            namespace="default",
            fn="resnet",
            node="edge-1",
            mode="in_place",
            result=result,
            message=message,
            before={"fn": Resources(cpu_millicores=250.0)},
            after={"fn": Resources(cpu_millicores=379.0)},
        )
        made_up_run.say(t_s, update)
    rows = made_up_run.report().resizes
    assert [(row.t_s, row.result, row.message) for row in rows] == [
        (41, "in_progress", ""),
        (43, "infeasible", "no room"),
    ]
    assert (rows[0].before["fn"].cpu_millicores, rows[0].after["fn"].cpu_millicores) == (250, 379)
    assert rows[0].after["fn"].memory_bytes is None
