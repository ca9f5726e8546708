"""What the recommender said that containers should request, and the steps by which the updater resized pods."""

from __future__ import annotations

from collections.abc import Mapping

from galileo_schemas.events import ContainerRecommendation, Resources, VpaRecommendation, VpaUpdate

from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report_resources import Amounts, Bounds, RecommendationRow, ResizeRow


def recommendation_rows(run: RecordedRun) -> list[RecommendationRow]:
    """A row for each container of each recommendation, by time."""
    return [
        RecommendationRow(
            t_s=round(said.ts - run.facts.start, 3),
            fn=said.event.fn,
            container=name,
            cpu_millicores=_bounds(container, "cpu_millicores"),
            memory_bytes=_bounds(container, "memory_bytes"),
            policy=said.event.policy,
            shadow=said.event.shadow,
        )
        for said in run.log.of(VpaRecommendation)
        for name, container in sorted(said.event.containers.items())
    ]


def _bounds(recommended: ContainerRecommendation, resource: str) -> Bounds | None:
    target, lower, upper = (
        getattr(amounts, resource) for amounts in (recommended.target, recommended.lower_bound, recommended.upper_bound)
    )
    return None if None in (target, lower, upper) else Bounds(target=target, lower=lower, upper=upper)


def resize_rows(run: RecordedRun) -> list[ResizeRow]:
    """Each `vpa_update`, by time."""
    return [
        ResizeRow(
            t_s=round(said.ts - run.facts.start, 3),
            pod=said.event.pod,
            fn=said.event.fn,
            node=said.event.node,
            mode=said.event.mode,
            result=said.event.result,
            message=said.event.message,
            before=_amounts(said.event.before),
            after=_amounts(said.event.after),
        )
        for said in run.log.of(VpaUpdate)
    ]


def _amounts(by_container: Mapping[str, Resources]) -> dict[str, Amounts]:
    return {
        name: Amounts(cpu_millicores=found.cpu_millicores, memory_bytes=found.memory_bytes)
        for name, found in by_container.items()
    }
