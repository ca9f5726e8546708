"""The wording of a scaling decision: which pod, made like which, for how long the decision holds."""

from __future__ import annotations

import hashlib

from galileo_context.functions import FunctionTemplate
from galileo_context.pod import Pod
from galileo_schemas import labels
from galileo_schemas.event import Meta
from galileo_schemas.events import PodCreationRequest, ScaleSchedule

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def pod_name(fn: str, decision_id: str) -> str:
    """`<fn>-deployment-<5 characters>`, the same for the same decision; `_` is no letter of a pod's name."""
    number = int.from_bytes(hashlib.sha256(decision_id.encode()).digest()[:8], "big")
    suffix = ""
    for _ in range(5):
        number, letter = divmod(number, len(_ALPHABET))
        suffix += _ALPHABET[letter]
    return f"{fn.replace('_', '-').lower()}-deployment-{suffix}"


def creation(
    fn: str,
    zone: str,
    template: FunctionTemplate,
    *,
    origin_zone: str,
    gateway: str,
    decision_id: str,
    expires: float,
    value: float | None = None,
    threshold: float | None = None,
    reason: str = "",
) -> ScaleSchedule:
    """One pod more of a function in `zone`; `expires` in unix seconds.

    `value` is the pressure on `gateway` in `origin_zone`; where there is none, `reason` says why.
    """
    pod_labels = {**template.labels, labels.FUNCTION: fn, labels.ZONE: zone}
    if labels.type_of(pod_labels) != labels.TYPE_FUNCTION:
        pod_labels["type"] = labels.TYPE_FUNCTION
    return ScaleSchedule(
        meta=Meta(id=decision_id, key=fn, expires=expires),
        fn=fn,
        gateway=gateway,
        value=value,
        threshold=threshold,
        origin_zone=origin_zone,
        dest_zone=zone,
        reason=reason,
        pod_creation_request=PodCreationRequest(
            pod_name=pod_name(fn, decision_id),
            container_name=template.container_name,
            image=template.image,
            labels=pod_labels,
            namespace=template.namespace,
            resource_requests=dict(template.resource_requests),
        ),
    )


def deletion(
    pod: Pod,
    fn: str,
    zone: str,
    *,
    gateway: str,
    value: float | None,
    decision_id: str,
    threshold: float,
    expires: float,
) -> ScaleSchedule:
    """One pod less; `value` is the pressure, None when there was no traffic. `expires` in unix seconds."""
    return ScaleSchedule(
        meta=Meta(id=decision_id, key=fn, expires=expires),
        fn=fn,
        gateway=gateway,
        value=value,
        threshold=threshold,
        origin_zone=zone,
        dest_zone=zone,
        delete=True,
        pod_creation_request=PodCreationRequest(pod_name=pod.name, namespace=pod.namespace, labels=dict(pod.labels)),
    )
