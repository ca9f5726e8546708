"""A run's report from its folder: at the end of a run, and again whenever somebody asks for it.

    scenario.yaml, run.json, load.json ──┐
    events.log ──────────────────────────┼─ facts, event log, traces ── report.json, report.html
    experiment.sqlite ───────────────────┘

A run that was cut off has no load.json; its requests are then counted in what was recorded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec
from galileo_experiments.event_log import EventLog, read_event_log, read_lines
from galileo_experiments.recorded_run import Restart, RunFacts, recorded_run
from galileo_experiments.report import Report
from galileo_experiments.report_writer import write_report
from galileo_experiments.scenario import ScenarioError
from galileo_experiments.scenario_file import load_scenario
from galileo_experiments.trace_database import newest_experiment, read_event_frames, read_traces
from galileo_schemas.raw.trace_line import Trace

from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.run_record import RunRecord, read_run_record


class NoReportError(ValueError):
    """A folder holds nothing to report on; one line that says what was expected there."""


class LoadCounts(msgspec.Struct, kw_only=True):
    """What the clients counted, as load.json holds it."""

    start: float
    end: float
    sent: int
    succeeded: int
    failed: int
    failed_by_reason: dict[str, int] = {}
    traces_not_sent: int = 0


def report_on(path: Path) -> Report:
    """Writes report.json and report.html into a run's folder, from what is in it. Raises `NoReportError`."""
    folder = RunFolder(path)
    _require(folder)
    try:
        scenario = load_scenario(folder.scenario)
        record, counts = read_run_record(folder), _read_counts(folder)
        experiment = record.experiment if record is not None else newest_experiment(folder.database)
        log = _read_log(folder, experiment)
        traces = list(read_traces(folder.database, experiment=experiment))
        facts = _facts(record, counts, log, traces, path)
        run = recorded_run(scenario, facts, log, traces)
        return write_report(path, run, events_path=str(folder.event_log))
    except (ScenarioError, msgspec.MsgspecError, sqlite3.Error, OSError) as error:
        raise NoReportError(f"{path}: the run that it holds cannot be read: {error}") from error


def _require(folder: RunFolder) -> None:
    if not folder.path.is_dir():
        raise NoReportError(f"{folder.path}: there is no such folder; expected one that `galileo emulate` has made")
    needed = (folder.scenario, folder.database)
    missing = [path.name for path in needed if not path.is_file()]
    if missing:
        raise NoReportError(
            f"{folder.path} holds no run: {' and '.join(missing)} missing; expected a folder that `galileo emulate` "
            "has made, such as runs/latest"
        )


def _read_log(folder: RunFolder, experiment: str | None) -> EventLog:
    """The event log, or, where there is none, the same events from the database."""
    if folder.event_log.is_file():
        return read_event_log(read_lines(folder.event_log))
    return read_event_log(read_event_frames(folder.database, experiment=experiment))


def _read_counts(folder: RunFolder) -> LoadCounts | None:
    try:
        counts = msgspec.json.decode(folder.load_counts.read_bytes(), type=LoadCounts)
    except FileNotFoundError:
        return None
    return counts if counts.start else None


def _facts(
    record: RunRecord | None, counts: LoadCounts | None, log: EventLog, traces: Sequence[Trace], path: Path
) -> RunFacts:
    """Raises `NoReportError` when no request was sent."""
    notes, remarks = [], []
    if counts is None:
        if not traces:
            raise NoReportError(f"{path}: no request was sent in this run, so that there is nothing to report on")
        counts = _counted(log, traces)
        notes.append("the clients left no counts: requests are counted in what they last said and in what is recorded")
    if record is not None:
        remarks.append(f"first request {counts.start - record.began:.1f} s after the start")
        if record.ended is None:
            notes.append("the run had not ended: it goes on, or was cut off")
        if record.failure is not None:
            notes.append(f"ended early: {record.failure}")
    if counts.failed_by_reason:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.failed_by_reason.items()))
        notes.append(f"failed requests: {reasons}")
    if counts.traces_not_sent:
        notes.append(f"traces that the bus did not take: {counts.traces_not_sent}")
    return RunFacts(
        start=counts.start,
        end=counts.end,
        sent=counts.sent,
        succeeded=counts.succeeded,
        failed=counts.failed,
        restarts=tuple(
            Restart(at=row.at, process=row.process, reason=row.reason) for row in (record.restarts if record else ())
        ),
        notes=tuple(notes),
        remarks=tuple(remarks),
        traces_not_sent=counts.traces_not_sent,
        dead_letters=None if record is None else record.dead_letters,
    )


def _counted(log: EventLog, traces: Sequence[Trace]) -> LoadCounts:
    """From the traces, and from the clients' last `load_status` where that counts more."""
    succeeded = sum(trace.succeeded for trace in traces)
    failed = len(traces) - succeeded
    if log.load is not None:
        succeeded, failed = max(succeeded, log.load.succeeded), max(failed, log.load.failed)
    return LoadCounts(
        start=min(trace.created for trace in traces),
        end=max(trace.done for trace in traces),
        sent=max(succeeded + failed, log.load.sent if log.load is not None else 0),
        succeeded=succeeded,
        failed=failed,
    )
