"""Writes report.json and report.html of a run into its folder: reads the event log and the traces, nothing more."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from galileo_schemas.raw.trace_line import Trace

from galileo_experiments.event_log import read_event_log, read_lines
from galileo_experiments.recorded_run import RunFacts, recorded_run
from galileo_experiments.report import Report, write_report_json
from galileo_experiments.report_page import report_page
from galileo_experiments.scenario import Scenario
from galileo_experiments.summary import summarise


def write_report(
    folder: Path, *, scenario: Scenario, facts: RunFacts, event_log: Path, traces: Iterable[Trace]
) -> Report:
    """Returns the report that it wrote; report.json is there even when drawing fails. Raises `OSError`."""
    run = recorded_run(scenario, facts, read_event_log(read_lines(event_log)), traces)
    report = summarise(run, events_path=str(event_log))
    write_report_json(report, folder / "report.json")
    (folder / "report.html").write_text(report_page(run, report), encoding="utf-8")
    return report
