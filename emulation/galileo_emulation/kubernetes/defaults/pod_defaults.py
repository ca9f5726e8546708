"""What the API adds to a pod, or to a pod template: defaults, admission's tolerations, and the first status.

Sources: the behaviour of kube-apiserver 1.36 as recorded in tests/vectors/kubernetes (defaults.json).
"""

from ..apiobjects import JsonObject
from ..kind import Surroundings
from ..types.quantities import value
from .priorities import assign_priority

_TOLERATED_SECONDS = 300
_TOLERATED_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
# Modes of files in volumes, 0644 written in decimal as JSON has it.
_DEFAULT_MODE = 420
_TOKEN_LIFE_S = 3600


def set_up_pod(body: JsonObject, surroundings: Surroundings) -> None:
    """Give a new pod its priority, and its first status, whatever was sent as one. Raises ApiError (403)."""
    assign_priority(body, surroundings)
    body["status"] = {"phase": "Pending", "qosClass": qos_class(body.get("spec", {}))}
    if body.get("spec", {}).get("schedulingGates"):
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": surroundings.now,
            "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
        }
        body["status"]["conditions"] = [condition]


def default_pod(body: JsonObject) -> None:
    """Default a pod's spec and complete its status."""
    spec = body.setdefault("spec", {})
    default_pod_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        resources = container["resources"]
        if "limits" in resources:
            resources["requests"] = {**resources["limits"], **resources.get("requests", {})}
        if spec.get("hostNetwork"):
            for port in container.get("ports", []):
                if "containerPort" in port:
                    port.setdefault("hostPort", port["containerPort"])
    complete_pod_status(body)


def complete_pod_status(body: JsonObject) -> None:
    """Write the fields of conditions and container statuses that are never left out."""
    status = body.get("status", {})
    for condition in status.get("conditions", []):
        condition.setdefault("lastProbeTime", None)
        condition.setdefault("lastTransitionTime", None)
    for name in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for container in status.get(name, []):
            container.setdefault("state", {})
            container.setdefault("lastState", {})
            container.setdefault("imageID", "")


def admit_pod(body: JsonObject) -> None:
    """Add what admission adds: tolerations, for a while, of nodes that are not ready or not reachable."""
    tolerate_lost_nodes(body["spec"], seconds=_TOLERATED_SECONDS)


def tolerate_lost_nodes(spec: JsonObject, *, seconds: int) -> None:
    """Let a pod stay so long on a node that is not ready or not reachable, unless it says itself how long."""
    tolerations = spec.setdefault("tolerations", [])
    for key in _TOLERATED_TAINTS:
        if not any(_tolerates_eviction(toleration, key) for toleration in tolerations):
            tolerations.append(
                {
                    "key": key,
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": seconds,
                }
            )


def _tolerates_eviction(toleration: JsonObject, key: str) -> bool:
    any_effect = toleration.get("effect", "NoExecute") == "NoExecute"
    return any_effect and bool(toleration.get("key", key) == key)


def default_pod_spec(spec: JsonObject) -> None:
    """Default the spec of a pod or of a template."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        # Two names of one field; clients of both kinds find it.
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for containers in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(containers, ()):
            _default_container(container)
    for volume in spec.get("volumes", []):
        _default_volume(volume)


def _default_container(container: JsonObject) -> None:
    container.setdefault("resources", {})
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    if container.get("image"):
        container.setdefault("imagePullPolicy", "Always" if _is_latest(container["image"]) else "IfNotPresent")
    for port in container.get("ports", []):
        port.setdefault("protocol", "TCP")
    for variable in container.get("env", []):
        if "valueFrom" in variable:
            _default_reference(variable["valueFrom"])
    for name in _PROBES:
        if name in container:
            _default_probe(container[name])
    for hook in container.get("lifecycle", {}).values():
        if isinstance(hook, dict):
            _default_handler(hook)


def _is_latest(image: str) -> bool:
    if "@" in image:
        return False
    _, _, tag = image.rpartition("/")[2].partition(":")
    return tag in ("", "latest")


def _default_reference(source: JsonObject) -> None:
    if "fieldRef" in source:
        source["fieldRef"].setdefault("apiVersion", "v1")
    if "resourceFieldRef" in source:
        source["resourceFieldRef"].setdefault("divisor", "0")


def _default_handler(handler: JsonObject) -> None:
    if "httpGet" in handler:
        handler["httpGet"].setdefault("path", "/")
        handler["httpGet"].setdefault("scheme", "HTTP")


def _default_probe(probe: JsonObject) -> None:
    _default_handler(probe)
    if "grpc" in probe:
        probe["grpc"].setdefault("service", "")
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)


def _default_volume(volume: JsonObject) -> None:
    if len(volume) == ("name" in volume):
        volume["emptyDir"] = {}
    for source in ("configMap", "secret", "downwardAPI", "projected"):
        if source in volume:
            volume[source].setdefault("defaultMode", _DEFAULT_MODE)
    for source in (volume.get("downwardAPI", {}), *volume.get("projected", {}).get("sources", [])):
        for item in source.get("items", source.get("downwardAPI", {}).get("items", [])):
            _default_reference(item)
        if "serviceAccountToken" in source:
            source["serviceAccountToken"].setdefault("expirationSeconds", _TOKEN_LIFE_S)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")


def qos_class(spec: JsonObject) -> str:
    """Guaranteed, Burstable or BestEffort, from the cpu and memory of all containers."""
    containers = [*spec.get("initContainers", []), *spec.get("containers", [])]
    guaranteed, anything = bool(containers), False
    for container in containers:
        resources = container.get("resources", {})
        limits, requests = resources.get("limits", {}), resources.get("requests", {})
        for name in ("cpu", "memory"):
            limit, request = value(limits.get(name, 0)), value(requests.get(name, 0))
            anything = anything or limit > 0 or request > 0
            guaranteed = guaranteed and limit > 0 and limit == request
    if not anything:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"
