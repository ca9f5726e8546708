"""The shell: keeps what is known of nodes and pods, places pending pods one after the other, binds them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass

from galileo_backends.kubernetes.errors import ApiError, Conflict, NotFound, ServerUnavailable
from galileo_backends.kubernetes.interface import Kubernetes
from galileo_backends.kubernetes.objects import event_about
from galileo_bus.service import Service, Settings, setting, watch
from galileo_context.feed import POD_EVENTS
from galileo_context.latencies import Latencies, parse_graph
from galileo_schemas.events import (
    ClusterInventory,
    LatencyUpdate,
    NodeUpdate,
    PodBound,
    PodState,
    PodUnschedulable,
    Resync,
)
from galileo_schemas.labels import FUNCTION

from galileo_services.scheduler_binder.delay_bounds import zone_of_node
from galileo_services.scheduler_binder.node_usage import NodeUsage, has_ended
from galileo_services.scheduler_binder.placement import Refusal, place
from galileo_services.scheduler_binder.queue import PendingQueue, may_take_more


@dataclass(frozen=True)
class SchedulerBinderSettings(Settings):
    scheduler_names: tuple[str, ...] = setting(
        ("custom-scheduler",), "scheduler_binder_names", doc="schedulerName values that this scheduler serves"
    )


class SchedulerBinder(Service):
    """Says `pod_bound` and `pod_unschedulable`; acts on Kubernetes bindings."""

    name = "scheduler_binder"
    elected = True
    settings: SchedulerBinderSettings

    def requires(self) -> tuple[type[object], ...]:
        return (Kubernetes,)

    async def started(self) -> None:
        self._kubernetes = self.backend(Kubernetes)
        self._queue = PendingQueue(self.settings.scheduler_names)
        self._usage = NodeUsage()
        self._nodes: dict[str, NodeUpdate] = {}
        self._latencies = Latencies(zone_of=self._zone_of)
        self._wake = asyncio.Event()
        self._informed = False
        self._unanswered: dict[str, set[str]] = {}
        """By pod uid, the nodes of bindings that got no answer: one of them may have taken place."""

    async def joined(self) -> None:
        await self.bus.say(Resync(wants=["nodes", "pods", "latencies"]))

    async def rejoined(self) -> None:
        await self.bus.say(Resync(wants=["nodes", "pods", "latencies"]))

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._schedule()]

    def ready(self) -> str | None:
        return None if self._informed else "no cluster inventory heard yet"

    def figures(self) -> dict[str, float]:
        return {"waiting": float(len(self._queue))}

    # ------------------------------------------------------------ what is known

    @watch(*POD_EVENTS)
    async def note_pod(self, pod: PodState) -> None:
        self._queue.note(pod, self.now())
        self._wake.set()
        if self._usage.note_pod(pod):
            self._queue.retry_all(self.now())
        if pod.node_name or has_ended(pod):
            asked = self._unanswered.pop(pod.pod_uid, ())
            if pod.node_name in asked:  # nobody else binds pods of our names
                await self._tell_binding(pod, pod.node_name)

    @watch(NodeUpdate)
    async def note_node(self, node: NodeUpdate) -> None:
        if may_take_more(self._nodes.get(node.name), node):
            self._queue.retry_all(self.now())
            self._wake.set()
        self._nodes[node.name] = node
        if not node.present:
            del self._nodes[node.name]

    @watch(LatencyUpdate)
    async def note_latencies(self, event: LatencyUpdate) -> None:
        for origin, row in parse_graph(event.latencies, source="latency_update").items():
            for destination, ms in row.items():
                self._latencies.update(origin, destination, ms)
        self._queue.retry_all(self.now())
        self._wake.set()

    @watch(ClusterInventory)
    async def note_inventory(self, event: ClusterInventory) -> None:
        """The last of what is said again: before it, not all nodes are known and a choice could be a poor one."""
        self._queue.forget_absent(event)
        if self._usage.forget_absent(event):
            self._queue.retry_all(self.now())
        present = set(event.nodes)
        self._nodes = {name: node for name, node in self._nodes.items() if name in present}
        self._informed = True
        self._wake.set()

    def _zone_of(self, name: str) -> str | None:
        node = self._nodes.get(name)
        return None if node is None else zone_of_node(node)

    # ------------------------------------------------------------ placing

    async def _schedule(self) -> None:
        while True:
            await self._wait()
            if not self._informed:
                continue
            for pod in self._queue.due(self.now()):
                await self._place(pod)

    async def _wait(self) -> None:
        due = self._queue.next_due if self._informed else None
        try:
            async with asyncio.timeout(None if due is None else max(0.0, due - self.now())):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _place(self, pod: PodState) -> None:
        choice = place(pod, self._nodes.values(), self._usage, self._latencies.between)
        if isinstance(choice, Refusal):
            if self._queue.refused(pod.pod_uid, self.now(), choice.message):
                await self._tell_refusal(pod, choice.message)
            return
        self._queue.binding(pod.pod_uid)
        self._usage.assume(pod, choice.node)
        try:
            await self._kubernetes.bind(pod.namespace, pod.name, choice.node, uid=pod.pod_uid)
        except (Conflict, NotFound) as error:
            # Somebody was faster, or the pod is gone: the next event about it tells which.
            self.log.info("pod %s/%s was not bound to %s: %s", pod.namespace, pod.name, choice.node, error)
            self._usage.forget(pod.pod_uid)
            self._queue.refused(pod.pod_uid, self.now(), str(error))
            return
        except ApiError as error:
            self.log.warning("pod %s/%s is not bound yet: %s", pod.namespace, pod.name, error)
            if isinstance(error, ServerUnavailable):
                self._unanswered.setdefault(pod.pod_uid, set()).add(choice.node)
            self._usage.forget(pod.pod_uid)
            self._queue.refused(pod.pod_uid, self.now(), str(error))
            return
        self._unanswered.pop(pod.pod_uid, None)
        await self._tell_binding(pod, choice.node)

    async def _tell_binding(self, pod: PodState, node: str) -> None:
        zone = self._zone_of(node) or ""
        await self.bus.say(
            PodBound(
                pod=pod.name,
                namespace=pod.namespace,
                fn=pod.labels.get(FUNCTION, ""),
                uid=pod.pod_uid,
                node=node,
                zone=zone,
                scheduler=pod.scheduler_name,
            ),
            cause=(pod.cause,) if pod.cause else (),
        )
        await self._record(pod, "Scheduled", f"Successfully assigned {pod.namespace}/{pod.name} to {node}")

    async def _tell_refusal(self, pod: PodState, message: str) -> None:
        self.log.warning("pod %s/%s stays pending: %s", pod.namespace, pod.name, message)
        await self.bus.say(
            PodUnschedulable(
                pod=pod.name,
                namespace=pod.namespace,
                fn=pod.labels.get(FUNCTION, ""),
                uid=pod.pod_uid,
                message=message,
                scheduler=pod.scheduler_name,
            ),
            cause=(pod.cause,) if pod.cause else (),
        )
        await self._record(pod, "FailedScheduling", message, warning=True)

    async def _record(self, pod: PodState, reason: str, message: str, *, warning: bool = False) -> None:
        about = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": pod.name, "namespace": pod.namespace, "uid": pod.pod_uid},
        }
        event = event_about(
            about, reason=reason, message=message, component=pod.scheduler_name, now_s=self.now(), warning=warning
        )
        try:
            await self._kubernetes.create_event(pod.namespace, event)
        except ApiError as error:
            self.log.info("the Kubernetes event %s of %s was not taken: %s", reason, pod.name, error)
