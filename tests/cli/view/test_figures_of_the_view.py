"""What is computed for the view from events: zones and nodes, pressure, load, faults, resizes."""

from __future__ import annotations

import pytest
from galileo_cli.view.node_figures import ZoneFigure, zone_figures
from galileo_schemas.events import (
    ApiPressure,
    FaultBegun,
    FaultEnded,
    LoadPaused,
    LoadStatus,
    Resources,
    SettingChanged,
    VpaUpdate,
)

from tests.cli.view.scene import Scene, scale_up

MIB = 1024 * 1024


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.edge_cloud()
    return made


def zones(scene: Scene) -> list[ZoneFigure]:
    return zone_figures(scene.cluster, scene.live.faults.killed_nodes(), scene.now)


# -------------------------------------------------------------------- zones


def test_nodes_are_under_their_zone_workers_first_and_counted_as_people_do(scene: Scene) -> None:
    assert [zone.name for zone in zones(scene)] == ["zone-a", "zone-b"]
    assert [node.name for node in zones(scene)[0].nodes] == ["edge-1", "edge-2", "edge-10", "client", "gateway"]
    assert zones(scene)[0].nodes[-1].node == "gateway-zone-a"


def test_a_node_shows_its_pods_its_cpu_and_whether_it_is_ready(scene: Scene) -> None:
    scene.cpu("edge-1", 30.0)
    scene.pod("done", "resnet", "edge-1", status="Succeeded", ready=False)
    scene.node("edge-2", "zone-a", ready=False)
    first, second, *_ = zones(scene)[0].nodes
    assert (first.name, first.pods, first.cpu_percent, first.ready) == ("edge-1", 1, 30.0, True)
    assert (second.name, second.pods, second.cpu_percent, second.ready) == ("edge-2", 0, None, False)


def test_replicas_that_serve_and_that_are_to_serve_are_counted_per_zone(scene: Scene) -> None:
    scene.waiting_pod("resnet-2", "resnet", "zone-b")
    shown = {zone.name: [(r.function, r.running, r.pending) for r in zone.replicas] for zone in zones(scene)}
    assert shown == {"zone-a": [("resnet", 1, 0)], "zone-b": [("resnet", 0, 1)]}


def test_a_killed_node_is_marked_before_the_cluster_notices(scene: Scene) -> None:
    scene.tell(FaultBegun(kind="kill_node", node="edge-2"))
    assert [node.name for node in zones(scene)[0].nodes if node.killed] == ["edge-2"]
    scene.tell(FaultEnded(kind="kill_node", node="edge-2"))
    assert not any(node.killed for node in zones(scene)[0].nodes)


# -------------------------------------------------------------------- pressure


def test_a_gateways_highest_row_is_kept_beside_its_mean(scene: Scene) -> None:
    for mean, highest in ((0.02, 0.03), (0.17, 0.34)):
        scene.tell(ApiPressure(node="gateway-zone-a", zone="zone-a", value=mean, max=highest))
    scene.tell(ApiPressure(node="gateway-zone-b", zone="zone-b", value=0.5))
    a, b = scene.live.pressure.gateways()
    assert (a.zone, a.mean, a.highest, list(a.series)) == ("zone-a", 0.17, 0.34, [0.03, 0.34])
    assert b.highest == 0.5, "an older sender says the mean only"


def test_thresholds_are_what_the_calculator_says_or_was_told_last(scene: Scene) -> None:
    pressure = scene.live.pressure
    assert (pressure.max_threshold, pressure.min_threshold) == (None, None)
    scene.tell(scale_up())
    scene.scale_down()
    assert (pressure.max_threshold, pressure.min_threshold) == (0.11, 0.01)
    scene.status("pressure_calculator", figures={"max_threshold": 0.8, "min_threshold": 0.2})
    scene.status("pod_creator", figures={"max_threshold": 9.0})
    scene.tell(scale_up())
    assert (pressure.max_threshold, pressure.min_threshold) == (0.8, 0.2)
    scene.tell(SettingChanged(service="pressure_calculator", variable="schedule_scale_opt_max_threshold", value="0.5"))
    assert (pressure.max_threshold, pressure.min_threshold) == (0.5, 0.2)


# -------------------------------------------------------------------- load


def test_requests_asked_for_are_shown_per_zone_with_their_course(scene: Scene) -> None:
    scene.tell(LoadStatus(experiment="x", sent=1, succeeded=1, failed=0, rates={"zone-a": 40.0}))
    scene.tell(LoadStatus(experiment="x", sent=9, succeeded=8, failed=1, rates={"zone-b": 40.0}))
    loads = scene.live.load.zones()
    assert {name: load.asked for name, load in loads.items()} == {"zone-a": 0.0, "zone-b": 40.0}
    assert list(loads["zone-a"].rates) == [40.0, 0.0]
    assert scene.live.load.status is not None
    assert scene.live.load.status.failed == 1


def test_response_times_are_of_the_last_five_seconds(scene: Scene) -> None:
    for ms in (30.0, 100.0):
        scene.now += 1
        scene.answers("zone-a", count=10, rtt_ms=ms)
    load = scene.live.load.zones()["zone-a"]
    assert load.p50_ms == pytest.approx(30.0, rel=0.02)
    assert load.p95_ms == pytest.approx(100.0, rel=0.02)
    assert (load.seen, load.asked) == (4.0, None)
    scene.now += 10
    scene.answers("zone-b", count=1, rtt_ms=5.0)
    assert (load.p50_ms, load.seen) == (None, 0.0)
    assert list(load.p95s)[-1] is None


def test_where_nobody_says_what_is_asked_for_what_was_seen_is_shown(scene: Scene) -> None:
    scene.now += 1
    scene.answers("zone-a", count=10, rtt_ms=30.0)
    assert list(scene.live.load.zones()["zone-a"].rates) == [2.0]


def test_windows_of_a_second_recorder_are_the_same_second(scene: Scene) -> None:
    scene.now += 1
    scene.answers("zone-a", count=10, rtt_ms=30.0)
    scene.answers("zone-a", count=10, rtt_ms=30.0)
    assert len(scene.live.load.zones()["zone-a"].p50s) == 1


def test_clients_are_paused_until_they_go_on(scene: Scene) -> None:
    load = scene.live.load
    scene.tell(LoadPaused(fn="resnet", paused=True))
    scene.tell(LoadPaused(zone="zone-b", paused=True))
    assert list(load.paused_clients()) == [("", "zone-b"), ("resnet", "")]
    scene.tell(LoadPaused(fn="resnet", paused=False))
    assert list(load.paused_clients()) == [("", "zone-b")]
    scene.tell(LoadPaused(paused=False))
    assert not load.paused


# -------------------------------------------------------------------- faults and resizes


def test_faults_are_in_force_until_they_end_and_an_end_without_a_name_ends_all_of_the_kind(scene: Scene) -> None:
    faults = scene.live.faults
    scene.tell(FaultBegun(kind="kill_node", node="edge-1"))
    scene.now += 5
    scene.tell(FaultBegun(kind="kill_node", node="edge-2", duration_s=30))
    scene.tell(FaultBegun(kind="burn_cpu", node="edge-2", cores=2))
    assert faults.killed_nodes() == {"edge-1": 1000.0, "edge-2": 1005.0}
    scene.tell(FaultEnded(kind="kill_node", node="edge-1"))
    assert [known.fault.kind for known in faults.all()] == ["kill_node", "burn_cpu"]
    scene.tell(FaultEnded(kind="kill_node"))
    assert [known.fault.kind for known in faults.all()] == ["burn_cpu"]


def test_a_resize_tells_what_changed_and_how_it_went(scene: Scene) -> None:
    scene.tell(
        VpaUpdate(
            pod="resnet-1",
            namespace="default",
            mode="in_place",
            result="resized",
            before={"fn": Resources(cpu_millicores=250, memory_bytes=256 * MIB)},
            after={"fn": Resources(cpu_millicores=410, memory_bytes=256 * MIB)},
        )
    )
    scene.tell(VpaUpdate(pod="resnet-2", namespace="default", mode="in_place", result="infeasible", message="no room"))
    newest, older = scene.live.resizes.newest()
    assert (newest.text, newest.failed) == ("resnet-2: infeasible (no room)", True)
    assert (older.text, older.failed) == ("resnet-1: cpu 250m → 410m, resized", False)


def test_a_resize_under_way_gives_place_to_what_came_of_it_and_is_no_line_of_the_log(scene: Scene) -> None:
    for pod, result in (("resnet-1", "in_progress"), ("resnet-2", "in_progress"), ("resnet-1", "resized")):
        scene.tell(VpaUpdate(pod=pod, namespace="default", mode="in_place", result=result))
    assert [resize.text for resize in scene.live.resizes.newest()] == ["resnet-1: resized", "resnet-2: in progress"]
    assert [line.text for line in scene.live.happened.since(0)] == ["resnet-1: resized"]
