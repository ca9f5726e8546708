"""What is to be changed of a pod: its containers' new requests and limits, and the patch that says so.

    pod, recommendation -> requests = target, limits in proportion -> patch of the `resize` subresource

Containers that request their target already are left out. The patch carries the version of the pod that was looked
at: where somebody changed the pod since, the API server refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from galileo_context.pod import Pod
from galileo_schemas.events import PodContainer, Resources, VpaRecommendation
from galileo_schemas.quantities import cpu_quantity, memory_quantity

from galileo_services.vpa_updater.container_amounts import (
    Amounts,
    ContainerAmounts,
    Resource,
    as_resources,
    container_amounts,
    read_amounts,
    recommended_amounts,
)
from galileo_services.vpa_updater.limit_scaling import proportional_limit

JsonObject = dict[str, Any]
_WRITE = {"cpu": cpu_quantity, "memory": memory_quantity}


@dataclass(frozen=True, slots=True)
class ResizePlan:
    """`after` holds the new requests and limits of each container that changes, `before` the requests it had."""

    before: Mapping[str, Amounts]
    after: Mapping[str, ContainerAmounts]

    def patch(self, resource_version: str) -> JsonObject:
        """A strategic merge patch of a pod of that version."""
        containers = [{"name": name, "resources": _resources(amounts)} for name, amounts in sorted(self.after.items())]
        return {"metadata": {"resourceVersion": resource_version}, "spec": {"containers": containers}}

    @property
    def requests_before(self) -> dict[str, Resources]:
        """For events."""
        return {name: as_resources(amounts) for name, amounts in self.before.items()}

    @property
    def requests_after(self) -> dict[str, Resources]:
        """For events: all requests, with those that stay."""
        return {name: as_resources({**self.before[name], **new.requests}) for name, new in self.after.items()}


def resize_plan(pod: Pod, recommendation: VpaRecommendation) -> ResizePlan | None:
    """None when every container requests its target. Raises `ValueError` that names what cannot be read."""
    before: dict[str, Amounts] = {}
    after: dict[str, ContainerAmounts] = {}
    for name, wanted in recommendation.containers.items():
        if name not in pod.specs:
            continue
        now = container_amounts(pod.specs[name])
        targets = recommended_amounts(wanted.target)
        changes: dict[Resource, int] = {
            resource: target for resource, target in targets.items() if now.requests.get(resource) != target
        }
        if changes:
            before[name] = now.requests
            after[name] = ContainerAmounts(changes, _limits(now, changes))
    return ResizePlan(before, after) if after else None


def holds(spec: PodContainer, amounts: Amounts) -> bool:
    """Whether a container's kubelet says that it runs with these requests. Raises `ValueError`."""
    actual = read_amounts(spec.actual_requests)
    return all(actual.get(resource) == amount for resource, amount in amounts.items())


def _limits(now: ContainerAmounts, changes: Mapping[Resource, int]) -> dict[Resource, int]:
    limits: dict[Resource, int] = {}
    for resource, target in changes.items():
        limit = proportional_limit(
            limit=now.limits.get(resource), request=now.requests.get(resource), recommended=target
        )
        if limit is not None:
            limits[resource] = limit
    return limits


def _resources(amounts: ContainerAmounts) -> JsonObject:
    written: JsonObject = {"requests": _quantities(amounts.requests)}
    if amounts.limits:
        written["limits"] = _quantities(amounts.limits)
    return written


def _quantities(amounts: Amounts) -> dict[str, str]:
    return {resource: _WRITE[resource](amount) for resource, amount in amounts.items()}
