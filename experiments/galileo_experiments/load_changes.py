"""How the load changed: people who moved, rates that rose or fell, clients that paused.

The scenario tells what was planned, the event log what somebody asked for while the run went on.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from galileo_schemas.events import LoadMoved, LoadPaused

from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report_course import PauseRow, RateRow
from galileo_experiments.scenario import ClientGroup, Move

_PLANNED_WITHIN_S = 0.5
"""A move said so close to one of the scenario is that one."""


_Place = tuple[str, str]
"""A function and the zone from which people call it."""


class MoveMade(NamedTuple):
    """A move, and whether somebody asked for it instead of the scenario."""

    move: Move
    asked: bool


def moves_made(run: RecordedRun) -> list[MoveMade]:
    """All moves within the run, by time."""
    measured_s = run.facts.end - run.facts.start
    planned = [move for move in run.scenario.moves if move.at_s <= measured_s]
    found = [MoveMade(move, asked=False) for move in planned]
    for said in run.log.asked_for:
        at_s = round(said.ts - run.facts.start, 3)
        if isinstance(said.event, LoadMoved) and not _is_planned(said.event, at_s, planned):
            event = said.event
            move = Move(at_s=at_s, function=event.fn, from_zone=event.origin_zone, to_zone=event.dest_zone)
            found.append(MoveMade(move, asked=True))
    return sorted(found, key=lambda made: (made.move.at_s, made.move.function))


def _is_planned(event: LoadMoved, at_s: float, planned: Sequence[Move]) -> bool:
    return any(move.function == event.fn and abs(move.at_s - at_s) < _PLANNED_WITHIN_S for move in planned)


def rate_rows(run: RecordedRun) -> list[RateRow]:
    """Where the scenario lets people of a zone call more or less often, by time; a move is none of these."""
    measured_s = run.facts.end - run.facts.start
    rows = [row for group in run.scenario.clients for row in _rates_of(group) if row.t_s <= measured_s]
    return sorted(rows, key=lambda row: (row.t_s, row.fn, row.zone))


def _rates_of(group: ClientGroup) -> list[RateRow]:
    """A phase of 0 requests/s belongs to the zone that people leave; when they come back elsewhere, that is a move."""
    rows = []
    zone = next((phase.zone for phase in group.phases if phase.rps > 0), "")
    for before, after in itertools.pairwise(group.phases):
        stay = after.rps == 0 or after.zone == zone
        if stay and after.rps != before.rps:
            rows.append(RateRow(t_s=after.start_s, fn=group.function, zone=zone, before=before.rps, rps=after.rps))
        if after.rps > 0:
            zone = after.zone
    return rows


def pause_rows(run: RecordedRun) -> list[PauseRow]:
    """When clients paused, by time. Clients of several functions or zones who did so together share a row."""
    everybody = {(group.function, zone.name) for group in run.scenario.clients for zone in run.scenario.zones}
    since: dict[_Place, float] = {}
    together: dict[tuple[float, float | None], set[_Place]] = {}
    for said in run.log.asked_for:
        if not isinstance(said.event, LoadPaused):
            continue
        t_s, event = round(said.ts - run.facts.start, 3), said.event
        meant = {place for place in everybody if event.fn in ("", place[0]) and event.zone in ("", place[1])}
        for place in meant:
            if event.paused:
                since.setdefault(place, t_s)
            elif place in since:
                together.setdefault((since.pop(place), t_s), set()).add(place)
    for place, from_s in since.items():
        together.setdefault((from_s, None), set()).add(place)
    return [
        PauseRow(from_s=from_s, to_s=to_s, fn=fn, zone=zone)
        for (from_s, to_s), places in sorted(together.items(), key=lambda item: item[0][0])
        for fn, zone in _in_few_words(places, everybody)
    ]


def _in_few_words(places: set[_Place], everybody: set[_Place]) -> list[_Place]:
    """An empty name stands for all: every function, or every zone."""
    if places == everybody:
        return [("", "")]
    of_zone = {zone: {place for place in everybody if place[1] == zone} for _fn, zone in everybody}
    of_function = {fn: {place for place in everybody if place[0] == fn} for fn, _zone in everybody}
    found: list[_Place] = []
    left = set(places)
    for names, whole in ((of_zone, "zone"), (of_function, "fn")):
        for name, all_of_it in sorted(names.items()):
            if all_of_it <= left:
                found.append(("", name) if whole == "zone" else (name, ""))
                left -= all_of_it
    return found + sorted(left)
