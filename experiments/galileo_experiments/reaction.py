"""How long the loop takes to follow people who moved, and which part of the run a request belongs to.

A move is answered when a request of that function, sent from the new zone after the move, has been served by a pod in
the new zone, as long as people have not left it again. Every function has its own three parts of the run (before its
first move, until the answer, after it); a function whose people stay takes the times of the first move.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from galileo_experiments.load_changes import moves_made
from galileo_experiments.recorded_run import RecordedRun, Request
from galileo_experiments.report import PHASE_AFTER, PHASE_ALL, PHASE_BEFORE, PHASE_BETWEEN
from galileo_experiments.report_course import MoveRow
from galileo_experiments.scenario import Move
from galileo_experiments.stretches import times_of


def move_rows(run: RecordedRun) -> list[MoveRow]:
    """Each move that lies within the run, planned or asked for, with its reaction and what people waited for."""
    made = moves_made(run)
    return [_row(move, asked, run.requests, [other.move for other in made]) for move, asked in made]


def _row(move: Move, asked: bool, requests: Sequence[Request], moves: Sequence[Move]) -> MoveRow:
    own = [request for request in requests if request.function == move.function]
    until_s = _left_again_s(move, moves)
    reaction = reaction_s(move, own, until_s=until_s)
    answered_s = until_s if reaction is None else move.at_s + reaction
    there = [request for request in own if request.client_zone == move.to_zone]
    came_s = max(
        (other.at_s for other in moves if other.function == move.function and other.at_s < move.at_s), default=-math.inf
    )
    return MoveRow(
        at_s=move.at_s,
        fn=move.function,
        from_zone=move.from_zone,
        to_zone=move.to_zone,
        reaction_s=reaction,
        asked=asked,
        before=times_of(r for r in own if r.client_zone == move.from_zone and came_s <= r.sent_s < move.at_s),
        until_answered=times_of(r for r in there if move.at_s <= r.sent_s < answered_s),
        afterwards=times_of(r for r in there if answered_s <= r.sent_s < until_s),
    )


def _left_again_s(move: Move, moves: Sequence[Move]) -> float:
    """When people of that function left the new zone; infinity when they stayed."""
    return min(
        (
            other.at_s
            for other in moves
            if other.function == move.function and other.from_zone == move.to_zone and other.at_s > move.at_s
        ),
        default=math.inf,
    )


def reaction_s(move: Move, requests: Sequence[Request], *, until_s: float = math.inf) -> float | None:
    """Seconds from a move to the first answer by a pod in the new zone; None when there was none.

    Requests that were sent from `until_s` on belong to a later move.
    """
    answers = [
        request.done_s
        for request in requests
        if move.at_s <= request.sent_s < until_s
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
