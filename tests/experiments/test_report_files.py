"""report.json, report.html and the terminal's lines."""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from galileo_experiments.counted import counted
from galileo_experiments.event_log import read_event_log, read_lines
from galileo_experiments.recorded_run import recorded_run
from galileo_experiments.report import read_report_json, write_report_json
from galileo_experiments.report_page import report_page
from galileo_experiments.report_writer import write_report
from galileo_experiments.summary import summarise
from galileo_experiments.terminal_summary import terminal_summary
from galileo_experiments.time_bins import broken_at_gaps
from galileo_experiments.trace_database import read_traces

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun

COLUMNS = "REQUEST_ID, CLIENT, SERVICE, CREATED, SENT, DONE, STATUS, RESPONSE, HEADERS, SERVER, EXP_ID"


def write_database(run: MadeUpRun, path: Path) -> None:
    rows = [
        (t.request_id, t.client, t.service, t.created, t.sent, t.done, t.status, None, t.headers, t.server, "e1")
        for t in run.traces
    ]
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE traces ({COLUMNS})")
        database.executemany(f"INSERT INTO traces VALUES ({', '.join('?' * 11)})", rows)
        database.commit()


def test_a_run_on_disk_becomes_a_report_in_json_and_html(moved_run: MadeUpRun, tmp_path: Path) -> None:
    (tmp_path / "events.log").write_bytes(b"\n".join(moved_run.frames) + b"\n")
    write_database(moved_run, tmp_path / "traces.sqlite")
    log = read_event_log(read_lines(tmp_path / "events.log"))
    traces = read_traces(tmp_path / "traces.sqlite", experiment="e1")
    run = recorded_run(moved_run.scenario, moved_run.facts(), log, traces)
    report = write_report(tmp_path, run, events_path=str(tmp_path / "events.log"))
    assert report == as_in_memory(moved_run, str(tmp_path / "events.log"))
    assert read_report_json(tmp_path / "report.json") == report
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")


def as_in_memory(run: MadeUpRun, events_path: str) -> object:
    """The same report, from what was never on disk."""
    return summarise(run.recorded(), events_path=events_path)


def test_report_json_has_the_fields_that_others_rely_on(moved_run: MadeUpRun, tmp_path: Path) -> None:
    write_report_json(moved_run.report(), tmp_path / "report.json")
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["scenario"] == "people-move"
    assert set(content["requests"]) == {"sent", "succeeded", "failed", "recorded"}
    assert set(content["latency_ms"]["after_reaction"]["zone-b"]) == {"p50", "p95", "p99", "count"}
    assert set(content["replicas"][0]) == {"t_s", "fn", "zone", "running"}
    assert {"t_s", "gateway", "fn", "value"} < set(content["pressure"][0])
    assert set(content["decisions"]) == {
        "scale_up",
        "scale_down",
        "pods_created",
        "pods_deleted",
        "pods_bound",
        "weight_updates",
    }
    assert content["reaction_s"] == pytest.approx(11, abs=0.2)
    assert content["events"] == "events.log"


def test_the_page_needs_nothing_but_itself_and_is_small(moved_run: MadeUpRun) -> None:
    page = report_page(moved_run.recorded(), moved_run.report())
    # response times together and by function, where served, replicas, pressure, weights of two functions
    assert page.count("<img ") == page.count("data:image/svg+xml;base64,") == 7
    assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page) == []
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(re.findall(r'id="([^"]*)"', page))
    assert re.findall(r"https?://|@import|url\(", page) == []
    assert len(page) < 3_000_000
    assert "Scale up" not in page
    assert "scale up" in page


ANCHORS = ("numbers", "latency", "served", "replicas", "pressure", "weights", "resources", "happened")


def test_each_section_is_there_or_says_why_not(moved_run: MadeUpRun) -> None:
    page = report_page(moved_run.recorded(), moved_run.report())
    assert re.findall(r'<h2 id="([^"]*)"', page) == list(ANCHORS)
    assert "No telemetry of functions&#x27; containers is recorded." in page


@pytest.mark.parametrize(
    ("without", "why"),
    [
        ("pressure_calculator", "pressure_calculator did not run."),
        ("weight_optimizer", "weight_optimizer did not run."),
        ("telemetry_ingester", "telemetry_ingester did not run."),
    ],
)
def test_what_a_service_would_have_told_names_the_service_that_did_not_run(
    made_up_run: MadeUpRun, without: str, why: str
) -> None:
    services = tuple(name for name in made_up_run.scenario.services if name != without)
    made_up_run.scenario = dataclasses.replace(made_up_run.scenario, services=services)
    made_up_run.request(1, fn="resnet", zone="zone-a", ip="10.0.0.1")
    page = report_page(made_up_run.recorded(), made_up_run.report())
    assert why in page
    assert page.count("did not run.") == 1


def test_without_requests_the_page_says_that_there_is_nothing_to_draw(made_up_run: MadeUpRun) -> None:
    page = report_page(made_up_run.recorded(), made_up_run.report())
    assert "No request is recorded, so that there is nothing to draw." in page


def test_a_run_in_which_nothing_happened_has_a_page_too_and_no_text_becomes_markup(made_up_run: MadeUpRun) -> None:
    made_up_run.scenario = dataclasses.replace(made_up_run.scenario, name="<script>", description="a & b")
    facts = dataclasses.replace(made_up_run.facts(), end=made_up_run.facts().start)
    run = made_up_run.recorded(facts)
    report = summarise(run, events_path="events.log")
    page = report_page(run, report)
    assert "<h1>&lt;script&gt;</h1>" in page
    assert "<script>" not in page
    assert "a &amp; b" in page
    assert "requests:  0 sent" in "\n".join(terminal_summary(report))


def test_the_terminal_gets_about_ten_lines(moved_run: MadeUpRun) -> None:
    lines = terminal_summary(moved_run.report())
    assert 8 <= len(lines) <= 12
    text = "\n".join(lines)
    assert "4800 sent, 4788 succeeded, 12 failed (0.25 %), 4800 recorded" in text
    assert "resnet 11.0 s" in text
    assert "2 up, 1 down" in text
    assert "; pods: 2 created and 1 deleted for them, 2 bound in all, with those of the start" in text


def test_one_of_something_is_said_as_one(moved_run: MadeUpRun) -> None:
    assert [counted(number, "request") for number in (0, 1, 2)] == ["0 requests", "1 request", "2 requests"]
    report = moved_run.report()
    one = {zone: msgspec.structs.replace(times, count=1) for zone, times in report.latency_ms["before_move"].items()}
    report = msgspec.structs.replace(report, latency_ms={"before_move": one})
    assert "(1 request)" in "\n".join(terminal_summary(report))


def test_what_is_good_to_know_is_no_warning_in_the_page(made_up_run: MadeUpRun) -> None:
    facts = dataclasses.replace(
        made_up_run.facts(), remarks=("first request 5.7 s after the start",), notes=("ended early: x",)
    )
    run = made_up_run.recorded(facts)
    page = report_page(run, summarise(run, events_path="events.log"))
    assert '<p class="quiet">first request 5.7 s after the start</p>' in page
    assert '<p class="note">ended early: x</p>' in page


def test_the_terminal_says_when_nobody_served_people_where_they_went(made_up_run: MadeUpRun) -> None:
    assert any("no pod there served them" in line for line in terminal_summary(made_up_run.report()))


def test_reading_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        list(read_traces(tmp_path / "none.sqlite"))
    assert list(tmp_path.iterdir()) == []


def test_a_line_breaks_where_nothing_was_measured() -> None:
    times, values = broken_at_gaps([1, 2, 3, 9, 10], [5, 5, 5, 7, 7])
    assert times == [1, 2, 3, 6, 9, 10]
    assert [value == value for value in values] == [True, True, True, False, True, True]


def test_matplotlib_is_loaded_only_when_something_is_drawn() -> None:
    code = "import sys, galileo_experiments.report_writer; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
