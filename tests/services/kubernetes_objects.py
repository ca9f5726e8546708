"""Nodes and pods as the Kubernetes API keeps them, with as few words as a test needs."""

from __future__ import annotations

from collections.abc import Mapping

from galileo_backends.kubernetes.interface import JsonObject
from galileo_backends.kubernetes.memory import MemoryKubernetes
from galileo_backends.kubernetes.resources import NODES, PODS
from galileo_schemas.labels import CAUSE_ANNOTATION, FUNCTION, TYPE_GATEWAY, ZONE

SCHEDULER = "custom-scheduler"


def node_object(name: str, zone: str = "zone-a", *, cpu: str = "4", ready: bool = True) -> JsonObject:
    return {
        "metadata": {"name": name, "labels": {ZONE: zone}},
        "spec": {},
        "status": {
            "allocatable": {"cpu": cpu, "memory": "8Gi", "pods": "110"},
            "addresses": [{"type": "InternalIP", "address": "192.168.0.1"}],
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
        },
    }


def pod_object(
    name: str,
    fn: str = "resnet",
    *,
    labels: Mapping[str, str] | None = None,
    image: str = "edgerun/resnet:1",
    cpu: str = "500m",
    cause: str = "",
) -> JsonObject:
    container = {
        "name": fn,
        "image": image,
        "ports": [{"containerPort": 8080}],
        "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}},
    }
    return {
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": {FUNCTION: fn, "type": "fn"} if labels is None else dict(labels),
            "annotations": {CAUSE_ANNOTATION: cause} if cause else {},
        },
        "spec": {"schedulerName": SCHEDULER, "containers": [container]},
    }


async def add_node(kubernetes: MemoryKubernetes, name: str, zone: str = "zone-a", *, cpu: str = "4") -> None:
    await kubernetes.create(NODES, node_object(name, zone, cpu=cpu))


async def set_ready(kubernetes: MemoryKubernetes, name: str, *, ready: bool) -> None:
    """What a kubelet says of its node, or a controller of one that it has not heard of for long."""
    condition = {"type": "Ready", "status": "True" if ready else "Unknown"}
    await kubernetes.patch_status(NODES, name, {"status": {"conditions": [condition]}})


async def add_pod(kubernetes: MemoryKubernetes, pod: JsonObject) -> JsonObject:
    return await kubernetes.create(PODS, pod, namespace="default")


async def run_pod(kubernetes: MemoryKubernetes, name: str, node: str, ip: str) -> None:
    """What a kubelet does: binds it where nobody has, and reports that it is ready."""
    pod = await kubernetes.get(PODS, name, namespace="default")
    if not pod["spec"].get("nodeName"):
        await MemoryKubernetes.bind(kubernetes, "default", name, node)
    container = pod["spec"]["containers"][0]["name"]
    status = {
        "phase": "Running",
        "podIP": ip,
        "hostIP": "192.168.0.1",
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": container, "containerID": f"containerd://{int(ip.replace('.', '')):012d}"}],
    }
    await kubernetes.patch_status(PODS, name, {"status": status}, namespace="default")


async def add_running_pod(
    kubernetes: MemoryKubernetes, name: str, node: str, ip: str, fn: str = "resnet", *, cause: str = ""
) -> None:
    await add_pod(kubernetes, pod_object(name, fn, cause=cause))
    await run_pod(kubernetes, name, node, ip)


async def add_gateway(kubernetes: MemoryKubernetes, name: str, node: str, ip: str) -> None:
    await add_pod(kubernetes, pod_object(name, "gateway", labels={"type": TYPE_GATEWAY}, image="edgerun/gateway:1"))
    await run_pod(kubernetes, name, node, ip)
