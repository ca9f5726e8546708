"""What the API adds to namespaces, nodes, deployments, leases and events; other kinds have files of their own."""

from ..apiobjects import JsonObject
from ..kind import Surroundings
from .pod_defaults import default_pod_spec

_NODE_INFO = (
    "machineID",
    "systemUUID",
    "bootID",
    "kernelVersion",
    "osImage",
    "containerRuntimeVersion",
    "kubeletVersion",
    "kubeProxyVersion",
    "operatingSystem",
    "architecture",
)
NOT_READY_TAINT = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def default_namespace(body: JsonObject) -> None:
    """A label with its own name."""
    name = body["metadata"].get("name")
    if name:
        body["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = name


def set_up_namespace(body: JsonObject, surroundings: Surroundings) -> None:
    """The finalizer of the namespace controller, phase Active."""
    body["spec"] = {"finalizers": ["kubernetes"]}
    body["status"] = {"phase": "Active"}


def carry_namespace(new: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """What holds a namespace is changed through its subresource finalize only."""
    new["spec"] = {name: list(finalizers) for name, finalizers in old.get("spec", {}).items()}


def set_up_node(body: JsonObject, surroundings: Surroundings) -> None:
    """Admission taints a new node as not ready, whatever its conditions say; a controller takes the taint off."""
    taints = body.setdefault("spec", {}).setdefault("taints", [])
    if not any(
        taint.get("key") == NOT_READY_TAINT["key"] and taint.get("effect") == NOT_READY_TAINT["effect"]
        for taint in taints
    ):
        taints.append(dict(NOT_READY_TAINT))


def default_node(body: JsonObject) -> None:
    """Fields of a node that are never left out; podCIDRs follows podCIDR; allocatable starts as capacity."""
    spec = body.setdefault("spec", {})
    if "podCIDR" in spec and "podCIDRs" not in spec:
        spec["podCIDRs"] = [spec["podCIDR"]]
    status = body.setdefault("status", {})
    if "capacity" in status and "allocatable" not in status:
        status["allocatable"] = dict(status["capacity"])
    endpoints = status.setdefault("daemonEndpoints", {})
    endpoints.setdefault("kubeletEndpoint", {}).setdefault("Port", 0)
    info = status.setdefault("nodeInfo", {})
    for name in _NODE_INFO:
        info.setdefault(name, "")


def default_deployment(body: JsonObject) -> None:
    """Replicas, strategy, limits, and the template's pod."""
    spec = body.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def default_lease(body: JsonObject) -> None:
    """A lease always has a spec."""
    body.setdefault("spec", {})


def default_event(body: JsonObject) -> None:
    """Fields of an event that are never left out, empty where nothing was sent."""
    body.setdefault("involvedObject", {})
    body.setdefault("source", {})
    for name in ("firstTimestamp", "lastTimestamp", "eventTime"):
        body.setdefault(name, None)
    body.setdefault("reportingComponent", "")
    body.setdefault("reportingInstance", "")
