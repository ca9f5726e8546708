"""The stories of resizes: which request was outside which bound, what it became, and how far that came."""

from __future__ import annotations

from galileo_schemas.events import ContainerRecommendation, Resources, VpaRecommendation, VpaUpdate

from galileo_experiments.event_log import causes_of, id_of, source_of
from galileo_experiments.recorded_run import RecordedRun, node_zones
from galileo_experiments.stories import Step, Story

MIB = 1024.0 * 1024.0


def resize_stories(run: RecordedRun) -> list[Story]:
    """A story for each resize of a pod, from the first word of it to the last."""
    zones = node_zones(run.scenario, run.log)
    recommended = {id_of(said.event): said.event for said in run.log.of(VpaRecommendation)}
    stories: list[Story] = []
    open_ones: dict[tuple[str, tuple[str, ...]], Story] = {}
    for said in run.log.of(VpaUpdate):
        event, t_s = said.event, said.ts - run.facts.start
        key = (event.uid or event.pod, causes_of(event))
        story = open_ones.get(key)
        if story is None:
            cause = next((recommended[cause] for cause in causes_of(event) if cause in recommended), None)
            story = open_ones[key] = Story(
                t_s,
                "resize",
                f"resize {event.pod}: {changes_text(event)}",
                why="" if cause is None else because(event, cause),
                by=source_of(event),
                zone=zones.get(event.node, ""),
            )
            stories.append(story)
        text = event.result.replace("_", " ")
        story.steps.append(Step(t_s, f"{text}: {event.message}" if event.message else text))
    return stories


def changes_text(update: VpaUpdate) -> str:
    """`CPU 250 to 379 m, memory 128 to 121 MiB`, with the container's name where there are several."""
    parts = []
    for name, after in update.after.items():
        before = update.before.get(name, Resources())
        changes = [
            f"{label} {_shown(old, unit)} to {_shown(new, unit)} {suffix}"
            for label, old, new, unit, suffix in (
                ("CPU", before.cpu_millicores, after.cpu_millicores, 1.0, "m"),
                ("memory", before.memory_bytes, after.memory_bytes, MIB, "MiB"),
            )
            if new is not None and new != old
        ]
        if changes:
            parts.append((f"{name}: " if len(update.after) > 1 else "") + ", ".join(changes))
    return "; ".join(parts) or "nothing changes"


def because(update: VpaUpdate, cause: VpaRecommendation) -> str:
    """Which requests lay outside the recommended bounds; if none did, how far from the target they were."""
    outside = []
    for name, before in update.before.items():
        recommended = cause.containers.get(name)
        if recommended is not None:
            outside += _outside(before, recommended)
    return "; ".join(outside) or "recommended target differs by more than the threshold"


def _outside(before: Resources, recommended: ContainerRecommendation) -> list[str]:
    found = []
    for resource, label, unit, suffix in (
        ("cpu_millicores", "CPU", 1.0, "m"),
        ("memory_bytes", "memory", MIB, "MiB"),
    ):
        request = getattr(before, resource)
        lower, upper = getattr(recommended.lower_bound, resource), getattr(recommended.upper_bound, resource)
        if request is not None and lower is not None and request < lower:
            found.append(f"{label} request {_shown(request, unit)} < lower bound {_shown(lower, unit)} {suffix}")
        elif request is not None and upper is not None and request > upper:
            found.append(f"{label} request {_shown(request, unit)} > upper bound {_shown(upper, unit)} {suffix}")
    return found


def _shown(amount: float | None, unit: float) -> str:
    return "none" if amount is None else f"{amount / unit:.0f}"
