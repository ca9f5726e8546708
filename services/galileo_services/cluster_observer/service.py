"""The shell: lists and watches nodes and pods, says each change, says everything again every 30 s or when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from galileo_backends.kubernetes.interface import Kubernetes, ListSnapshot
from galileo_backends.kubernetes.pod_state import pod_state
from galileo_backends.kubernetes.resources import NODES, PODS
from galileo_bus.service import Service, Settings, every, on, setting
from galileo_bus.transport import TransportUnavailableError
from galileo_schemas.events import ClusterInventory, NodeUpdate, PodDelete, PodShutdown, PodState, Resync
from galileo_schemas.events.cluster import CLUSTER_TOPIC
from galileo_schemas.raw.node_info import node_info_key

from galileo_services.cluster_observer.node_view import node_info_fields, node_update
from galileo_services.cluster_observer.pod_transitions import as_event, current_event, events_for, is_ending

JsonObject = dict[str, Any]
REPEAT_AT_MOST_EVERY_S = 0.5


@dataclass(frozen=True)
class ClusterObserverSettings(Settings):
    repeat_interval: float = setting(30.0, "galileo_repeat_interval", doc="s between saying facts again", above=0)


class ClusterObserver(Service):
    """Says `node_update`, `pod/…` and `cluster_inventory`; writes labels and allocatable into `telemd.info:<node>`."""

    name = "cluster_observer"
    elected = True
    settings: ClusterObserverSettings

    def requires(self) -> tuple[type[object], ...]:
        return (Kubernetes,)

    async def started(self) -> None:
        self._kubernetes = self.backend(Kubernetes)
        self._nodes: dict[str, NodeUpdate] = {}
        self._pods: dict[str, PodState] = {}
        self._said_as: dict[str, str] = {}
        """By pod uid, the id of the event that said its present state."""
        self._draining: dict[str, PodShutdown] = {}
        """By pod uid, what an actor said who is about to delete the pod."""
        self._info_unwritten: set[str] = set()
        self._listed: set[str] = set()
        self._asked = asyncio.Event()

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._watch_pods(), self._watch_nodes(), self._answer_requests()]

    def ready(self) -> str | None:
        missing = {"nodes", "pods"} - self._listed
        return f"not listed yet: {', '.join(sorted(missing))}" if missing else None

    def figures(self) -> dict[str, float]:
        return {"nodes": float(len(self._nodes)), "pods": float(len(self._pods))}

    # ------------------------------------------------------------ pods

    async def _watch_pods(self) -> None:
        async with aclosing(self._kubernetes.list_and_watch(PODS)) as changes:
            async for change in changes:
                if isinstance(change, ListSnapshot):
                    present = [pod_state(pod) for pod in change.items]
                    uids = {pod.pod_uid for pod in present}
                    for gone in [pod for uid, pod in self._pods.items() if uid not in uids]:
                        await self._pod_gone(gone)
                    for pod in present:
                        await self._pod_changed(pod)
                    self._listed.add("pods")
                    # Records travel in batches: an inventory that overtook them would pass for the end of the list.
                    await self.bus.records.drain()
                    await self._say_inventory()
                elif change.type == "DELETED":
                    await self._pod_gone(pod_state(change.object))
                else:
                    await self._pod_changed(pod_state(change.object))

    async def _pod_changed(self, pod: PodState) -> None:
        for event in events_for(self._pods.get(pod.pod_uid), pod):
            self._said_as[pod.pod_uid] = await self.bus.say(event, cause=(pod.cause,) if pod.cause else ())
        self._pods[pod.pod_uid] = pod

    async def _pod_gone(self, pod: PodState) -> None:
        self._pods.pop(pod.pod_uid, None)
        self._said_as.pop(pod.pod_uid, None)
        self._draining.pop(pod.pod_uid, None)
        await self.bus.say(as_event(PodDelete, pod), cause=(pod.cause,) if pod.cause else ())

    # ------------------------------------------------------------ nodes

    async def _watch_nodes(self) -> None:
        async with aclosing(self._kubernetes.list_and_watch(NODES)) as changes:
            async for change in changes:
                if isinstance(change, ListSnapshot):
                    present = {update.name: update for update in map(node_update, change.items)}
                    for name in [name for name in self._nodes if name not in present]:
                        await self._node_gone(self._nodes[name])
                    for update in present.values():
                        await self._node_changed(update)
                    self._listed.add("nodes")
                    await self.bus.records.drain()
                    await self._say_inventory()
                elif change.type == "DELETED":
                    await self._node_gone(node_update(change.object))
                else:
                    await self._node_changed(node_update(change.object))

    async def _node_changed(self, update: NodeUpdate) -> None:
        before = self._nodes.get(update.name)
        if before is not None and _plain(before) == _plain(update):
            return
        self._nodes[update.name] = update
        await self._write_info(update)
        await self.bus.say(update)

    async def _write_info(self, update: NodeUpdate) -> None:
        """What the bus cannot take now is written when everything is said again: the watch must not end for it."""
        try:
            await self.bus.transport.set_hash(node_info_key(update.name), node_info_fields(update))
        except TransportUnavailableError as error:
            if not self._info_unwritten:
                self.log.warning("the info of node %s is not written yet: %s", update.name, error)
            self._info_unwritten.add(update.name)
        else:
            self._info_unwritten.discard(update.name)

    async def _node_gone(self, update: NodeUpdate) -> None:
        self._nodes.pop(update.name, None)
        self._info_unwritten.discard(update.name)
        update.present = False
        await self.bus.say(update)

    # ------------------------------------------------------------ saying again

    @on(PodShutdown)
    async def note_drain(self, event: PodShutdown) -> None:
        """Kubernetes does not know of it yet; said again as running, the pod would get requests until it stops."""
        known = self._pods.get(event.pod_uid)
        if known is not None and not is_ending(known):
            self._draining[event.pod_uid] = event

    @on(Resync)
    async def note_request(self, event: Resync) -> None:
        if not event.wants or {"nodes", "pods"} & set(event.wants):
            self._asked.set()

    async def _answer_requests(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self.say_again()
            await asyncio.sleep(REPEAT_AT_MOST_EVERY_S)  # a limit on answers: many may ask at once

    @every("repeat_interval")
    async def say_again(self) -> None:
        for update in list(self._nodes.values()):
            if update.name in self._info_unwritten:
                await self._write_info(update)
            await self.bus.say(update)
        for pod in list(self._pods.values()):
            await self._say_pod_again(pod)
        await self._say_inventory()

    async def _say_pod_again(self, pod: PodState) -> None:
        """With the id of the event that said it first: what follows from it has a recorded cause."""
        drain = self._draining.get(pod.pod_uid)
        if drain is not None and drain.meta is not None and drain.resource_version == pod.resource_version:
            meta = drain.meta
            await self.bus.say(as_event(PodShutdown, drain), cause=meta.cause, topic=CLUSTER_TOPIC, event_id=meta.id)
            return
        cause = (pod.cause,) if pod.cause else ()
        again = as_event(current_event(pod), pod)
        await self.bus.say(again, cause=cause, topic=CLUSTER_TOPIC, event_id=self._said_as[pod.pod_uid])

    async def _say_inventory(self) -> None:
        if self._listed >= {"nodes", "pods"}:
            await self.bus.say(ClusterInventory(nodes=sorted(self._nodes), pods=sorted(self._pods), as_of=self.now()))


def _plain(update: NodeUpdate) -> tuple[object, ...]:
    return tuple(getattr(update, field) for field in update.__struct_fields__ if field != "meta")
