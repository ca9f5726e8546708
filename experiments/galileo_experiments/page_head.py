"""The head of the report's page: what ran, key figures, what is missing, what to look at."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from galileo_experiments.page_parts import Column, table
from galileo_experiments.report import Losses, Report
from galileo_experiments.report_course import ResponseTimes, StretchRow
from galileo_experiments.scenario import Scenario
from galileo_experiments.stretches import by_time, names

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def what_ran(scenario: Scenario, report: Report) -> str:
    """Two sentences for a reader who knows nothing of it."""
    counts = report.requests
    rate = counts.sent / report.measured_s if report.measured_s else 0.0
    functions = [function.name for function in scenario.functions]
    zones = ", ".join(
        f"{zone.name} ({_count(len(zone.workers), 'node')}{', a cloud' if zone.cloud else ''})"
        for zone in scenario.zones
    )
    first = (
        f"For {report.measured_s:.0f} seconds people sent {counts.sent:,} requests, {rate:.0f} a second, to "
        f"{_count(len(functions), 'function')} ({names(functions)}) in an edge cloud of "
        f"{_count(len(scenario.zones), 'zone')}: {zones}."
    )
    return f"{first} {_who_ruled(scenario.services)}"


def _who_ruled(services: Sequence[str]) -> str:
    deeds = []
    if "pressure_calculator" in services and "pod_creator" in services:
        deeds.append("added and removed replicas where people pressed on the gateways")
    if "scheduler_binder" in services:
        deeds.append("placed them on nodes")
    if "weight_optimizer" in services:
        deeds.append("told the gateways how to share out requests")
    if "vpa_recommender" in services and "vpa_updater" in services:
        deeds.append("adjusted what containers request to what they use")
    if not deeds:
        return "No service decided anything: replicas and weights stayed as they were."
    ruled = ", ".join(deeds[:-1]) + (" and " if len(deeds) > 1 else "") + deeds[-1]
    return f"Galileo's services watched, {ruled}."


def _count(number: int, thing: str) -> str:
    word = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{word} {thing}{'' if number == 1 else 's'}"


def key_figures(report: Report) -> str:
    """The few numbers that are compared between runs."""
    counts, made = report.requests, report.decisions
    failed = 100.0 * counts.failed / counts.sent if counts.sent else 0.0
    figures = [
        (f"{counts.sent:,}", "requests sent"),
        (f"{counts.failed:,}", f"failed ({failed:.2f} %)"),
    ]
    figures += _reactions(report)
    figures += _p95(report.stretches)
    figures.append((f"{made.scale_up} up, {made.scale_down} down", "decisions to scale"))
    figures.append((_replicas(report), "replicas at the start and at the end"))
    if report.resizes or "vpa_updater" in report.services:
        figures.append(_resizes(report))
    figures.append(_lost(report.losses))
    cells = "".join(f"<li><b>{escape(value)}</b><span>{escape(label)}</span></li>" for value, label in figures)
    return f'<ul class="figures">{cells}</ul>'


def _reactions(report: Report) -> list[tuple[str, str]]:
    times = by_time(report.moves)
    if not times:
        return []
    values = [min((m.reaction_s for m in at if m.reaction_s is not None), default=None) for _at_s, at in times]
    shown = [f"{value:.1f}" if value is not None else "never" for value in values]
    unit = " s" if any(value is not None for value in values) else ""
    where = "from the move" if len(times) == 1 else "from each move"
    text = ", ".join(shown[:4]) + (", …" if len(shown) > 4 else "") + unit
    return [(text, f"reaction: {where} to the first answer of a pod there")]


def _p95(stretches: Sequence[StretchRow]) -> list[tuple[str, str]]:
    values = [max(found.p95 for found in row.latency_ms.values()) for row in stretches if row.latency_ms]
    if not values:
        return []
    if len(values) < 2:
        return [(f"{values[0]:.0f} ms", "p95 response time")]
    worst = max(values[1:])
    if worst <= 1.05 * max(values[0], values[-1]):
        return [(f"{values[0]:.0f} → {values[-1]:.0f} ms", "p95 in the first and in the last part of the run")]
    return [
        (
            f"{values[0]:.0f} → {worst:.0f} → {values[-1]:.0f} ms",
            "p95 in the first part of the run, the worst, and the last",
        )
    ]


def _replicas(report: Report) -> str:
    at_end = {(row.fn, row.zone): row.running for row in report.replicas}
    at_start = sum(row.running for row in report.replicas if row.t_s == 0)
    return f"{at_start} → {sum(at_end.values())}"


def _resizes(report: Report) -> tuple[str, str]:
    done = sum(row.result in ("resized", "evicted") for row in report.resizes)
    failed = sum(row.result in ("failed", "infeasible") for row in report.resizes)
    return str(done), f"pods resized{f', {failed} could not be' if failed else ''}"


def _lost(losses: Losses) -> tuple[str, str]:
    known = sum((losses.events_missed or {}).values()) + losses.traces_not_sent + (losses.dead_letters or 0)
    known += losses.lines_unreadable
    return (f"{known}" if known else "none"), "losses known of, see below"


def accounting(report: Report) -> str:
    """What was recorded, and what is known to be missing, in one line."""
    losses, counts = report.losses, report.requests
    missed = losses.events_missed
    parts = [
        f"{counts.recorded:,} of {counts.sent:,} requests and {report.event_lines:,} events are recorded",
        "services did not count what they missed"
        if missed is None
        else "no service missed a numbered event"
        if not any(missed.values())
        else "numbered events missed: " + ", ".join(f"{count} by {name}" for name, count in missed.items() if count),
        "dead letters were not counted"
        if losses.dead_letters is None
        else f"dead letters: {losses.dead_letters or 'none'}",
    ]
    if losses.traces_not_sent:
        parts.append(f"{losses.traces_not_sent} traces were not taken by the bus")
    if losses.lines_unreadable:
        parts.append(f"{losses.lines_unreadable} lines of the event log cannot be read")
    if losses.inputs_rejected:
        rejected = ", ".join(f"{count} on {where}" for where, count in losses.inputs_rejected.items())
        parts.append(f"input rejected: {rejected}")
    return f'<p class="small">Accounts: {escape("; ".join(parts))}. Event log: {escape(report.events)}</p>'


def stretches_table(report: Report) -> str:
    """How long people waited, stretch by stretch."""
    rows = []
    for stretch in report.stretches:
        began = "; ".join(stretch.began) or ("the start" if stretch.from_s == 0 else "")
        first = True
        for zone in stretch.failed:
            times = stretch.latency_ms.get(zone)
            numbers = ("–", "–", "–") if times is None else tuple(f"{v:.0f}" for v in (times.p50, times.p95, times.p99))
            rows.append(
                (
                    f"{stretch.from_s:.0f} – {stretch.to_s:.0f}" if first else "",
                    began if first else "",
                    zone,
                    *numbers,
                    str((times.count if times else 0) + stretch.failed[zone]),
                    str(stretch.failed[zone]),
                    _shares(stretch.served.get(zone, {})),
                )
            )
            first = False
        if first:
            rows.append((f"{stretch.from_s:.0f} – {stretch.to_s:.0f}", began, "nobody", *["–"] * 3, "0", "0", ""))
    columns = (
        Column("seconds", is_word=True),
        Column("begins with", is_word=True),
        Column("clients in", is_word=True),
        *map(Column, ("p50 ms", "p95 ms", "p99 ms", "requests", "failed")),
        Column("served in", is_word=True),
    )
    return table(
        "Response times, from sending to the end of the answer, between the things that happened", columns, rows
    )


def _shares(served: dict[str, int]) -> str:
    total = sum(served.values())
    return ", ".join(
        f"{zone} {_percent(count / total)}" for zone, count in sorted(served.items(), key=lambda item: -item[1])
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "< 1 %"


def _shown_p95(times: ResponseTimes | None) -> str:
    return "–" if times is None else f"{times.p95:.0f}"


def moves_table(report: Report) -> str:
    """A row for each function whose people moved; empty when nobody did."""
    if not report.moves:
        return ""
    rows = [
        (
            f"{move.at_s:.0f}",
            move.fn,
            f"{move.from_zone} → {move.to_zone}",
            "never" if move.reaction_s is None else f"{move.reaction_s:.1f}",
            *(
                "–" if times is None else f"{times.p95:.0f}"
                for times in (move.before, move.until_answered, move.afterwards)
            ),
        )
        for move in report.moves
    ]
    columns = (
        Column("second"),
        Column("function", is_word=True),
        Column("people move", is_word=True),
        *map(Column, ("answered there after s", "p95 ms before", "until answered", "from then on")),
    )
    return table("Moves, and how they were answered", columns, rows)
