"""The kubelets of all emulated nodes: one watch over all pods, one worker for each bound pod, one heartbeat.

    watch -> pods by uid -> PodWorker of the pod (a task of this fleet) -> status, events, removal

A fault in a worker ends the fleet, and so the world: nothing goes on quietly with a pod that nobody takes care of.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from galileo_emulation.kubelets.bound_pod import BoundPod, UnreadablePodError, read_pod
from galileo_emulation.kubelets.node_objects import node_conditions, node_object, node_status
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.pod_api import PodEvent
from galileo_emulation.kubelets.pod_worker import PodWorker
from galileo_emulation.kubelets.surroundings import Surroundings

log = logging.getLogger(__name__)


class UnknownNodeError(LookupError):
    """A node that this world does not have."""


class KubeletFleet:
    """Kubelets for `nodes`. `run` does all the work until it is cancelled."""

    def __init__(self, world: Surroundings, nodes: Mapping[str, NodeRuntime]) -> None:
        self._world = world
        self._nodes = nodes
        self._pods: dict[str, BoundPod] = {}
        self._workers: dict[str, tuple[PodWorker, asyncio.Task[None]]] = {}
        self._restarts: dict[str, int] = {}
        self._ready_since: dict[str, float] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self.registered = asyncio.Event()

    async def run(self) -> None:
        """Register the nodes, then follow the pods. Ends only by an error or by being cancelled."""
        for node in self._nodes.values():
            await self._register(node)
        self.registered.set()
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self._heartbeats(), name="kubelet heartbeats")
            async for event in self._world.api.watch_pods():
                await self._pod_event(event)
            raise RuntimeError("the watch over pods ended, which it never should")

    async def kill_node(self, name: str) -> None:
        """Let a node fail at once: its servers stop without a word, its heartbeat and telemetry cease."""
        node = self._node(name)
        node.alive = False
        gone = [uid for uid, (worker, _) in self._workers.items() if worker.pod.node == name]
        tasks = [self._workers.pop(uid)[1] for uid in gone]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def restore_node(self, name: str) -> None:
        """Bring a node back: it registers again and restarts the containers of the pods that are still bound to it."""
        node = self._node(name)
        if node.alive:
            return
        node.alive = True
        await self._register(node)
        for pod in list(self._pods.values()):
            if pod.node == name:
                self._restarts[pod.uid] = self._restarts.get(pod.uid, 0) + 1
                self._begin(pod, node)

    def _node(self, name: str) -> NodeRuntime:
        if name not in self._nodes:
            raise UnknownNodeError(f"no node {name!r}; there are {', '.join(sorted(self._nodes))}")
        return self._nodes[name]

    async def _register(self, node: NodeRuntime) -> None:
        now, name = self._world.now(), node.spec.name
        self._ready_since[name] = now
        # A node that is known keeps its labels, taints and cordon, as after a reboot.
        if not await self._world.api.patch_node_status(name, node_status(node.spec, ip=node.ip, now=now)):
            await self._world.api.put_node(node_object(node.spec, ip=node.ip, now=now))

    async def _heartbeats(self) -> None:
        while True:
            await asyncio.sleep(self._world.spec.heartbeat_period_s)
            for name, node in self._nodes.items():
                if node.alive:
                    conditions = node_conditions(now=self._world.now(), ready_since=self._ready_since[name])
                    if not await self._world.api.patch_node_status(name, {"conditions": conditions}):
                        log.warning("node %s: its object is gone; restore the node to register it again", name)

    async def _pod_event(self, event: PodEvent) -> None:
        try:
            pod = read_pod(event.pod)
        except UnreadablePodError as error:
            log.warning("%s; the pod is left alone", error)
            return
        if pod is None or pod.node not in self._nodes:
            return
        if event.type == "DELETED":
            self._forget(pod.uid)
        elif pod.phase not in ("Succeeded", "Failed") or pod.uid in self._workers:
            self._pods[pod.uid] = pod
            self._take_care(pod)

    def _take_care(self, pod: BoundPod) -> None:
        node = self._nodes[pod.node]
        if pod.uid in self._workers:
            self._workers[pod.uid][0].update(pod)
        elif node.alive:
            self._begin(pod, node)

    def _begin(self, pod: BoundPod, node: NodeRuntime) -> None:
        assert self._tasks is not None
        worker = PodWorker(pod, node=node, world=self._world, restart_count=self._restarts.get(pod.uid, 0))
        task = self._tasks.create_task(worker.run(), name=f"kubelet {node.spec.name}: pod {pod.namespace}/{pod.name}")
        self._workers[pod.uid] = (worker, task)

    def _forget(self, uid: str) -> None:
        self._pods.pop(uid, None)
        self._restarts.pop(uid, None)
        worker = self._workers.pop(uid, None)
        if worker is not None:
            worker[1].cancel()
