"""The kubelets of all emulated nodes: one watch over all pods, one worker for each bound pod.

    watch -> pods by uid -> PodWorker of the pod (a task of this fleet) -> status, events, removal
    memory of the nodes, looked at every second -> pressure told, pods evicted

A fault in a worker ends the fleet, and so the world: nothing goes on quietly with a pod that nobody takes care of.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from galileo_emulation.kubelets.bound_pod import BoundPod, UnreadablePodError, read_pod
from galileo_emulation.kubelets.eviction import (
    MemoryPressure,
    eviction_message,
    first_to_evict,
    threshold_bytes,
)
from galileo_emulation.kubelets.node_keeper import NodeKeeper
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.pod_api import PodEvent
from galileo_emulation.kubelets.pod_record import PodRecord
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
        self._keeper = NodeKeeper(world, nodes)
        self._pods: dict[str, BoundPod] = {}
        self._records: dict[str, PodRecord] = {}
        self._workers: dict[str, tuple[PodWorker, asyncio.Task[None]]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        linger_s = world.spec.pressure_transition_s
        self._pressure = {name: MemoryPressure(linger_s) for name in nodes}
        self.registered = asyncio.Event()

    async def run(self) -> None:
        """Register the nodes, then follow the pods. Ends only by an error or by being cancelled."""
        for node in self._nodes.values():
            await self._keeper.register(node)
        self.registered.set()
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self._keeper.run(), name="kubelets' word about their nodes")
            self._tasks.create_task(self._watch_memory(), name="kubelets' eyes on memory")
            async for event in self._world.api.watch_pods():
                self._pod_event(event)
            raise RuntimeError("the watch over pods ended, which it never should")

    async def kill_node(self, name: str) -> None:
        """Let a node fail at once: its servers stop without a word, its lease, heartbeat and telemetry cease."""
        node = self.node(name)
        node.alive = False
        gone = [uid for uid, (worker, _) in self._workers.items() if worker.pod.node == name]
        tasks = [self._workers.pop(uid)[1] for uid in gone]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for pod in self._pods.values():
            if pod.node == name:
                self._records[pod.uid].node_failed(now=self._world.now())

    async def restore_node(self, name: str) -> None:
        """Bring a node back: it registers again and starts the containers of the pods that are still bound to it; those
        that were deleted meanwhile are removed."""
        node = self.node(name)
        if node.alive:
            return
        node.alive = True
        self._pressure[name] = MemoryPressure(self._world.spec.pressure_transition_s)
        await self._keeper.register(node)
        for pod in sorted(self._pods.values(), key=lambda pod: (pod.created, pod.name)):
            if pod.node == name:
                self._begin(pod, node)

    def node(self, name: str) -> NodeRuntime:
        """A node by name. Raises UnknownNodeError."""
        if name not in self._nodes:
            raise UnknownNodeError(f"no node {name!r}; there are {', '.join(sorted(self._nodes))}")
        return self._nodes[name]

    def find(self, namespace: str, name: str) -> tuple[BoundPod, PodRecord] | None:
        """A pod that is bound to one of the nodes, and what is remembered of it."""
        for pod in self._pods.values():
            if (pod.namespace, pod.name) == (namespace, name):
                return pod, self._records[pod.uid]
        return None

    def _pod_event(self, event: PodEvent) -> None:
        try:
            pod = read_pod(event.pod)
        except UnreadablePodError as error:
            log.warning("%s; the pod is left alone", error)
            return
        if pod is None or pod.node not in self._nodes:
            return
        if event.type == "DELETED":
            self._forget(pod.uid)
            return
        self._pods[pod.uid] = pod
        if pod.uid not in self._records:
            self._records[pod.uid] = PodRecord(self._world.now())
        if pod.uid in self._workers:
            self._workers[pod.uid][0].update(pod)
        elif self._nodes[pod.node].alive:
            self._begin(pod, self._nodes[pod.node])

    def _begin(self, pod: BoundPod, node: NodeRuntime) -> None:
        record = self._records[pod.uid]
        if pod.ended or record.ended:
            return
        assert self._tasks is not None
        worker = PodWorker(pod, record, node=node, world=self._world)
        task = self._tasks.create_task(worker.run(), name=f"kubelet {node.spec.name}: pod {pod.namespace}/{pod.name}")
        self._workers[pod.uid] = (worker, task)
        task.add_done_callback(lambda done: self._worker_ended(done, worker))

    def _worker_ended(self, task: asyncio.Task[None], worker: PodWorker) -> None:
        """The pod has ended for good, unless its node failed or it was removed by force."""
        if not task.cancelled():
            worker.record.ended = True
            self._workers.pop(worker.pod.uid, None)

    def _forget(self, uid: str) -> None:
        self._pods.pop(uid, None)
        self._records.pop(uid, None)
        worker = self._workers.pop(uid, None)
        if worker is not None:
            worker[1].cancel()

    # ------------------------------------------------------------ memory

    async def _watch_memory(self) -> None:
        while True:
            await asyncio.sleep(self._world.spec.eviction_check_s)
            for name, node in self._nodes.items():
                if node.alive:
                    await self._look_at_memory(node, self._pressure[name])

    async def _look_at_memory(self, node: NodeRuntime, pressure: MemoryPressure) -> None:
        memory_bytes = node.spec.memory_bytes
        threshold = threshold_bytes(self._world.spec.eviction_threshold_bytes, memory_bytes=memory_bytes)
        available = memory_bytes - node.used_memory_bytes()
        short = available < threshold
        if pressure.note(short=short, now=asyncio.get_running_loop().time()):
            node.memory_pressure = pressure.holds
            await self._keeper.say_memory(node)
        if not short:
            return
        await self._keeper.event(node.spec.name, "EvictionThresholdMet", "Attempting to reclaim memory", "Warning")
        workers = [worker for worker, _ in self._workers.values() if worker.pod.node == node.spec.name]
        in_use = {worker.pod.uid: (worker, worker.memory) for worker in workers}
        victim = first_to_evict(memory for _, memory in in_use.values() if memory is not None)
        if victim is not None:
            in_use[victim.uid][0].evict(eviction_message(victim, threshold=threshold, available=available))
