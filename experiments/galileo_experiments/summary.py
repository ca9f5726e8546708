"""From a recorded run to its report: the numbers of report.json. Pure; nothing is read or written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from galileo_schemas import events

from galileo_experiments.container_usage import container_request_rows, usage_points, usage_rows
from galileo_experiments.disturbances import fault_rows, node_down_rows, setting_rows
from galileo_experiments.load_changes import pause_rows, rate_rows
from galileo_experiments.pressure_series import (
    FACTORS,
    configured_pressures,
    gateway_pressure_series,
    pressure_series,
    threshold_rows,
)
from galileo_experiments.reaction import Phases, first_reaction_s, move_rows
from galileo_experiments.recorded_run import UNKNOWN_ZONE, RecordedRun, Request
from galileo_experiments.replicas import replica_series
from galileo_experiments.report import (
    PHASES,
    DecisionCounts,
    Losses,
    PressureRow,
    Report,
    RequestCounts,
    RestartRow,
    Thresholds,
)
from galileo_experiments.report_course import ResponseTimes
from galileo_experiments.stretches import response_times, stretch_rows, turns_of
from galileo_experiments.vertical_scaling import recommendation_rows, resize_rows
from galileo_experiments.weight_series import weight_rows

Cells = dict[str, dict[str, list[Request]]]
"""Requests by phase and client zone."""


def summarise(run: RecordedRun, *, events_path: str) -> Report:
    """The report of a run; `events_path` is where a reader finds the event log."""
    moves = move_rows(run)
    cells = _cells(run.requests, Phases(moves))
    facts = run.facts
    counts = RequestCounts(sent=facts.sent, succeeded=facts.succeeded, failed=facts.failed, recorded=len(run.requests))
    pressure, limits = pressure_series(run), threshold_rows(run)
    rates, pauses, faults = rate_rows(run), pause_rows(run), fault_rows(run)
    return Report(
        scenario=run.scenario.name,
        seed=run.scenario.seed,
        duration_s=run.scenario.duration_s,
        measured_s=round(facts.end - facts.start, 3),
        requests=counts,
        latency_ms=_latencies(cells),
        served=_served(cells),
        replicas=replica_series(run),
        pressure=pressure,
        gateway_pressure=gateway_pressure_series(run),
        thresholds=Thresholds(max=limits[-1].max, min=limits[-1].min),
        decisions=_decisions(run),
        bound_by=_bound_by(run),
        moves=moves,
        reaction_s=first_reaction_s(moves),
        restarts=[
            RestartRow(t_s=round(restart.at - facts.start, 3), process=restart.process, reason=restart.reason)
            for restart in facts.restarts
        ],
        remarks=list(facts.remarks),
        notes=[*facts.notes, *_accounting(counts), *_doubts(run, pressure)],
        events=events_path,
        thresholds_over_time=limits,
        stretches=stretch_rows(run, turns_of(moves, rates, pauses, faults)),
        rates=rates,
        pauses=pauses,
        faults=faults,
        nodes_down=node_down_rows(run),
        settings_changed=setting_rows(run),
        weights=weight_rows(run),
        usage=usage_rows(run, usage_points(run)),
        container_requests=container_request_rows(run),
        recommendations=recommendation_rows(run),
        resizes=resize_rows(run),
        losses=_losses(run),
        event_lines=run.log.lines,
        services=list(run.scenario.services),
    )


def _cells(requests: Sequence[Request], phases: Phases) -> Cells:
    cells: Cells = {}
    for request in requests:
        cells.setdefault(phases.of(request), {}).setdefault(request.client_zone, []).append(request)
    return {phase: {zone: cells[phase][zone] for zone in sorted(cells[phase])} for phase in PHASES if phase in cells}


def _latencies(cells: Cells) -> dict[str, dict[str, ResponseTimes]]:
    return {
        phase: {
            zone: response_times(succeeded)
            for zone, requests in zones.items()
            if (succeeded := [request.response_ms for request in requests if request.succeeded])
        }
        for phase, zones in cells.items()
    }


def _served(cells: Cells) -> dict[str, dict[str, dict[str, int]]]:
    return {
        phase: {
            zone: dict(sorted(Counter(r.served_zone or UNKNOWN_ZONE for r in requests if r.succeeded).items()))
            for zone, requests in zones.items()
        }
        for phase, zones in cells.items()
    }


def _decisions(run: RecordedRun) -> DecisionCounts:
    deletes = sum(said.event.delete for said in run.log.scalings)
    return DecisionCounts(
        scale_up=len(run.log.scalings) - deletes,
        scale_down=deletes,
        pods_created=run.log.count(events.PodCreated),
        pods_deleted=run.log.count(events.PodDeleted),
        pods_bound=run.log.count(events.PodBound),
        weight_updates=run.log.count(events.WeightUpdate),
    )


def _bound_by(run: RecordedRun) -> dict[str, int]:
    bound: dict[str, int] = defaultdict(int)
    for said in run.log.actions:
        if isinstance(said.event, events.PodBound):
            bound[said.event.scheduler] += 1
    return dict(bound)


def _losses(run: RecordedRun) -> Losses:
    missed: Counter[str] = Counter()
    for (service, _instance), count in run.log.lost.items():
        missed[service] += count
    told: dict[tuple[str, str], int] = {}
    for said in run.log.of(events.InputRejected):  # each says how many of its kind its source has rejected so far
        event, source = said.event, said.event.meta.source if said.event.meta is not None else ""
        key = f"{event.channel} ({event.kind})", source
        told[key] = max(event.count, told.get(key, 0))
    rejected: Counter[str] = Counter()
    for (kind, _source), count in told.items():
        rejected[kind] += count
    return Losses(
        events_missed=dict(sorted(missed.items())) if run.log.lost else None,
        dead_letters=run.facts.dead_letters,
        inputs_rejected=dict(sorted(rejected.items())),
        lines_unreadable=run.log.unreadable,
        traces_not_sent=run.facts.traces_not_sent,
    )


def _accounting(counts: RequestCounts) -> list[str]:
    notes = []
    if counts.sent != counts.succeeded + counts.failed:
        answered = counts.succeeded + counts.failed
        notes.append(f"accounting: {counts.sent} requests sent, {answered} succeeded or failed")
    if counts.recorded != counts.sent:
        notes.append(f"accounting: {counts.sent} requests sent, {counts.recorded} recorded")
    return notes


def _doubts(run: RecordedRun, pressure: Sequence[PressureRow]) -> list[str]:
    notes = []
    if run.log.unreadable:
        notes.append(f"{run.log.unreadable} lines of the event log could not be read and were left out")
    unknown = sorted({request.client_zone for request in run.requests} - {zone.name for zone in run.scenario.zones})
    if unknown:
        notes.append(f"traces came from clients in zones that the scenario does not have: {', '.join(unknown)}")
    lost = sum(request.succeeded and request.served_zone is None for request in run.requests)
    if lost:
        notes.append(f"requests answered by pods that no event tells of: {lost}")
    names = configured_pressures(run.scenario.settings)
    unsaid = [name for name in names if name not in FACTORS]
    if unsaid:
        notes.append(f"no pressure per function: no event says the pressure {', '.join(unsaid)}")
    elif run.log.pressures and not pressure:
        notes.append(f"no pressure per function: no round said all of {', '.join(names)}")
    return notes
