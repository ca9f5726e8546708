"""What happened when: the marks that stand in lanes above the report's first plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import Report
from galileo_experiments.stories import Story, StoryKind

MarkKind = Literal[
    "scale up",
    "scale down",
    "pod first serves",
    "resize",
    "resize failed",
    "restart",
    "fault",
    "node down",
    "load",
    "setting",
]

_OF_STORIES: dict[StoryKind, MarkKind] = {
    "scale up": "scale up",
    "scale down": "scale down",
    "restart": "restart",
    "setting": "setting",
    "load": "load",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened `t_s` seconds after the start, in a zone ("" where it belongs to none).

    `until_s`: it lasted until then; None for what has no length.
    """

    t_s: float
    kind: MarkKind
    zone: str
    text: str
    until_s: float | None = None


def marks(run: RecordedRun, report: Report, stories: Sequence[Story]) -> list[Mark]:
    """Decisions, first answers of pods, resizes, and what was done to the run from outside, by time."""
    end_s = report.measured_s
    found = [
        Mark(story.t_s, _OF_STORIES[story.kind], story.zone, story.what)
        for story in stories
        if story.kind in _OF_STORIES and story.t_s >= 0
    ]
    found += _first_answers(run)
    found += [_resize(story) for story in stories if story.kind == "resize"]
    found += [Mark(row.from_s, "fault", "", row.text, end_s if row.to_s is None else row.to_s) for row in report.faults]
    found += [
        Mark(max(row.from_s, 0.0), "node down", row.zone, row.node, end_s if row.to_s is None else row.to_s)
        for row in report.nodes_down
    ]
    return sorted(found, key=lambda mark: mark.t_s)


def _first_answers(run: RecordedRun) -> list[Mark]:
    first: dict[str, Mark] = {}
    for request in run.requests:
        known = first.get(request.pod)
        if request.served_zone is not None and (known is None or request.done_s < known.t_s):
            first[request.pod] = Mark(request.done_s, "pod first serves", request.served_zone, request.function)
    return list(first.values())


def _resize(story: Story) -> Mark:
    """A resize is marked where it ended, or where it was begun while it has not."""
    last = story.steps[-1]
    failed = last.text.partition(":")[0] in ("failed", "infeasible")
    return Mark(last.t_s, "resize failed" if failed else "resize", story.zone, story.what)
