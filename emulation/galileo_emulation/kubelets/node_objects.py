"""The Node objects that kubelets register, and the conditions that are their heartbeat."""

from __future__ import annotations

from galileo_schemas import labels

from galileo_emulation.kubelets.pod_status import timestamp
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.specification import NodeSpec

KUBELET_VERSION = "v1.36.0"


def node_object(spec: NodeSpec, *, ip: str, now: float) -> JsonObject:
    """The node as its kubelet registers it; `now` is unix time in seconds."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": spec.name, "labels": node_labels(spec)},
        "spec": {},
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


def node_conditions(*, now: float, ready_since: float) -> list[JsonObject]:
    """The conditions of a node that is well, with the time of this heartbeat."""
    kinds = {
        "MemoryPressure": ("False", "KubeletHasSufficientMemory"),
        "DiskPressure": ("False", "KubeletHasNoDiskPressure"),
        "PIDPressure": ("False", "KubeletHasSufficientPID"),
        "Ready": ("True", "KubeletReady"),
    }
    return [
        {
            "type": kind,
            "status": status,
            "reason": reason,
            "lastHeartbeatTime": timestamp(now),
            "lastTransitionTime": timestamp(ready_since),
        }
        for kind, (status, reason) in kinds.items()
    ]
