"""What runs on an emulated node now: its cores, its containers, its images. Kubelet and telemetry share it."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from galileo_emulation.functions.node_cpu import NodeCpu
from galileo_emulation.kubelets.node_room import NodeRoom
from galileo_emulation.kubelets.resource_amounts import Amount
from galileo_emulation.specification import NodeSpec

SYSTEM_MEMORY_SHARE = 0.05
"""Part of a node's memory that its system occupies, whatever runs on it."""


class MemoryUser(Protocol):
    """A container, as far as memory goes."""

    @property
    def memory_bytes(self) -> int: ...


class ContainerName(NamedTuple):
    """What a container is called in the cluster."""

    namespace: str
    pod: str
    container: str


class NodeRuntime:
    """The inside of one node. `containers` maps the 64 hex digits of a container's id to the container, `names`
    to what it is called.

    `room` is what its pods have been given of it; `memory_pressure` tells that its kubelet says so.
    """

    def __init__(self, spec: NodeSpec, ip: str) -> None:
        self.spec = spec
        self.ip = ip
        self.cpu = NodeCpu(cores=spec.cores, speed=spec.speed)
        self.containers: dict[str, MemoryUser] = {}
        self.names: dict[str, ContainerName] = {}
        self.room = NodeRoom(Amount(spec.cores * 1000.0, spec.memory_bytes), max_pods=spec.max_pods)
        self.alive = True
        self.memory_pressure = False
        self._image_ready_at: dict[str, float] = {}

    def begin_container(self, container_id: str, container: MemoryUser, name: ContainerName) -> None:
        """A container runs from now on."""
        self.containers[container_id] = container
        self.names[container_id] = name

    def end_container(self, container_id: str) -> None:
        """A container, and all that it was working on, is gone."""
        self.containers.pop(container_id, None)
        self.names.pop(container_id, None)
        self.cpu.remove(container_id)

    def image_ready_at(self, image: str, *, now: float, pull_s: float) -> float:
        """When the image is on the node; the first who asks starts the pull."""
        return self._image_ready_at.setdefault(image, now + pull_s)

    def has_image(self, image: str, *, now: float) -> bool:
        """Whether the image has been pulled."""
        return self._image_ready_at.get(image, math.inf) <= now

    def used_memory_bytes(self) -> int:
        """What the system and all containers occupy, at most what the node has."""
        used = int(self.spec.memory_bytes * SYSTEM_MEMORY_SHARE)
        used += sum(container.memory_bytes for container in self.containers.values())
        return min(used, self.spec.memory_bytes)
