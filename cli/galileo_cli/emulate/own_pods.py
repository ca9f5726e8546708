"""How programs of the emulation that run in a process of their own find the pods they are: by the Kubernetes API."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from galileo_backends.kubernetes.client import HttpKubernetes
from galileo_backends.kubernetes.connection import connect
from galileo_backends.kubernetes.interface import JsonObject, ListSnapshot
from galileo_backends.kubernetes.pod_state import pod_state
from galileo_backends.kubernetes.resources import NODES, PODS
from galileo_schemas.events import PodState
from galileo_schemas.labels import zone_of


@dataclass(frozen=True)
class OwnPod:
    """A pod whose program we are. `node_address` is what outgoing connections are bound to."""

    name: str
    zone: str
    node: str
    node_address: str
    ip: str
    port: int


async def await_pods(
    environ: Mapping[str, str], label_selector: str, *, zones: int, usable: Callable[[PodState], bool]
) -> list[OwnPod]:
    """Waits until each of `zones` pods that match the selector is bound and `usable`; one a zone, in order of zones."""
    async with HttpKubernetes(await connect(environ), rng=random.Random()) as kubernetes:
        found: dict[str, PodState] = {}
        async with aclosing(kubernetes.list_and_watch(PODS, label_selector=label_selector)) as changes:
            async for change in changes:
                objects = change.items if isinstance(change, ListSnapshot) else [change.object]
                for pod in map(pod_state, objects):
                    if pod.node_name and pod.host_ip and usable(pod):
                        found[zone_of(pod.labels)] = pod
                if len(found) >= zones:
                    break
        nodes = {node["metadata"]["name"]: node for node in (await kubernetes.list_all(NODES)).items}
    return [_own(pod, zone, nodes[pod.node_name]) for zone, pod in sorted(found.items())]


def _own(pod: PodState, zone: str, node: JsonObject) -> OwnPod:
    addresses = {row["type"]: row["address"] for row in node["status"]["addresses"]}
    ports = [container.port for container in pod.containers.values()]
    return OwnPod(
        name=pod.name,
        zone=zone,
        node=pod.node_name,
        node_address=addresses["InternalIP"],
        ip=pod.pod_ip,
        port=ports[0] if ports else -1,
    )
