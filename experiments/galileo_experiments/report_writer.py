"""Writes report.json and report.html of a run into its folder."""

from __future__ import annotations

from pathlib import Path

from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import Report, write_report_json
from galileo_experiments.report_page import report_page
from galileo_experiments.summary import summarise


def write_report(folder: Path, run: RecordedRun, *, events_path: str) -> Report:
    """Returns the report that it wrote; report.json is there even when drawing fails. Raises `OSError`.

    `events_path` is where a reader finds the event log.
    """
    report = summarise(run, events_path=events_path)
    write_report_json(report, folder / "report.json")
    (folder / "report.html").write_text(report_page(run, report), encoding="utf-8")
    return report
