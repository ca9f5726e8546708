"""The run in stretches: between two things that happened to it, how long people waited, and who served them.

A move of people begins a stretch, and so does the answer to it, a rate that changes, a pause, a fault, and the end of
each. What happens within a second begins one stretch together.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from galileo_experiments.recorded_run import UNKNOWN_ZONE, RecordedRun, Request
from galileo_experiments.report_course import FaultRow, MoveRow, PauseRow, RateRow, ResponseTimes, StretchRow

MOST = 16
"""More are not read; then the run is told in so many equal parts."""

_TOGETHER_S = 1.0


class Turn(NamedTuple):
    """Something from which on the run is another."""

    t_s: float
    text: str


def stretch_rows(run: RecordedRun, turns: Iterable[Turn]) -> list[StretchRow]:
    """From the start of the load to its end, one after the other."""
    measured_s = round(run.facts.end - run.facts.start, 3)
    begun = _together([turn for turn in turns if 0 < turn.t_s < measured_s])
    if len(begun) >= MOST:
        begun = _in_equal_parts(begun, measured_s)
    starts = [0.0, *begun]
    parts: list[list[Request]] = [[] for _ in starts]
    for request in run.requests:
        parts[max(0, bisect.bisect_right(starts, request.sent_s) - 1)].append(request)
    return [
        _row(from_s, to_s, begun.get(from_s, []), requests)
        for from_s, to_s, requests in zip(starts, [*starts[1:], measured_s], parts, strict=True)
    ]


def turns_of(
    moves: Sequence[MoveRow], rates: Sequence[RateRow], pauses: Sequence[PauseRow], faults: Sequence[FaultRow]
) -> list[Turn]:
    """All that divides a run, by time. People who moved at one time are answered when all of them are."""
    turns = [Turn(at_s, move_text(at)) for at_s, at in by_time(moves)]
    for _at_s, at in by_time(moves):
        answered = [move.at_s + move.reaction_s for move in at if move.reaction_s is not None]
        if len(answered) == len(at):
            turns.append(Turn(round(max(answered), 3), f"pods in {names({move.to_zone for move in at})} serve them"))
    turns += [Turn(row.t_s, rate_text(row)) for row in rates]
    for pause in pauses:
        turns.append(Turn(pause.from_s, f"{whose(pause)} pause"))
        if pause.to_s is not None:
            turns.append(Turn(pause.to_s, f"{whose(pause)} go on"))
    for fault in faults:
        turns.append(Turn(fault.from_s, fault.text))
        if fault.to_s is not None:
            turns.append(Turn(fault.to_s, f"over: {fault.text}"))
    return sorted(turns)


def by_time(moves: Sequence[MoveRow]) -> list[tuple[float, list[MoveRow]]]:
    """The moves that were made at one time, within half a second, by time."""
    found: list[tuple[float, list[MoveRow]]] = []
    for move in sorted(moves, key=lambda move: move.at_s):
        if found and move.at_s - found[-1][0] < _TOGETHER_S / 2:
            found[-1][1].append(move)
        else:
            found.append((move.at_s, [move]))
    return found


def move_text(moves: Sequence[MoveRow]) -> str:
    """Moves of one time in words: `resnet: people move from zone-a to zone-b`."""
    ways: dict[tuple[str, str], list[str]] = {}
    for move in moves:
        ways.setdefault((move.from_zone, move.to_zone), []).append(move.fn)
    return "; ".join(
        f"people who call {names(functions)} move from {origin} to {destination}"
        for (origin, destination), functions in ways.items()
    )


def rate_text(row: RateRow) -> str:
    """`zone-a calls resnet 55 times a second instead of 10`."""
    if row.rps == 0:
        return f"nobody calls {row.fn} from {row.zone} any more"
    if row.before == 0:
        return f"{row.zone} calls {row.fn} again, {row.rps:g} times a second"
    return f"{row.zone} calls {row.fn} {row.rps:g} times a second instead of {row.before:g}"


def whose(pause: PauseRow) -> str:
    """Whose clients pause: `clients of resnet in zone-a`, `all clients`."""
    text = f"clients of {pause.fn}" if pause.fn else "clients"
    return f"{text} in {pause.zone}" if pause.zone else (text if pause.fn else "all clients")


def names(found: Iterable[str]) -> str:
    """Names in a sentence: `a, b and c`."""
    ordered = sorted(set(found))
    return " and ".join([", ".join(ordered[:-1]), ordered[-1]] if len(ordered) > 1 else ordered)


def response_times(response_ms: Sequence[float]) -> ResponseTimes:
    """Exact percentiles (linear between the two nearest values). Raises `ValueError` when there are no values."""
    if not response_ms:
        raise ValueError("percentiles need at least one value")
    p50, p95, p99 = (round(float(value), 3) for value in np.percentile(response_ms, [50, 95, 99]))
    return ResponseTimes(p50=p50, p95=p95, p99=p99, count=len(response_ms))


def times_of(requests: Iterable[Request]) -> ResponseTimes | None:
    """The response times of those that succeeded; None when none did."""
    values = [request.response_ms for request in requests if request.succeeded]
    return response_times(values) if values else None


def _together(turns: Sequence[Turn]) -> dict[float, list[str]]:
    """What began when; what came within a second of something else is said with it."""
    found: dict[float, list[str]] = {}
    for turn in sorted(turns):
        latest = next(reversed(found), None)
        if latest is not None and turn.t_s - latest < _TOGETHER_S:
            if turn.text not in found[latest]:
                found[latest].append(turn.text)
        else:
            found[turn.t_s] = [turn.text]
    return found


def _in_equal_parts(begun: dict[float, list[str]], measured_s: float) -> dict[float, list[str]]:
    length_s = measured_s / MOST
    starts = [round(index * length_s, 3) for index in range(1, MOST)]
    counts = Counter(bisect.bisect_right(starts, t_s) for t_s in begun)
    return {start: [f"{counts[part]} changes"] if counts[part] else [] for part, start in enumerate(starts, start=1)}


def _row(from_s: float, to_s: float, began: list[str], requests: Sequence[Request]) -> StretchRow:
    by_zone: dict[str, list[Request]] = {}
    for request in requests:
        by_zone.setdefault(request.client_zone, []).append(request)
    times = {zone: times_of(by_zone[zone]) for zone in sorted(by_zone)}
    return StretchRow(
        from_s=from_s,
        to_s=to_s,
        began=began,
        latency_ms={zone: found for zone, found in times.items() if found is not None},
        failed={zone: sum(not request.succeeded for request in by_zone[zone]) for zone in sorted(by_zone)},
        served={
            zone: dict(Counter(r.served_zone or UNKNOWN_ZONE for r in by_zone[zone] if r.succeeded).most_common())
            for zone in sorted(by_zone)
        },
    )
