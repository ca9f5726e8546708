"""All stories of a run by time: the table "What happened", and the marks that the plots carry."""

from __future__ import annotations

from galileo_experiments.outside_stories import outside_stories
from galileo_experiments.pod_lives import pod_lives
from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import Report
from galileo_experiments.resize_stories import resize_stories
from galileo_experiments.scaling_stories import scaling_stories
from galileo_experiments.stories import Story


def all_stories(run: RecordedRun, report: Report) -> list[Story]:
    """What happened until the end of the load, in order."""
    measured_s = run.facts.end - run.facts.start
    found = [
        *scaling_stories(run, pod_lives(run)),
        *resize_stories(run),
        *outside_stories(run, report),
    ]
    return sorted((story for story in found if story.t_s <= measured_s), key=lambda story: story.t_s)
