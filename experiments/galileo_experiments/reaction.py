"""How long the loop takes to follow people who moved, and which part of the run a request belongs to.

A move is answered when a request of that function, sent from the new zone after the move, has been served by a pod in
the new zone. Every function has its own three parts of the run (before its first move, until the answer, after it); a
function whose people stay takes the times of the scenario's first move.
"""

from __future__ import annotations

from collections.abc import Sequence

from galileo_experiments.recorded_run import RecordedRun, Request
from galileo_experiments.report import PHASE_AFTER, PHASE_ALL, PHASE_BEFORE, PHASE_BETWEEN, MoveRow
from galileo_experiments.scenario import Move


def move_rows(run: RecordedRun) -> list[MoveRow]:
    """Each move that lies within the run, with its reaction."""
    measured_s = run.facts.end - run.facts.start
    return [
        MoveRow(
            at_s=move.at_s,
            fn=move.function,
            from_zone=move.from_zone,
            to_zone=move.to_zone,
            reaction_s=reaction_s(move, run.requests),
        )
        for move in run.scenario.moves
        if move.at_s <= measured_s
    ]


def reaction_s(move: Move, requests: Sequence[Request]) -> float | None:
    """Seconds from a move to the first answer by a pod in the new zone; None when there was none."""
    answers = [
        request.done_s
        for request in requests
        if request.sent_s >= move.at_s
        and request.served_zone == move.to_zone == request.client_zone
        and request.function == move.function
    ]
    return round(min(answers) - move.at_s, 3) if answers else None


def first_reaction_s(moves: Sequence[MoveRow]) -> float | None:
    """The reaction to the scenario's first move: its first answer, over all functions that moved at that time."""
    first_s = min((move.at_s for move in moves), default=None)
    reactions = [move.reaction_s for move in moves if move.at_s == first_s and move.reaction_s is not None]
    return min(reactions, default=None)


class Phases:
    """Tells a request's part of the run from its function and the time it was sent."""

    def __init__(self, moves: Sequence[MoveRow]) -> None:
        self._of_all = _parts(moves)
        by_function: dict[str, list[MoveRow]] = {}
        for move in moves:
            by_function.setdefault(move.fn, []).append(move)
        self._of_function = {fn: _parts(own) for fn, own in by_function.items()}

    def of(self, request: Request) -> str:
        """One of the names in `galileo_experiments.report.PHASES`."""
        parts = self._of_function.get(request.function, self._of_all)
        if parts is None:
            return PHASE_ALL
        moved_s, answered_s = parts
        if request.sent_s < moved_s:
            return PHASE_BEFORE
        return PHASE_BETWEEN if answered_s is None or request.sent_s < answered_s else PHASE_AFTER


def _parts(moves: Sequence[MoveRow]) -> tuple[float, float | None] | None:
    if not moves:
        return None
    moved_s = min(move.at_s for move in moves)
    reaction = first_reaction_s(moves)
    return moved_s, None if reaction is None else moved_s + reaction
