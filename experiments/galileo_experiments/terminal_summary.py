"""What a person reads in the terminal after a run: about ten plain lines."""

from __future__ import annotations

from galileo_experiments.counted import counted
from galileo_experiments.report import PHASE_ALL, PHASE_BEFORE, PHASES, Report
from galileo_experiments.shown_pressure import shown_pressure

PHASE_NAMES = {
    PHASE_ALL: "whole run",
    PHASE_BEFORE: "before the move",
    "between_move_and_reaction": "move to reaction",
    "after_reaction": "after the reaction",
}


def terminal_summary(report: Report) -> list[str]:
    """The lines, without colours."""
    return [
        f"{report.scenario}, seed {report.seed}: {report.measured_s:.0f} of {report.duration_s:.0f} s",
        _requests(report),
        *_latencies(report),
        reaction_sentence(report),
        *_pressure(report),
        _decisions(report),
        _replicas(report),
        *(
            f"restarted: {row.process} at {row.t_s:.0f} s ({row.reason or 'no reason given'})"
            for row in report.restarts
        ),
        *(f"note: {note}" for note in (*report.remarks, *report.notes)),
    ]


def reaction_sentence(report: Report) -> str:
    """How long people waited for a pod where they went."""
    if not report.moves:
        return "reaction:  nobody moved"
    first_s = min(move.at_s for move in report.moves)
    firsts = [move for move in report.moves if move.at_s == first_s]
    where = " and ".join(sorted({move.to_zone for move in firsts}))
    if report.reaction_s is None:
        return f"reaction:  people moved to {where} at {first_s:.0f} s, and no pod there served them until the end"
    parts = ", ".join(
        f"{move.fn} {'never' if move.reaction_s is None else f'{move.reaction_s:.1f} s'}" for move in firsts
    )
    return f"reaction:  people moved to {where} at {first_s:.0f} s; a pod there served them after: {parts}"


def _requests(report: Report) -> str:
    counts = report.requests
    failed = f"{100.0 * counts.failed / counts.sent:.2f} %" if counts.sent else "0 %"
    return (
        f"requests:  {counts.sent} sent, {counts.succeeded} succeeded, {counts.failed} failed ({failed}), "
        f"{counts.recorded} recorded"
    )


def _latencies(report: Report) -> list[str]:
    lines = []
    for phase in PHASES:
        for zone, times in report.latency_ms.get(phase, {}).items():
            lines.append(
                f"latency:   {PHASE_NAMES[phase]:<18}  from {zone:<10} p50 {times.p50:6.0f}  p95 {times.p95:6.0f}  "
                f"p99 {times.p99:6.0f} ms  ({counted(times.count, 'request')})"
            )
    return lines


def _pressure(report: Report) -> list[str]:
    if not report.pressure:
        return []
    highest = max(report.pressure, key=lambda row: row.value)
    limit = "" if report.thresholds.max is None else f"; above {report.thresholds.max:g} asks for a pod"
    where = f"of {highest.fn} in {highest.zone} at {highest.t_s:.0f} s"
    return [f"pressure:  at most {shown_pressure(highest.value)} ({where}){limit}"]


def _decisions(report: Report) -> str:
    made = report.decisions
    return (
        f"decisions: {made.scale_up} up, {made.scale_down} down; {counted(made.weight_updates, 'weight update')}; "
        f"pods: {made.pods_created} created and {made.pods_deleted} deleted for them, "
        f"{made.pods_bound} bound in all, with those of the start"
    )


def _replicas(report: Report) -> str:
    last = {(row.fn, row.zone): row.running for row in report.replicas}
    alive = [f"{count} {fn} in {zone}" for (fn, zone), count in sorted(last.items()) if count]
    return f"replicas:  at the end {', '.join(alive) or 'none'}"
