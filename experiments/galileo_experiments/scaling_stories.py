"""The stories of pods: asked for because of a pressure, created, placed, serving, taken away; or lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from galileo_schemas.events import ScaleImpossible, ScaleSchedule

from galileo_experiments.event_log import source_of
from galileo_experiments.pod_lives import PodLife
from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.shown_pressure import shown_pressure
from galileo_experiments.stories import Step, Story


def scaling_stories(run: RecordedRun, lives: Mapping[str, PodLife]) -> list[Story]:
    """Of all decisions to scale, of pods that came or went without one, and of those there at the start."""
    decided = {(said.event.pod_creation_request.pod_name, said.event.delete) for said in run.log.scalings}
    asked_for = {name for name, delete in decided if not delete}
    told_to_go = {name for name, delete in decided if delete}
    return [
        *_at_the_start([life for life in lives.values() if life.name not in asked_for and _there_at(life, 0.0)]),
        *(_decision(said.ts - run.facts.start, said.event, lives) for said in run.log.scalings),
        *(_came(life) for life in lives.values() if life.name not in asked_for and not _there_at(life, 0.0)),
        *_gone_unasked(run, lives, told_to_go),
        *_impossible(run),
    ]


def _there_at(life: PodLife, t_s: float) -> bool:
    born = [at_s for at_s in (life.created_s, life.bound_s, life.ready_s) if at_s is not None]
    return not born or min(born) <= t_s


def _at_the_start(lives: list[PodLife]) -> list[Story]:
    if not lives:
        return []
    counts = Counter((life.fn, life.node, life.zone) for life in lives)
    parts = [
        f"{count if count > 1 else 'one'} {fn} on {node} ({zone})" if node else f"{count} {fn}"
        for (fn, node, zone), count in sorted(counts.items())
    ]
    return [Story(0.0, "pods at the start", "; ".join(parts), by="the scenario")]


def _decision(t_s: float, event: ScaleSchedule, lives: Mapping[str, PodLife]) -> Story:
    name = event.pod_creation_request.pod_name
    zone = event.dest_zone or event.origin_zone
    life = lives.get(name) or PodLife(name, event.fn)
    return Story(
        t_s,
        "scale down" if event.delete else "scale up",
        f"{'scale down' if event.delete else 'scale up'} {event.fn} in {zone}: {name}",
        why=pressure_text(event),
        by=source_of(event) or "somebody, by hand",
        zone=zone,
        steps=_leaving(life) if event.delete else _coming(life),
    )


def pressure_text(event: ScaleSchedule | ScaleImpossible) -> str:
    """`pressure 0.35 > 0.11 in zone-a`, or the reason that the decision gives."""
    if event.value is None or event.threshold is None:
        return event.reason
    relation = "<" if isinstance(event, ScaleSchedule) and event.delete else ">"
    pressure = f"pressure {shown_pressure(event.value)} {relation} {event.threshold:g} in {event.origin_zone}"
    return f"{event.reason} ({pressure})" if event.reason and isinstance(event, ScaleSchedule) else pressure


def _coming(life: PodLife) -> list[Step]:
    steps = [Step(t_s, text) for t_s, text in life.troubles]
    if life.created_s is not None:
        steps.append(Step(life.created_s, f"created{f' by {life.created_by}' if life.created_by else ''}"))
    if life.bound_s is not None:
        steps.append(Step(life.bound_s, f"bound to {life.node}{f' by {life.scheduler}' if life.scheduler else ''}"))
    if life.ready_s is not None:
        steps.append(Step(life.ready_s, "ready"))
    if life.weighted_s is not None:
        steps.append(Step(life.weighted_s, "in the weights"))
    if life.serves_s is not None:
        steps.append(Step(life.serves_s, "first request served"))
    return sorted(steps)


def _leaving(life: PodLife) -> list[Step]:
    steps = [Step(t_s, text) for t_s, text in life.troubles if text.startswith("failed")]
    if life.asked_to_go_s is not None:
        steps.append(Step(life.asked_to_go_s, f"deleted by {life.asked_to_go_by or 'somebody'}"))
    if life.leaves_s is not None:
        steps.append(Step(life.leaves_s, "takes no more requests"))
    if life.gone_s is not None:
        steps.append(Step(life.gone_s, "gone"))
    return sorted(steps)


def _came(life: PodLife) -> Story:
    steps = _coming(life)
    t_s = min(step.t_s for step in steps)
    return Story(t_s, "pod", f"a pod of {life.fn} appears: {life.name}", zone=life.zone, steps=steps)


def _gone_unasked(run: RecordedRun, lives: Mapping[str, PodLife], told_to_go: set[str]) -> list[Story]:
    """Pods that went while the load ran, though no decision told them to."""
    measured_s = run.facts.end - run.facts.start
    return [
        Story(
            life.leaves_s,
            "pod",
            f"a pod of {life.fn} on {life.node or 'no node'} is lost: {life.name}",
            why=life.leaves_because,
            zone=life.zone,
            steps=[] if life.gone_s is None else [Step(life.gone_s, "gone")],
        )
        for life in lives.values()
        if life.leaves_s is not None and 0 <= life.leaves_s <= measured_s and life.name not in told_to_go
    ]


def _impossible(run: RecordedRun) -> list[Story]:
    """What could not be done is said again at each evaluation, and told once, with how often."""
    stories: dict[tuple[str, str, str], Story] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for said in run.log.of(ScaleImpossible):
        event, t_s = said.event, said.ts - run.facts.start
        key = (event.fn, event.dest_zone, event.reason)
        counts[key] += 1
        if key not in stories:
            what = f"{event.fn} cannot grow near {event.dest_zone}: {event.reason}"
            story = Story(t_s, "cannot scale", what, why=pressure_text(event), by=source_of(event))
            story.zone = event.dest_zone
            stories[key] = story
        elif counts[key] == 2:
            stories[key].steps.append(Step(t_s, ""))
        if counts[key] > 1:
            stories[key].steps[-1] = Step(t_s, f"said {counts[key]} times until here")
    return list(stories.values())
