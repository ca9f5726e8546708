"""Decisions to create or delete a function's pod in a zone, and why one could not be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from galileo_schemas.event import Delivery, Event, event


class PodCreationRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The pod to create, or, in a scale-down, the pod to delete (`pod_name`, `namespace`)."""

    pod_name: str
    container_name: str = ""
    image: str = ""
    labels: dict[str, str] = {}
    namespace: str = "default"
    resource_requests: dict[str, str] = {}


def _original_shape(loose: dict[str, Any]) -> Mapping[str, Any]:
    """The original's code writes `pod` instead of `pod_creation_request` and neither gateway, value nor threshold."""
    if "pod_creation_request" in loose or "pod" not in loose:
        return loose
    pod = loose["pod"]
    requests = pod.get("resource_requests") or {}
    return {
        "fn": loose["fn"],
        "origin_zone": loose.get("origin_zone") or "",
        "dest_zone": loose.get("dest_zone") or "",
        "delete": bool(loose.get("delete")),
        "pod_creation_request": {
            "pod_name": pod["pod_name"],
            "container_name": loose["fn"],
            "image": pod.get("image") or "",
            "labels": pod.get("labels") or {},
            "namespace": pod.get("namespace") or "default",
            "resource_requests": {key: str(value).strip('"') for key, value in requests.items()},
        },
    }


@event("scale_schedule", Delivery.DECISION, normalise=_original_shape)
class ScaleSchedule(Event, kw_only=True):
    """A function needs one pod more in `dest_zone`, since `gateway` in `origin_zone` is over its threshold.

    With `delete` it is one pod less: the pod is `pod_creation_request.pod_name`. `reason` says why, where it is not
    the threshold.
    """

    fn: str
    origin_zone: str
    dest_zone: str
    pod_creation_request: PodCreationRequest
    gateway: str = ""
    value: float | None = None
    threshold: float | None = None
    delete: bool = False
    reason: str = ""


@event("scale_impossible", Delivery.RECORD)
class ScaleImpossible(Event, kw_only=True):
    """A threshold is violated and nothing can be done about it; `reason` says what holds it back."""

    fn: str
    origin_zone: str
    dest_zone: str
    reason: str
    value: float | None = None
    threshold: float | None = None
