"""What to look at in a report: a few sentences on what stands out, each leading to the plot that shows it."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import NamedTuple

from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import Report
from galileo_experiments.shown_pressure import shown_pressure
from galileo_experiments.stretches import by_time, move_text, rate_text

_MOST = 7


class Hint(NamedTuple):
    """A sentence and the section that shows it."""

    text: str
    anchor: str


def hints(run: RecordedRun, report: Report) -> list[Hint]:
    """The most telling ones, in the order in which a reader comes to what they tell of."""
    found = [
        *_moves(report),
        *_rates(report),
        *_faults(run, report),
        *_failures(run, report),
        *_pressure(report),
        *_resizes(report),
        *_restarts(report),
    ]
    return found[:_MOST] or [Hint("Nothing was done to this run, and nothing was decided.", "latency")]


def hints_list(found: list[Hint]) -> str:
    """As HTML."""
    items = "".join(f'<li>{escape(hint.text)} <a href="#{hint.anchor}">see</a></li>' for hint in found)
    return f'<h2>What to look at</h2><ul class="look">{items}</ul>'


def _moves(report: Report) -> list[Hint]:
    found = []
    for at_s, moves in by_time(report.moves)[:3]:
        slow = [move for move in moves if move.reaction_s is None]
        worst = max((move.until_answered.p95 for move in moves if move.until_answered), default=None)
        before = max((move.before.p95 for move in moves if move.before), default=None)
        after = max((move.afterwards.p95 for move in moves if move.afterwards), default=None)
        text = f"At {at_s:.0f} s {move_text(moves)}"
        if worst is not None and before is not None:
            text += f": p95 goes from {before:.0f} to {worst:.0f} ms"
        if slow:
            text += ", and no pod there serves them" + ("" if len(slow) == len(moves) else f" with {slow[0].fn}")
        else:
            last = max(move.reaction_s or 0.0 for move in moves)
            text += f", until pods there serve them {last:.1f} s later"
            text += f" ({after:.0f} ms from then on)" if after is not None else ""
        found.append(Hint(text + ".", "latency"))
    if len(by_time(report.moves)) > 3:
        found.append(Hint(f"{len(by_time(report.moves)) - 3} more moves are in the table of moves.", "numbers"))
    return found


def _rates(report: Report) -> list[Hint]:
    if not report.rates:
        return []
    shown = [f"at {row.t_s:.0f} s {rate_text(row)}" for row in report.rates[:3]]
    more = len(report.rates) - len(shown)
    text = "; ".join(shown) + (f"; {more} more changes" if more else "")
    return [Hint(text[0].upper() + text[1:] + ".", "served")]


def _faults(run: RecordedRun, report: Report) -> list[Hint]:
    found = []
    for row in report.faults[:3]:
        end_s = report.measured_s if row.to_s is None else row.to_s
        during = [request for request in run.requests if row.from_s <= request.sent_s < end_s]
        failed = sum(not request.succeeded for request in during)
        until = "to the end" if row.to_s is None else f"to {row.to_s:.0f} s"
        share = f"{100 * failed / len(during):.0f} % of requests fail" if failed else "no request fails"
        found.append(Hint(f"From {row.from_s:.0f} {until} {row.text}; in that time {share}.", "latency"))
    if len(report.faults) > 3:
        found.append(Hint(f"{len(report.faults) - 3} more faults are in the table below.", "happened"))
    return found


def _failures(run: RecordedRun, report: Report) -> list[Hint]:
    failed = [request for request in run.requests if not request.succeeded]
    if not failed:
        return []
    most, count = Counter(request.function for request in failed).most_common(1)[0]
    return [
        Hint(
            f"{len(failed)} requests fail between {failed[0].sent_s:.0f} and {failed[-1].sent_s:.0f} s, "
            f"{'all' if count == len(failed) else 'most'} of {most}"
            f"{'' if count == len(failed) else f' ({count})'}.",
            "served",
        )
    ]


def _pressure(report: Report) -> list[Hint]:
    if not report.pressure:
        return []
    top = max(report.pressure, key=lambda row: row.value)
    limit = report.thresholds.max
    against = "" if limit is None else f", {'above' if top.value > limit else 'never above'} the threshold of {limit:g}"
    made = report.decisions
    return [
        Hint(
            f"Pressure is at most {shown_pressure(top.value)}, of {top.fn} in {top.zone} at {top.t_s:.0f} s{against}; "
            f"{made.scale_up} replicas are asked for, {made.scale_down} taken away.",
            "pressure",
        )
    ]


def _resizes(report: Report) -> list[Hint]:
    results = Counter(row.result for row in report.resizes if row.result != "in_progress")
    if not results:
        return []
    told = ", ".join(f"{count} {result.replace('_', ' ')}" for result, count in results.most_common())
    reasons = Counter(row.message for row in report.resizes if row.result in ("failed", "infeasible") and row.message)
    why = f" (mostly: {reasons.most_common(1)[0][0]})" if reasons else ""
    return [Hint(f"Resizes of pods: {told}{why}.", "resources")]


def _restarts(report: Report) -> list[Hint]:
    if not report.restarts:
        return []
    told = ", ".join(f"{row.process} at {row.t_s:.0f} s" for row in report.restarts[:4])
    return [Hint(f"Processes end and are started again: {told}.", "happened")]
