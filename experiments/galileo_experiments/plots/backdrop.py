"""What stands behind every plot: moves and other changes of the load as lines, faults and pauses as shaded spans.

Labels are put above the first panel in as few rows as keep them apart; what has no room there is in the table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from galileo_experiments.report import Report
from galileo_experiments.report_course import FaultRow, MoveRow, RateRow
from galileo_experiments.stretches import by_time, names

MOST_ROWS = 3
_CHARACTER_IN = 0.056
_APART_IN = 0.12


class Span(NamedTuple):
    """Something that lasted."""

    from_s: float
    to_s: float
    is_fault: bool


class Label(NamedTuple):
    """Words above a plot, in a row (0 is the lowest); `leftwards` where they would run over the right edge."""

    t_s: float
    text: str
    row: int
    leftwards: bool


@dataclass(frozen=True)
class Backdrop:
    """What all plots of a run have behind them, from 0 to `end_s`."""

    end_s: float
    lines: tuple[float, ...]
    spans: tuple[Span, ...]
    texts: tuple[tuple[float, str], ...]

    def labels(self, width_in: float) -> list[Label]:
        """Where the words go above a plot of that width."""
        ends_in = [-math.inf] * MOST_ROWS
        placed = []
        for t_s, text in self.texts:
            start_in = t_s / self.end_s * width_in
            length_in = len(text) * _CHARACTER_IN
            leftwards = start_in + length_in > width_in + 1.2
            left_in = start_in - length_in if leftwards else start_in
            row = next((row for row, end_in in enumerate(ends_in) if end_in + _APART_IN <= left_in), None)
            if row is not None:
                ends_in[row] = left_in + length_in
                placed.append(Label(t_s, text, row, leftwards))
        return placed


def backdrop_of(report: Report) -> Backdrop:
    """From the rows of a report."""
    end_s = max(report.measured_s, 1.0)
    functions = {row.fn for row in report.replicas} | {move.fn for move in report.moves}
    texts = [(at_s, _moves(moves, functions)) for at_s, moves in by_time(report.moves)]
    texts += [(row.t_s, _rate(row)) for row in report.rates]
    texts += [(row.from_s, "pause") for row in report.pauses]
    texts += [(row.from_s, fault_in_short(row)) for row in report.faults]
    return Backdrop(
        end_s=end_s,
        lines=tuple(sorted({at_s for at_s, _moves in by_time(report.moves)} | {row.t_s for row in report.rates})),
        spans=tuple(
            Span(max(row.from_s, 0.0), end_s if row.to_s is None else min(row.to_s, end_s), is_fault)
            for rows, is_fault in ((report.pauses, False), (report.faults, True))
            for row in rows
            if row.from_s < end_s
        ),
        texts=tuple(sorted(text for text in texts if text[0] < end_s)),
    )


def _moves(moves: Sequence[MoveRow], functions: set[str]) -> str:
    ways: dict[tuple[str, str], set[str]] = {}
    for move in moves:
        ways.setdefault((move.from_zone, move.to_zone), set()).add(move.fn)
    return ", ".join(
        f"people{'' if callers == functions else f' ({names(callers)})'} {origin} → {destination}"
        for (origin, destination), callers in ways.items()
    )


def _rate(row: RateRow) -> str:
    return f"{row.fn} {row.zone}: {row.before:g} → {row.rps:g}/s"


def fault_in_short(row: FaultRow) -> str:
    """A few words: `edge-1 killed`."""
    match row.kind:
        case "kill_node":
            return f"{row.target} killed"
        case "burn_cpu":
            return f"CPU burnt on {row.target}"
        case "cut_bus":
            return f"{row.target} off the bus"
        case "add_latency":
            return f"slower: {row.target.replace(' and ', ' – ')}"
    return row.kind
