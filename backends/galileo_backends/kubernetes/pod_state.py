"""From a pod as the Kubernetes API shows it to what events say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from galileo_schemas.events import PodContainer, PodState
from galileo_schemas.labels import CAUSE_ANNOTATION

from galileo_backends.kubernetes.interface import JsonObject

_STARTING = frozenset({"ContainerCreating", "PodInitializing"})
_SAME_AS = {"ImagePullBackOff": "ErrImagePull"}


def pod_state(pod: JsonObject) -> PodState:
    """A pod's present state. Raises `KeyError` for an object that is no pod."""
    metadata, spec, status = pod["metadata"], pod.get("spec", {}), pod.get("status", {})
    statuses = {row["name"]: row for row in status.get("containerStatuses", ())}
    reason, message = _trouble(statuses)
    return PodState(
        pod_uid=metadata["uid"],
        name=metadata["name"],
        namespace=metadata.get("namespace", "default"),
        containers={row["name"]: _container(row, statuses.get(row["name"], {})) for row in spec.get("containers", ())},
        host_ip=status.get("hostIP", ""),
        node_name=spec.get("nodeName", ""),
        pod_ip=status.get("podIP", ""),
        qos_class=status.get("qosClass", ""),
        start_time=status.get("startTime"),
        labels=metadata.get("labels", {}),
        status=status.get("phase", ""),
        ready=_is_ready(status),
        scheduler_name=spec.get("schedulerName", ""),
        node_selector=spec.get("nodeSelector", {}),
        tolerations=spec.get("tolerations", []),
        created=_unix(metadata.get("creationTimestamp")),
        deletion_timestamp=_unix(metadata.get("deletionTimestamp")),
        resource_version=metadata.get("resourceVersion", ""),
        reason=reason,
        message=message,
        cause=metadata.get("annotations", {}).get(CAUSE_ANNOTATION, ""),
    )


def _trouble(statuses: Mapping[str, JsonObject]) -> tuple[str, str]:
    """Why the first container that cannot run does not; the two names that an image pull alternates between are one."""
    for row in statuses.values():
        waiting = row.get("state", {}).get("waiting", {})
        reason = str(waiting.get("reason", ""))
        if reason and reason not in _STARTING:
            return _SAME_AS.get(reason, reason), str(waiting.get("message", ""))
    return "", ""


def _container(spec: JsonObject, status: JsonObject) -> PodContainer:
    ports = spec.get("ports") or [{}]
    resources = spec.get("resources", {})
    return PodContainer(
        name=spec["name"],
        id=status.get("containerID", ""),
        image=spec.get("image", ""),
        port=ports[0].get("containerPort", -1),
        resource_requests={key: str(value) for key, value in resources.get("requests", {}).items()},
        resource_limits={key: str(value) for key, value in resources.get("limits", {}).items()},
    )


def _is_ready(status: JsonObject) -> bool:
    return any(row.get("type") == "Ready" and row.get("status") == "True" for row in status.get("conditions", ()))


def _unix(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0
