"""The stories of what came from outside: faults, moves, rates, pauses, settings, processes that ended."""

from __future__ import annotations

from collections import Counter

from galileo_schemas.events import AskRefused, InputRejected, LatencyMissing

from galileo_experiments.event_log import source_of
from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import Report
from galileo_experiments.stories import Step, Story
from galileo_experiments.stretches import by_time, move_text, rate_text, whose


def outside_stories(run: RecordedRun, report: Report) -> list[Story]:
    """From the report's rows, which know when each began and ended."""
    return [
        *_faults(report),
        *_nodes_down(report),
        *_loads(report),
        *(
            Story(
                row.t_s,
                "setting",
                f"{row.service}: {row.variable}={row.value}",
                why=f"was {row.before}" if row.before else "",
                by=row.by,
            )
            for row in report.settings_changed
        ),
        *(
            Story(row.t_s, "restart", f"{row.process} ended and is started again", why=row.reason)
            for row in report.restarts
        ),
        *_troubles(run),
    ]


def _faults(report: Report) -> list[Story]:
    zones = {row.node: row.zone for row in report.nodes_down}
    return [
        Story(
            row.from_s,
            "fault",
            row.text,
            by=row.by,
            zone=zones.get(row.target, ""),
            steps=[] if row.to_s is None else [Step(row.to_s, "over")],
        )
        for row in report.faults
    ]


def _nodes_down(report: Report) -> list[Story]:
    return [
        Story(
            row.from_s,
            "node down",
            f"the cluster finds {row.node} not ready",
            zone=row.zone,
            steps=[] if row.to_s is None else [Step(row.to_s, "ready again")],
        )
        for row in report.nodes_down
    ]


def _loads(report: Report) -> list[Story]:
    stories = []
    for at_s, moves in by_time(report.moves):
        story = Story(at_s, "load", move_text(moves), zone=moves[0].to_zone)
        story.by = "somebody" if all(move.asked for move in moves) else "the scenario"
        story.steps = [
            Step(move.at_s + move.reaction_s, f"{move.fn}: a pod in {move.to_zone} serves them")
            for move in sorted(moves, key=lambda move: move.reaction_s or 0.0)
            if move.reaction_s is not None
        ]
        stories.append(story)
    stories += [Story(rate.t_s, "load", rate_text(rate), by="the scenario", zone=rate.zone) for rate in report.rates]
    for pause in report.pauses:
        story = Story(pause.from_s, "load", f"{whose(pause)} pause", by="somebody", zone=pause.zone)
        if pause.to_s is not None:
            story.steps.append(Step(pause.to_s, "they go on"))
        stories.append(story)
    return stories


def _troubles(run: RecordedRun) -> list[Story]:
    """What was refused or rejected, and latencies that nobody knows; each kind once, however often it was said."""
    stories: dict[str, Story] = {}
    counts: Counter[str] = Counter()
    for said in [*run.log.asked_for, *run.log.actions]:
        event = said.event
        match event:
            case AskRefused():
                text = f"{event.ask} is refused: {event.reason}"
            case InputRejected():
                text = f"rejected on {event.channel}: {event.reason}"
            case LatencyMissing():
                text = f"no latency is known between {event.origin} and {event.destination}: {event.effect}"
            case _:
                continue
        counts[text] += 1
        stories.setdefault(text, Story(said.ts - run.facts.start, "refused", text, by=source_of(event)))
    for text, story in stories.items():
        if counts[text] > 1:
            story.why = f"said {counts[text]} times"
    return list(stories.values())
