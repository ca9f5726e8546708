"""The Node objects that kubelets register, and the conditions that are their heartbeat."""

from __future__ import annotations

from galileo_schemas import labels

from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp
from galileo_emulation.specification import NodeSpec

KUBELET_VERSION = "v1.36.0"


def node_object(spec: NodeSpec, *, ip: str, now: float) -> JsonObject:
    """The node as its kubelet registers it; `now` is unix time in seconds."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": spec.name, "labels": node_labels(spec)},
        "spec": {"taints": taints} if (taints := node_taints(spec)) else {},
        "status": node_status(spec, ip=ip, now=now),
    }


def node_labels(spec: NodeSpec) -> dict[str, str]:
    """The labels of the specification and those that follow from it; the former win."""
    return {
        labels.HOSTNAME: spec.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": spec.architecture,
        labels.ZONE: spec.zone,
        **{f"{labels.ROLE_PREFIX}{role}": "true" for role in sorted(spec.roles)},
        **spec.labels,
    }


def node_taints(spec: NodeSpec) -> list[JsonObject]:
    """What keeps pods off that are not of the node's role, as a control plane's nodes have it."""
    return [{"key": f"{labels.ROLE_PREFIX}{role}", "effect": "NoSchedule"} for role in sorted(spec.reserved)]


def node_resources(spec: NodeSpec) -> dict[str, str]:
    """Capacity as Kubernetes quantities; all of it can be allocated."""
    millicores = round(spec.cores * 1000)
    return {
        "cpu": str(millicores // 1000) if millicores % 1000 == 0 else f"{millicores}m",
        "memory": f"{spec.memory_bytes // 1024}Ki",
        "pods": str(spec.max_pods),
    }


def node_status(spec: NodeSpec, *, ip: str, now: float) -> JsonObject:
    """The whole status of a node that is well."""
    return {
        "capacity": node_resources(spec),
        "allocatable": node_resources(spec),
        "addresses": [{"type": "InternalIP", "address": ip}, {"type": "Hostname", "address": spec.name}],
        "nodeInfo": {
            "architecture": spec.architecture,
            "operatingSystem": "linux",
            "kubeletVersion": KUBELET_VERSION,
            "containerRuntimeVersion": "containerd://2.0.0",
            "osImage": "emulated",
        },
        "conditions": node_conditions(now=now, ready_since=now),
    }


_READY = ("True", "KubeletReady", "kubelet is posting ready status")
_SUFFICIENT = {
    "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
}
_SHORT_OF_MEMORY = ("True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")


def node_conditions(
    *, now: float, ready_since: float, short_of_memory: bool = False, memory_since: float | None = None
) -> list[JsonObject]:
    """The conditions of a node whose kubelet runs since `ready_since`, with the time of this heartbeat.

    `memory_since` tells when it was last said otherwise whether the node is short of memory.
    """
    kinds = {**_SUFFICIENT, "Ready": _READY}
    if short_of_memory:
        kinds["MemoryPressure"] = _SHORT_OF_MEMORY
    since = {"MemoryPressure": ready_since if memory_since is None else memory_since}
    return [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": timestamp(now),
            "lastTransitionTime": timestamp(since.get(kind, ready_since)),
        }
        for kind, (status, reason, message) in kinds.items()
    ]
