"""What people or a scenario asked for is marked in the report: faults, pauses, moves, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galileo_experiments.happened import all_stories
from galileo_experiments.marks import Mark, marks
from galileo_experiments.plots.lanes import lanes_of
from galileo_experiments.report_page import report_page
from galileo_schemas import events

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun


def fill(run: MadeUpRun) -> None:
    run.say(10, events.FaultBegun(kind="kill_node", node="edge-2", duration_s=30))
    run.say(12, events.LoadPaused(fn="resnet", zone="zone-a", paused=True))
    run.say(14, events.LoadPaused(paused=False))
    run.say(16, events.SettingChanged(service="pressure_calculator", variable="x", value="0.2", before="0.1"))
    run.say(18, events.LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-c", rps=20))
    run.say(40, events.FaultEnded(kind="kill_node", node="edge-2"))


def marked(run: MadeUpRun) -> list[Mark]:
    recorded, report = run.recorded(), run.report()
    return marks(recorded, report, all_stories(recorded, report))


def told(run: MadeUpRun) -> list[tuple[float, str, str]]:
    return [(mark.t_s, mark.kind, mark.text) for mark in marked(run)]


def test_each_ask_that_was_met_is_a_mark_at_its_time(made_up_run: MadeUpRun) -> None:
    fill(made_up_run)
    assert told(made_up_run) == [
        (10.0, "fault", "node edge-2 is down"),
        (12.0, "load", "clients of resnet in zone-a pause"),
        (16.0, "setting", "pressure_calculator: x=0.2"),
        (18.0, "load", "people who call resnet move from zone-a to zone-c"),
        (60.0, "load", "people who call mobilenet and resnet move from zone-a to zone-b"),  # the scenario's own
    ]


def test_a_fault_is_a_span_from_its_begin_to_its_end(made_up_run: MadeUpRun) -> None:
    fill(made_up_run)
    made_up_run.say(100, events.FaultBegun(kind="burn_cpu", node="edge-1", cores=2))
    spans = [(mark.t_s, mark.until_s) for mark in marked(made_up_run) if mark.kind == "fault"]
    assert spans == [(10.0, 40.0), (100.0, made_up_run.report().measured_s)]


def test_the_scenarios_own_move_is_marked_once_though_it_was_also_said(made_up_run: MadeUpRun) -> None:
    made_up_run.say(60.01, events.LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20))
    made_up_run.say(90, events.LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20))
    assert [t_s for t_s, _kind, _text in told(made_up_run)] == [60.0, 90.0]


def test_an_ask_that_was_refused_is_no_mark(made_up_run: MadeUpRun) -> None:
    made_up_run.say(10, events.AskRefused(ask="fault", reason="no such node"))
    made_up_run.say(11, events.Fault(kind="kill_node", node="edge-9"))
    assert [kind for _t_s, kind, _text in told(made_up_run)] == ["load"]


def test_the_page_tells_them_and_its_plot_has_a_lane_for_each_kind(moved_run: MadeUpRun) -> None:
    without = [lane.text for lane in lanes_of(marked(moved_run), moved_run.report())]
    fill(moved_run)
    run, report = moved_run.recorded(), moved_run.report()
    assert "node edge-2 is down" in report_page(run, report)
    with_asks = [lane.text for lane in lanes_of(marked(moved_run), report)]
    assert set(with_asks) - set(without) == {"faults", "setting changed"}
