"""Vertical scaling: what containers should request, and what was changed.

CPU in thousandths of a core, memory in bytes.
"""

from __future__ import annotations

import msgspec

from galileo_schemas.event import Delivery, Event, event


class Resources(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An amount of both; None where a resource is not controlled."""

    cpu_millicores: float | None = None
    memory_bytes: float | None = None


class ContainerRecommendation(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a container should request: `target`, and the bounds within which a request may stay as it is.

    `uncapped_target` is the target before policies and the container's limits were applied.
    """

    target: Resources
    lower_bound: Resources
    upper_bound: Resources
    uncapped_target: Resources


@event("vpa_recommendation", Delivery.OBSERVATION)
class VpaRecommendation(Event, kw_only=True):
    """What the containers of a function (or of the workload that a VPA object names) should request, by container.

    `policy` made it; a `shadow` recommendation is not acted on. `confidence_days` is the length of the history.
    """

    fn: str
    namespace: str
    containers: dict[str, ContainerRecommendation]
    vpa: str = ""
    policy: str = "histogram"
    shadow: bool = False
    confidence_days: float = 0.0


@event("vpa_update", Delivery.RECORD)
class VpaUpdate(Event, kw_only=True):
    """The updater has changed a pod's requests, or has tried to.

    `mode` is `in_place` or `evicted`; `result` is `resized`, `deferred`, `infeasible`, `in_progress`, `evicted` or
    `failed`, and `message` the reason in words. `before` and `after` are requests by container.
    """

    pod: str
    namespace: str
    fn: str = ""
    uid: str = ""
    node: str = ""
    mode: str
    result: str
    message: str = ""
    before: dict[str, Resources] = {}
    after: dict[str, Resources] = {}
