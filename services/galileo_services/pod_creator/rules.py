"""What pod_creator may do, and why not: namespaces, images, names. Pure functions; None means allowed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from galileo_schemas.events import ScaleSchedule
from galileo_schemas.labels import MANAGED_BY, MANAGER

# RFC 1123 subdomain, as Kubernetes requires of pod names.
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LONGEST_NAME = 253

REASONS_OF_IGNORANCE = frozenset({"NoImage", "ImageNotAllowed"})
"""Refusals that knowing more functions may turn into a yes."""


class Refusal(NamedTuple):
    """One word for programs and one line for people."""

    reason: str
    message: str


def pod_name(name: str) -> str:
    """A pod's name as Kubernetes takes it: functions may hold `_`, pod names may not."""
    return name.replace("_", "-")


def refuse_namespace(namespace: str, allowed: Collection[str]) -> Refusal | None:
    """Whether pods may be touched there at all; `*` allows every namespace."""
    if "*" in allowed or namespace in allowed:
        return None
    listed = ", ".join(sorted(allowed)) or "none"
    return Refusal(
        "NamespaceNotAllowed",
        f"namespace {namespace!r} is not among the allowed ones ({listed}); pod_creator_namespaces widens that",
    )


def refuse_creation(
    decision: ScaleSchedule, *, known_images: Mapping[str, str], allowed_images: Collection[str]
) -> Refusal | None:
    """Whether the pod may be created. `known_images` maps images to the function that uses them."""
    request = decision.pod_creation_request
    name = pod_name(request.pod_name)
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        return Refusal(
            "InvalidName",
            f"pod name {request.pod_name!r}: expected at most {_LONGEST_NAME} lower-case letters, digits, '-' or '.', "
            "with a letter or digit at both ends, such as resnet-deployment-1a2b3",
        )
    if not request.image:
        return Refusal("NoImage", f"function {decision.fn!r}: the request names no image and none is known")
    if request.image in known_images or any(fnmatchcase(request.image, pattern) for pattern in allowed_images):
        return None
    return Refusal(
        "ImageNotAllowed",
        f"image {request.image!r} belongs to no function that is known; pod_creator_images widens that",
    )


def refuse_deletion(pod: Mapping[str, Any]) -> Refusal | None:
    """Only pods that carry our label are deleted."""
    labels = pod["metadata"].get("labels", {})
    if labels.get(MANAGED_BY) == MANAGER:
        return None
    return Refusal("NotOurs", f"pod {pod['metadata']['name']!r} lacks the label {MANAGED_BY}={MANAGER}")
