"""The pod that a decision asks for, as the Kubernetes API takes it. A pure function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from galileo_context.functions import FunctionTemplate
from galileo_schemas.events import ScaleSchedule
from galileo_schemas.labels import CAUSE_ANNOTATION, FUNCTION, MANAGED_BY, MANAGER, TYPE_FUNCTION, TYPES, ZONE
from galileo_schemas.quantities import parse_quantity

from galileo_services.pod_creator.rules import pod_name

JsonObject = dict[str, Any]
DEFAULT_PORT = 8080


def pod_manifest(
    decision: ScaleSchedule,
    *,
    decision_id: str,
    template: FunctionTemplate | None,
    scheduler_name: str,
    grace_period_s: int,
) -> JsonObject:
    """The request's fields go before the template's; both's labels, and ours by which we know the pod again."""
    request = decision.pod_creation_request
    container: JsonObject = {
        "name": pod_name(request.container_name or (template.container_name if template else decision.fn)),
        "image": request.image or (template.image if template else ""),
        "ports": [{"name": "function-port", "containerPort": template.port if template else DEFAULT_PORT}],
    }
    if resources := _resources(request.resource_requests, template):
        container["resources"] = resources
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(request.pod_name),
            "namespace": request.namespace,
            "labels": _labels(decision, template.labels if template else {}),
            "annotations": {CAUSE_ANNOTATION: decision_id},
        },
        "spec": {
            "schedulerName": scheduler_name,
            "terminationGracePeriodSeconds": grace_period_s,
            "nodeSelector": {ZONE: decision.dest_zone} if decision.dest_zone else {},
            "containers": [container],
        },
    }


def _resources(asked: Mapping[str, str], template: FunctionTemplate | None) -> JsonObject:
    """The request's requests, else the template's; and those of the template's limits that are not below them."""
    requests = dict(asked or (template.resource_requests if template else {}))
    limits = {
        name: limit
        for name, limit in (template.resource_limits if template else {}).items()
        if parse_quantity(limit) >= parse_quantity(requests.get(name, 0))
    }
    return {part: quantities for part, quantities in (("requests", requests), ("limits", limits)) if quantities}


def _labels(decision: ScaleSchedule, template_labels: Mapping[str, str]) -> dict[str, str]:
    labels = {**template_labels, **decision.pod_creation_request.labels}
    labels.setdefault(FUNCTION, decision.fn)
    if not any(key in labels for key in TYPES):
        labels[TYPES[0]] = TYPE_FUNCTION
    if decision.dest_zone:
        labels[ZONE] = decision.dest_zone
    labels[MANAGED_BY] = MANAGER
    return labels
