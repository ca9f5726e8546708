"""What runs on an emulated node now: its cores, its containers, its images. Kubelet and telemetry share it."""

from __future__ import annotations

from typing import Protocol

from galileo_emulation.functions.node_cpu import NodeCpu
from galileo_emulation.specification import NodeSpec

SYSTEM_MEMORY_SHARE = 0.05
"""Part of a node's memory that its system occupies, whatever runs on it."""


class MemoryUser(Protocol):
    """A container, as far as memory goes."""

    @property
    def memory_bytes(self) -> int: ...


class NodeRuntime:
    """The inside of one node. `containers` maps the 64 hex digits of a container's id to the container."""

    def __init__(self, spec: NodeSpec, ip: str) -> None:
        self.spec = spec
        self.ip = ip
        self.cpu = NodeCpu(cores=spec.cores, speed=spec.speed)
        self.containers: dict[str, MemoryUser] = {}
        self.alive = True
        self._image_ready_at: dict[str, float] = {}

    def image_ready_at(self, image: str, *, now: float, pull_s: float) -> float:
        """When the image is on the node; the first who asks starts the pull."""
        return self._image_ready_at.setdefault(image, now + pull_s)

    def used_memory_bytes(self) -> int:
        """What the system and all containers occupy, at most what the node has."""
        used = int(self.spec.memory_bytes * SYSTEM_MEMORY_SHARE)
        used += sum(container.memory_bytes for container in self.containers.values())
        return min(used, self.spec.memory_bytes)
