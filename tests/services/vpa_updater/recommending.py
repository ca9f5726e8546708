"""Recommendations and sized pods in a few words, for the tests of whoever acts on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galileo_context.pod import Pod
from galileo_context.testing import World
from galileo_schemas.events import (
    ContainerRecommendation,
    PodContainer,
    PodResize,
    Resources,
    Termination,
    VpaRecommendation,
)

MIB = 1024 * 1024


def amounts(cpu: float | None, mib: float | None) -> Resources:
    return Resources(cpu_millicores=cpu, memory_bytes=None if mib is None else mib * MIB)


def container(
    target: tuple[float | None, float | None],
    lower: tuple[float | None, float | None] = (0, 0),
    upper: tuple[float | None, float | None] = (1e6, 1e6),
) -> ContainerRecommendation:
    """Millicores and MiB."""
    return ContainerRecommendation(
        target=amounts(*target),
        lower_bound=amounts(*lower),
        upper_bound=amounts(*upper),
        uncapped_target=amounts(*target),
    )


def recommendation(shadow: bool = False, /, **containers: ContainerRecommendation) -> VpaRecommendation:
    return VpaRecommendation(fn="resnet", namespace="default", containers=dict(containers), shadow=shadow)


def spec(
    name: str = "fn",
    *,
    cpu: str | None = "250m",
    memory: str | None = "128Mi",
    limits: Mapping[str, str] | None = None,
    actual: Mapping[str, str] | None = None,
    ended: Termination | None = None,
) -> PodContainer:
    requests = {key: text for key, text in (("cpu", cpu), ("memory", memory)) if text is not None}
    return PodContainer(
        name=name,
        resource_requests=requests,
        resource_limits=dict(limits or {}),
        actual_requests=dict(requests if actual is None else actual),
        last_termination=ended,
    )


def pod(
    world: World, name: str = "resnet-1", *specs: PodContainer, resize: PodResize | None = None, **more: Any
) -> Pod:
    """A pod of resnet on the world's node, with these containers; `more` are fields of its event."""
    containers = {one.name: one for one in specs or (spec(),)}
    more.setdefault("created", world.now)
    return world.pod(name, "resnet", "zone-a-1", containers=containers, resize=resize, **more)
