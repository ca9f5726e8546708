"""Lines of the panels: what they say, and that they fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from galileo_cli.view.drawing.clients import draw_clients
from galileo_cli.view.drawing.decisions import draw_decisions
from galileo_cli.view.drawing.header import draw_header
from galileo_cli.view.drawing.log import draw_log
from galileo_cli.view.drawing.pressure import draw_pressure, pressure_title
from galileo_cli.view.drawing.services import LATE, draw_faults, draw_resizes, draw_services, services_wanted
from galileo_cli.view.drawing.strokes import bar, sparkline
from galileo_cli.view.drawing.zones import draw_zones, rows_wanted
from galileo_cli.view.happened import Kind
from galileo_cli.view.node_figures import ZoneFigure, zone_figures
from galileo_cli.view.shown_run import ShownRun
from galileo_schemas.events import (
    ApiPressure,
    FaultBegun,
    LoadPaused,
    LoadStatus,
    PodBound,
    PodCreated,
    Resources,
    VpaUpdate,
)
from rich.text import Text

from tests.cli.view.scene import START, Scene, scale_up


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.edge_cloud()
    return made


def plain(lines: Sequence[Text]) -> list[str]:
    return [line.plain.rstrip() for line in lines]


def zones(scene: Scene) -> list[ZoneFigure]:
    return zone_figures(scene.cluster, scene.live.faults.killed_nodes(), scene.now)


# -------------------------------------------------------------------- zones


def test_each_node_has_a_cell_with_its_pods_and_cpu_beside_the_zones_replicas(scene: Scene) -> None:
    scene.cpu("edge-1", 30.0)
    scene.waiting_pod("resnet-2", "resnet", "zone-b")
    assert plain(draw_zones(zones(scene), 100, 10)) == [
        "zone-a  resnet 1    ● edge-1 1p 30%       ● edge-2 0p –         ● edge-10 0p –",
        "                    ● client 1p –         ● gateway 1p –",
        "zone-b  resnet 0+1  ● cloudlet-1 0p –     ● client 1p –         ● gateway 1p –",
    ]


def test_a_node_that_is_down_says_so_in_words(scene: Scene) -> None:
    scene.node("edge-2", "zone-a", ready=False)
    scene.tell(FaultBegun(kind="kill_node", node="edge-1"))
    first = plain(draw_zones(zones(scene), 100, 10))[0]
    assert "× edge-1 killed" in first
    assert "× edge-2 not ready" in first


def test_where_there_is_no_room_for_cells_a_node_is_one_column_of_its_zones_line(scene: Scene) -> None:
    scene.cpu("edge-1", 100.0)
    scene.cpu("edge-2", 40.0)
    scene.tell(FaultBegun(kind="kill_node", node="edge-10"))
    assert rows_wanted(zones(scene), 100) == (2, 3)
    assert plain(draw_zones(zones(scene), 100, 2)) == [
        "zone-a  4/5 ready ▇▃×▁▁ 100% at most  3 pods  resnet 1  edge-10 down",
        "zone-b  3/3 ready ▁▁▁  2 pods",
    ]


def test_zones_that_do_not_fit_are_counted(scene: Scene) -> None:
    for number in range(9):
        scene.node(f"n-{number}", f"zone-{number}")
    drawn = plain(draw_zones(zones(scene), 80, 4))
    assert len(drawn) == 4
    assert drawn[-1] == "… 8 zones more"


# -------------------------------------------------------------------- pressure and clients


def test_pressure_is_drawn_against_the_thresholds(scene: Scene) -> None:
    scene.status("pressure_calculator", figures={"max_threshold": 0.1, "min_threshold": 0.006})
    for zone, mean, highest in (("zone-a", 0.1, 0.2), ("zone-b", 0.001, 0.002)):
        scene.tell(ApiPressure(node=f"gateway-{zone}", zone=zone, value=mean, max=highest))
    assert pressure_title(scene.live.pressure, 40) == "pressure: max 0.1 min 0.006"
    assert pressure_title(scene.live.pressure, 26) == "pressure: max 0.1"
    above, below = draw_pressure(scene.live.pressure, 42, 5)
    assert above.plain == "zone-a 0.20   mean 0.10   ━━━━━━━━┃━━━━━━━"
    assert below.plain.rstrip() == "zone-b 0.0020 mean 0.0010         ┃"
    assert "#ff7b7b" in str(above.spans[1].style), "above the threshold it is red"


def test_clients_have_a_line_with_requests_and_response_times_and_their_course(scene: Scene) -> None:
    for rate in (10.0, 40.0):
        scene.now += 1
        scene.tell(LoadStatus(experiment="x", sent=1, succeeded=1, failed=0, rates={"zone-a": rate}))
        scene.answers("zone-a", count=10, rtt_ms=100.0)
    (line,) = plain(draw_clients(scene.live.load, 70, 3))
    assert line.startswith("zone-a   40/s ")
    assert "▂▇ p50 100 " in line
    assert "▇▇ p95 100 " in line
    assert line.endswith("▇▇")


# -------------------------------------------------------------------- decisions


def decide(scene: Scene) -> None:
    scene.now = 1066.0
    decision = scene.scale_up("resnet-2")
    scene.now += 0.1
    scene.tell(PodCreated(pod="resnet-2", namespace="default", uid="u"), cause=[decision])
    bound = PodBound(
        pod="resnet-2", namespace="default", uid="u", node="cloudlet-1", zone="zone-b", scheduler="custom-scheduler"
    )
    scene.tell(bound, cause=[decision])
    scene.now += 3
    scene.weights("zone-b", cause=[scene.running("resnet-2", cause=[decision])])


def test_a_decision_says_why_and_what_came_of_it(scene: Scene) -> None:
    decide(scene)
    assert plain(draw_decisions(scene.live.decisions, scene.run, 80, 4)) == [
        "  66 s scale up resnet in zone-b ← pressure 0.35 in zone-a",
        "       created +0.1, bound cloudlet-1 +0.1, running +3.1, weights +3.1 s",
    ]


def test_where_it_is_narrow_the_steps_before_the_last_are_left_out(scene: Scene) -> None:
    decide(scene)
    assert plain(draw_decisions(scene.live.decisions, scene.run, 60, 4))[1].split() == (
        ["bound", "cloudlet-1", "+0.1,", "running", "+3.1,", "weights", "+3.1", "s"]
    )
    assert plain(draw_decisions(scene.live.decisions, scene.run, 40, 4))[1].strip() == "running +3.1, weights +3.1 s"


def test_where_it_is_wide_a_decision_takes_one_line(scene: Scene) -> None:
    decide(scene)
    (line,) = plain(draw_decisions(scene.live.decisions, scene.run, 140, 4))
    assert line.endswith("in zone-a  created +0.1, bound cloudlet-1 +0.1, running +3.1, weights +3.1 s")


def test_the_reason_of_a_decision_may_be_a_person_or_no_traffic(scene: Scene) -> None:
    scene.scale_down(value=None)
    scene.by_hand(scale_up("mine", value=None))
    lines = plain(draw_decisions(scene.live.decisions, scene.run, 100, 9))
    assert "scale up resnet in zone-b ← by hand  nothing has come of it yet" in lines[0]
    assert "scale down resnet in zone-a ← no traffic in zone-a" in lines[1]


def test_a_decision_without_a_pressure_tells_the_reason_that_it_gives(scene: Scene) -> None:
    lost = scale_up("resnet-3", value=None)
    lost.reason = "0 of at least 1 pods are there"
    scene.tell(lost, source="pressure_calculator/1")
    (head, *_rest) = plain(draw_decisions(scene.live.decisions, scene.run, 80, 4))
    assert head == "   0 s scale up resnet in zone-b ← 0 of at least 1 pods are there"
    assert "scale up resnet in zone-b: resnet-3 (0 of at least 1 pods are there)" in (
        scene.live.happened.since(0)[-1].text
    )


# -------------------------------------------------------------------- services, faults, resizes


def test_services_that_are_not_well_come_first_with_what_was_lost(scene: Scene) -> None:
    scene.status("a_well_one")
    scene.status("loses", lost=12, lag=3)
    scene.status("is_late", lag=LATE, pid=8)
    scene.status("failing", unhealthy="failing.reconcile failed")
    assert plain(draw_services(scene.live.services.rows(scene.now), 50, 9)) == [
        "3 of 4 ready  12 lost, 13 waiting",
        "failing unhealthy: failing.reconcile failed",
        "is_late 10 waiting",
        "loses lost 12",
        "a_well_one +2                   60/s in  3.0/s out",
        "is_late                         20/s in  1.0/s out",
    ]


def test_services_have_a_line_a_process_and_few_events_a_second_are_told_apart_from_none(scene: Scene) -> None:
    scene.status("busy", rates={"said": 12.4, "heard": 0.3})
    scene.status("idle", pid=8, rates={"said": 0.0, "heard": 0.04})
    scene.status("new", pid=9, rates={})
    assert plain(draw_services(scene.live.services.rows(scene.now), 40, 9))[1:] == [
        "busy                 0.3/s in   12/s out",
        "idle                <0.1/s in    0/s out",
        "new                    –/s in    –/s out",
    ]


def test_where_there_is_room_for_little_the_count_of_those_that_are_ready_stays(scene: Scene) -> None:
    for name in ("a", "b", "c"):
        scene.status(name)
    rows = scene.live.services.rows(scene.now)
    assert plain(draw_services(rows, 18, 1)) == ["3 of 3 ready"]
    assert plain(draw_services(rows, 18, 3)) == ["3 of 3 ready", "0 lost, 0 waiting", "a +2       60/s in"]
    assert services_wanted(rows, 18) == (2, 3)
    assert services_wanted(rows, 60) == (1, 2)


def test_a_service_that_falls_silent_is_told_for_how_long(scene: Scene) -> None:
    scene.status("pod_creator")
    scene.now += 9
    assert "pod_creator silent for 9 s" in plain(draw_services(scene.live.services.rows(scene.now), 50, 9))


def test_faults_tell_how_long_they_last(scene: Scene) -> None:
    scene.tell(FaultBegun(kind="kill_node", node="edge-1", duration_s=30))
    scene.tell(FaultBegun(kind="add_latency", origin="zone-a", destination="zone-b", latency_ms=50))
    assert plain(draw_faults(scene.live.faults, scene.now + 12, 60, 5)) == [
        "node edge-1 is down for 12 of 30 s",
        "50 ms more between zone-a and zone-b for 12 s",
    ]


def test_resizes_are_told_with_their_moment(scene: Scene) -> None:
    scene.now += 7
    scene.tell(VpaUpdate(pod="resnet-1", namespace="default", mode="evicted", result="evicted"))
    assert plain(draw_resizes(scene.live.resizes, scene.run, 60, 5)) == ["   7 s resnet-1: evicted"]


def test_where_it_is_narrow_a_resize_is_told_by_its_function_and_without_the_reason(scene: Scene) -> None:
    scene.tell(
        VpaUpdate(
            pod="resnet-deployment-kxqfm",
            namespace="default",
            fn="resnet",
            mode="in_place",
            result="failed",
            message="NotFound: the server could not find the requested resource",
            before={"fn": Resources(cpu_millicores=250, memory_bytes=256 * 1024**2)},
            after={"fn": Resources(cpu_millicores=410, memory_bytes=180 * 1024**2)},
        )
    )
    drawn = plain(draw_resizes(scene.live.resizes, scene.run, 44, 5))
    assert drawn == ["   0 s resnet 250→410m 256→180Mi failed"]


# -------------------------------------------------------------------- header and log


def test_the_header_says_how_far_the_run_is_and_what_is_out_of_the_ordinary(scene: Scene) -> None:
    scene.tell(LoadStatus(experiment="x", sent=100, succeeded=97, failed=1, in_flight=2))
    scene.tell(LoadPaused(paused=True))
    scene.tell(FaultBegun(kind="kill_node", node="edge-1"))
    first, second = plain(draw_header(scene.live, scene.run, scene.now + 60, 140))
    assert first == "people-move, seed 1  60 of 120 s  " + "━" * 15 + "─" * 15
    assert second == (
        "requests 100 sent  97 ok  1 failed  2 in flight   decisions 0 up 0 down"
        "   all clients paused   node edge-1 is down"
    )


def test_before_the_start_and_without_an_end_the_header_says_so(scene: Scene) -> None:
    assert plain(draw_header(scene.live, ShownRun("a run"), scene.now, 80))[0] == "a run  starting …"
    watched = ShownRun("galileo on redis://b", start=1000.0)
    first = plain(draw_header(Scene().live, watched, 1090.0, 80))[0]
    since = datetime.fromtimestamp(START).strftime("%H:%M:%S")
    assert first == f"galileo on redis://b  watched since {since}, 0 events"
    scene.run.stage = "stopping …"
    assert plain(draw_header(scene.live, scene.run, 1090.0, 80))[0].endswith("stopping …")


def test_the_log_ends_with_the_newest_decisions_among_them(scene: Scene) -> None:
    happened = scene.live.happened
    happened.add(990.0, "join in:   source env", Kind.RUN)
    happened.add(1066.0, "scale up resnet in zone-b", Kind.DECISION)
    happened.add(1067.0, "asked: pause all clients", Kind.ASKED)
    happened.add(1070.0, "nobody answered", Kind.TROUBLE)
    assert plain(draw_log(happened.since(0), scene.run, 80, 3)) == [
        "  66 s  scale up resnet in zone-b",
        "  67 s  asked: pause all clients",
        "  70 s  nobody answered",
    ]
    assert plain(draw_log(happened.since(0), scene.run, 80, 9))[0] == "join in:   source env"


# -------------------------------------------------------------------- fitting


Draw = Callable[[Scene, int, int], Sequence[Text]]
PANELS: dict[str, Draw] = {
    "header": lambda scene, width, _height: draw_header(scene.live, scene.run, scene.now, width),
    "zones": lambda scene, width, height: draw_zones(zones(scene), width, height),
    "pressure": lambda scene, width, height: draw_pressure(scene.live.pressure, width, height),
    "clients": lambda scene, width, height: draw_clients(scene.live.load, width, height),
    "decisions": lambda scene, width, height: draw_decisions(scene.live.decisions, scene.run, width, height),
    "services": lambda scene, width, height: draw_services(scene.live.services.rows(scene.now), width, height),
    "faults": lambda scene, width, height: draw_faults(scene.live.faults, scene.now, width, height),
    "resizes": lambda scene, width, height: draw_resizes(scene.live.resizes, scene.run, width, height),
    "log": lambda scene, width, height: draw_log(scene.live.happened.since(0), scene.run, width, height),
}


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("busy", [False, True], ids=["empty", "busy"])
def test_every_panel_fits_into_any_place(panel: str, busy: bool) -> None:
    scene = Scene()
    if busy:
        scene.edge_cloud()
        decide(scene)
        for number in range(9):
            scene.now += 1
            scene.status(f"service_{number}", lost=number)
            scene.tell(FaultBegun(kind="kill_node", node=f"a-node-of-some-length-{number}"))
            scene.tell(ApiPressure(node=f"g-{number}", zone=f"zone-{number}", value=0.1, max=0.2))
            scene.tell(LoadStatus(experiment="x", sent=1, succeeded=1, failed=0, rates={f"zone-{number}": 40.0}))
            scene.tell(VpaUpdate(pod="resnet-1", namespace="default", mode="evicted", result="evicted"))
            scene.answers("zone-a", count=10, rtt_ms=30.0)
    for width in (1, 10, 20, 40, 78, 118, 200):
        for height in (0, 1, 2, 3, 5, 20):
            lines = PANELS[panel](scene, width, height)
            assert len(lines) <= (2 if panel == "header" else height)
            assert all(line.cell_len <= width for line in lines), (width, height, plain(lines))


# -------------------------------------------------------------------- strokes


def test_a_sparkline_is_scaled_to_its_top_and_ends_with_the_newest() -> None:
    assert sparkline([0.0, 5.0, 10.0], 5) == "  ▁▄▇"
    assert sparkline([5.0, None, 10.0], 3, top=20.0) == "▂ ▄"
    assert sparkline([], 3) == "   "


def test_a_column_shows_the_highest_of_the_values_that_share_it_and_the_last_one_the_newest() -> None:
    assert sparkline([9.0, 1.0, 1.0, 5.0, 1.0], 3, top=9.0) == "▇▄▁"
    assert sparkline([9.0, 1.0, 1.0], 1, top=9.0) == "▁"
    assert len(sparkline([float(number) for number in range(120)], 7)) == 7


def test_a_bar_is_full_at_its_top_and_never_longer() -> None:
    assert bar(5.0, 10.0, 4) == "━━  "
    assert bar(6.5, 10.0, 4) == "━━╸ "
    assert bar(99.0, 10.0, 4) == "━━━━"
    assert bar(1.0, 0.0, 4) == "    "
