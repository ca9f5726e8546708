"""What happened when: the marks that the report's plots carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from galileo_experiments.recorded_run import RecordedRun

MarkKind = Literal["scale up", "scale down", "pod first serves", "restart"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened `t_s` seconds after the start, in a zone ("" where it belongs to none)."""

    t_s: float
    kind: MarkKind
    zone: str
    text: str


def marks(run: RecordedRun) -> list[Mark]:
    """Decisions, first answers of pods, and restarts, by time."""
    found = [*_decisions(run), *_first_answers(run), *_restarts(run)]
    return sorted(found, key=lambda mark: mark.t_s)


def _decisions(run: RecordedRun) -> list[Mark]:
    return [
        Mark(
            said.ts - run.facts.start,
            "scale down" if said.event.delete else "scale up",
            said.event.dest_zone or said.event.origin_zone,
            said.event.fn,
        )
        for said in run.log.scalings
    ]


def _first_answers(run: RecordedRun) -> list[Mark]:
    first: dict[str, Mark] = {}
    for request in run.requests:
        known = first.get(request.pod)
        if request.served_zone is not None and (known is None or request.done_s < known.t_s):
            first[request.pod] = Mark(request.done_s, "pod first serves", request.served_zone, request.function)
    return list(first.values())


def _restarts(run: RecordedRun) -> list[Mark]:
    return [Mark(restart.at - run.facts.start, "restart", "", restart.process) for restart in run.facts.restarts]
