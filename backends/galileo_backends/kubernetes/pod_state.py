"""From a pod as the Kubernetes API shows it to what events say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from galileo_schemas.events import PodContainer, PodResize, PodState, Termination
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
        node_selector_terms=_within(
            spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
        ).get("nodeSelectorTerms", []),
        tolerations=spec.get("tolerations", []),
        created=_unix(metadata.get("creationTimestamp")),
        deletion_timestamp=_unix(metadata.get("deletionTimestamp")),
        resource_version=metadata.get("resourceVersion", ""),
        reason=reason,
        message=message,
        cause=metadata.get("annotations", {}).get(CAUSE_ANNOTATION, ""),
        resize=_resize(status, generation=metadata.get("generation", 0)),
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
        actual_requests={
            key: str(value) for key, value in ((status.get("resources") or {}).get("requests") or {}).items()
        },
        restart_count=int(status.get("restartCount", 0)),
        last_termination=_last_termination(status),
    )


def _last_termination(status: JsonObject) -> Termination | None:
    """Of a container that is down at the moment, how it went down just now."""
    terminated = _within(status, "state", "terminated") or _within(status, "lastState", "terminated")
    if not terminated:
        return None
    return Termination(
        reason=terminated.get("reason") or "",
        exit_code=int(terminated.get("exitCode", 0)),
        started_at=_unix(terminated.get("startedAt")),
        finished_at=_unix(terminated.get("finishedAt")),
    )


def _within(status: JsonObject, *names: str) -> JsonObject:
    for name in names:
        status = status.get(name) or {}
    return status


def _resize(status: JsonObject, *, generation: int) -> PodResize | None:
    """What the kubelet says of a resize. One that waits goes before one that it is still busy with: it is the newer.

    A condition of an earlier generation of the pod speaks of a resize that another has replaced since.
    """
    conditions = {
        row.get("type"): row
        for row in status.get("conditions", ())
        if row.get("status") == "True" and row.get("observedGeneration", generation) >= generation
    }
    if (found := conditions.get("PodResizePending")) is not None:
        state = "infeasible" if found.get("reason") == "Infeasible" else "deferred"
    elif (found := conditions.get("PodResizeInProgress")) is not None:
        state = "in_progress"
    else:
        return None
    return PodResize(state=state, message=found.get("message") or "", since=_unix(found.get("lastTransitionTime")))


def _is_ready(status: JsonObject) -> bool:
    return any(row.get("type") == "Ready" and row.get("status") == "True" for row in status.get("conditions", ()))


def _unix(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0
