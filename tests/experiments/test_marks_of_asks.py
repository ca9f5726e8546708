"""What people or a scenario asked for is marked in the report: faults, pauses, moves, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galileo_experiments.happened import all_stories
from galileo_experiments.marks import Mark, marks
from galileo_experiments.plots.backdrop import backdrop_of
from galileo_experiments.plots.latency_plot import latency_figure
from galileo_experiments.plots.zone_styles import ZoneStyles
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


def all_marks(run: MadeUpRun) -> list[Mark]:
    report = run.report()
    return marks(run.recorded(), report, all_stories(run.recorded(), report))


def told(run: MadeUpRun) -> list[tuple[float, str, str, str, float | None]]:
    """Without the moves that the scenario itself made."""
    return [
        (mark.t_s, mark.kind, mark.zone, mark.text, mark.until_s)
        for mark in all_marks(run)
        if not (mark.kind == "load" and mark.t_s == 60.0)
    ]


def lanes(run: MadeUpRun) -> list[str]:
    """What the lanes above the first plot are called."""
    report = run.report()
    figure = latency_figure(
        report, run.recorded().requests, all_marks(run), backdrop_of(report), ZoneStyles(["zone-a"])
    )
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_each_ask_that_was_met_is_a_mark_at_its_time(made_up_run: MadeUpRun) -> None:
    fill(made_up_run)
    assert told(made_up_run) == [
        (10.0, "fault", "", "node edge-2 is down", 40.0),
        (12.0, "load", "zone-a", "clients of resnet in zone-a pause", None),
        (16.0, "setting", "", "pressure_calculator: x=0.2", None),
        (18.0, "load", "zone-c", "people who call resnet move from zone-a to zone-c", None),
    ]


def test_a_pause_that_is_over_says_when(made_up_run: MadeUpRun) -> None:
    fill(made_up_run)
    run, report = made_up_run.recorded(), made_up_run.report()
    (pause,) = [story for story in all_stories(run, report) if story.what.endswith("pause")]
    assert pause.steps == [(14.0, "they go on")]


def test_the_scenarios_own_moves_are_told_once_and_as_its_own(made_up_run: MadeUpRun) -> None:
    made_up_run.say(60.01, events.LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20))
    made_up_run.say(90, events.LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20))
    report = made_up_run.report()
    moves = [(move.at_s, move.asked) for move in report.moves if move.fn == "resnet"]
    assert moves == [(60.0, False), (90.0, True)]
    assert [mark.t_s for mark in all_marks(made_up_run) if mark.kind == "load"] == [60.0, 90.0]


def test_an_ask_that_was_refused_is_no_mark(made_up_run: MadeUpRun) -> None:
    made_up_run.say(10, events.AskRefused(ask="fault", reason="no such node"))
    made_up_run.say(11, events.Fault(kind="kill_node", node="edge-9"))
    assert told(made_up_run) == []


def test_the_page_and_its_plot_show_them(moved_run: MadeUpRun) -> None:
    fill(moved_run)
    assert "node edge-2 is down" in report_page(moved_run.recorded(), moved_run.report())
    assert lanes(moved_run) == [
        "load changes",
        "faults",
        "scale up",
        "scale down",
        "pod first serves",
        "setting changed",
    ]


def test_a_run_without_asks_has_no_lanes_for_them(moved_run: MadeUpRun) -> None:
    assert lanes(moved_run) == ["load changes", "scale up", "scale down", "pod first serves"]
