"""What people or a scenario asked for is marked in the report: faults, pauses, moves, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galileo_experiments.marks import marks
from galileo_experiments.plots import ZoneStyles, response_time_figure
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
    run.say(60, events.LoadMoved(fn="resnet", origin_zone="zone-c", dest_zone="zone-b", rps=20))


def told(run: MadeUpRun) -> list[tuple[float, str, str, str]]:
    return [(mark.t_s, mark.kind, mark.zone, mark.text) for mark in marks(run.recorded())]


def test_each_ask_that_was_met_is_a_mark_at_its_time(made_up_run: MadeUpRun) -> None:
    fill(made_up_run)
    assert told(made_up_run) == [
        (10.0, "fault", "", "node edge-2 is down"),
        (12.0, "load", "zone-a", "clients of resnet pause"),
        (14.0, "load", "", "clients go on"),
        (16.0, "setting changed", "", "pressure_calculator: x=0.2"),
        (18.0, "load", "zone-c", "clients of resnet come from zone-a"),
        (40.0, "fault ended", "", "node edge-2 is down"),
    ]


def test_the_scenarios_own_moves_are_left_to_the_report(made_up_run: MadeUpRun) -> None:
    made_up_run.say(60.01, events.LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20))
    made_up_run.say(90, events.LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20))
    assert [t_s for t_s, _kind, _zone, _text in told(made_up_run)] == [90.0]


def test_an_ask_that_was_refused_is_no_mark(made_up_run: MadeUpRun) -> None:
    made_up_run.say(10, events.AskRefused(ask="fault", reason="no such node"))
    made_up_run.say(11, events.Fault(kind="kill_node", node="edge-9"))
    assert told(made_up_run) == []


def test_the_page_and_its_plot_show_them(moved_run: MadeUpRun) -> None:
    fill(moved_run)
    run, report = moved_run.recorded(), moved_run.report()
    page = report_page(run, report)
    assert "node edge-2 is down" in page
    figure = response_time_figure(report, run.requests, marks(run), ZoneStyles(["zone-a"]))
    lanes = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert lanes == ["scale up", "scale down", "pod first serves", "fault", "fault ended", "load", "setting changed"]


def test_a_run_without_asks_has_no_lanes_for_them(moved_run: MadeUpRun) -> None:
    run, report = moved_run.recorded(), moved_run.report()
    figure = response_time_figure(report, run.requests, marks(run), ZoneStyles(["zone-a"]))
    assert len(figure.axes[0].get_yticklabels()) == 3
