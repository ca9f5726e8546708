"""What the kubelets say of their nodes: that they are there, that they live, and whether memory is short.

    start, restore -> node object                       every heartbeat period -> conditions
    four times in a lease's duration -> lease           memory pressure came or went -> conditions at once

A node that failed says nothing. Tainting and evicting because of that silence is for a node life-cycle controller.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from galileo_emulation.kubelets.node_objects import node_conditions, node_object, node_status
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.kubernetes.apiobjects import JsonObject

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Said:
    """Since when a node is ready, and since when its memory is said to be short or not (unix seconds)."""

    ready_since: float
    memory_since: float


class NodeKeeper:
    """Speaks for all nodes; `run` goes on until it is cancelled."""

    def __init__(self, world: Surroundings, nodes: Mapping[str, NodeRuntime]) -> None:
        self._world = world
        self._nodes = nodes
        self._said: dict[str, _Said] = {}

    async def register(self, node: NodeRuntime) -> None:
        """Say that a node is there and well. A known one keeps its labels, taints and cordon, as after a reboot."""
        now, name = self._world.now(), node.spec.name
        self._said[name] = _Said(now, now)
        node.memory_pressure = False
        if not await self._world.api.patch_node_status(name, node_status(node.spec, ip=node.ip, now=now)):
            await self._world.api.put_node(node_object(node.spec, ip=node.ip, now=now))
        await self._world.api.renew_lease(name, duration_s=self._world.spec.lease_duration_s)

    async def run(self) -> None:
        """Heartbeats and leases. A late one does not delay the following ones."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._heartbeats(), name="kubelet heartbeats")
            tasks.create_task(self._leases(), name="kubelet leases")

    async def say_memory(self, node: NodeRuntime) -> None:
        """Whether the node is short of memory has changed."""
        name, now = node.spec.name, self._world.now()
        self._said[name].memory_since = now
        await self._say_conditions(node, now)
        reason = "NodeHasInsufficientMemory" if node.memory_pressure else "NodeHasSufficientMemory"
        await self.event(name, reason, f"Node {name} status is now: {reason}", "Normal")

    async def event(self, name: str, reason: str, message: str, kind: str) -> None:
        """Record an event about a node."""
        regarding: JsonObject = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": name}}
        await self._world.api.record_event(
            regarding=regarding, reason=reason, message=message, type=kind, component="kubelet", host=name
        )

    async def _heartbeats(self) -> None:
        while True:
            await asyncio.sleep(self._world.spec.heartbeat_period_s)
            for node in self._nodes.values():
                if node.alive:
                    await self._say_conditions(node, self._world.now())

    async def _say_conditions(self, node: NodeRuntime, now: float) -> None:
        name = node.spec.name
        said = self._said[name]
        conditions = node_conditions(
            now=now,
            ready_since=said.ready_since,
            short_of_memory=node.memory_pressure,
            memory_since=said.memory_since,
        )
        if not await self._world.api.patch_node_status(name, {"conditions": conditions}):
            log.warning("node %s: its object is gone; restore the node to register it again", name)

    async def _leases(self) -> None:
        loop, spec = asyncio.get_running_loop(), self._world.spec
        due = loop.time()
        while True:
            due = max(due + spec.lease_renewal_s, loop.time())
            await asyncio.sleep(due - loop.time())
            for name, node in self._nodes.items():
                if node.alive:
                    await self._world.api.renew_lease(name, duration_s=spec.lease_duration_s)
