"""A small cluster in virtual time: a store, controllers, and (as far as a test wants them) a scheduler and kubelets.

async with emulated_cluster() as cluster:
    await cluster.create(DEPLOYMENTS, deployment("web", replicas=3))
    await cluster.run(1.0)
    assert len(cluster.all(PODS)) == 3
"""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from galileo_emulation.controllers import Controllers, ControllerSettings
from galileo_emulation.kubernetes import LocalApi, Store
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp
from galileo_emulation.kubernetes.in_process import InProcessClient
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import NODES, PODS
from galileo_emulation.kubernetes.node_access import NodeAccess
from galileo_emulation.kubernetes.operations.binding import bind
from galileo_emulation.kubernetes.operations.creation import Admission, admit_everything
from galileo_emulation.kubernetes.storage.history import Change
from galileo_emulation.kubernetes.types.fields import read

START = 1_700_000_000.0
NAMESPACE = "default"
HEARTBEAT_S = 10.0


@dataclass
class EmulatedCluster:
    """The cluster of a test. `run` lets its virtual time pass. Nodes in `alive` report, and run their pods."""

    store: Store
    controllers: Controllers
    alive: set[str] = field(default_factory=set)
    told: list[tuple[str, str]] = field(default_factory=list)
    api: InProcessClient = field(init=False)

    def __post_init__(self) -> None:
        self.api = InProcessClient(self.store)

    async def run(self, seconds: float) -> None:
        """Let `seconds` pass."""
        await asyncio.sleep(seconds)
        assert self.controllers.faults == []

    @property
    def now(self) -> float:
        """The time, in Unix seconds."""
        return self.store.now()

    async def create(self, kind: Kind, body: JsonObject) -> JsonObject:
        """Create an object, in the namespace `default` unless it says another."""
        if kind.namespaced:
            body = {**body, "metadata": {"namespace": NAMESPACE, **body["metadata"]}}
        body = {key: value for key, value in body.items() if key not in ("kind", "apiVersion")}
        return await self.api.create(kind, read(kind.schema, body).body)

    async def change(self, kind: Kind, name: str, metadata: JsonObject | None = None, **fields: Any) -> JsonObject:
        """Merge metadata, and fields such as spec={...}, into an object."""
        return await self.api.patch(kind, {"metadata": {**self._place(kind, name), **(metadata or {})}, **fields})

    async def change_status(self, kind: Kind, name: str, status: JsonObject) -> JsonObject:
        """Merge into an object's status."""
        return await self.api.patch(kind, {"metadata": self._place(kind, name), "status": status}, part="status")

    async def delete(self, kind: Kind, name: str, **options: Any) -> None:
        """Delete an object."""
        await self.api.delete(kind, self.get(kind, name), **options)

    def get(self, kind: Kind, name: str, namespace: str = NAMESPACE) -> JsonObject:
        """The object, which has to be there."""
        found = self.api.get(kind, name, namespace if kind.namespaced else "")
        assert found is not None, f"no {kind.kind} {name}"
        return found

    def all(self, kind: Kind, namespace: str | None = None) -> list[JsonObject]:
        """All objects of a kind."""
        return [stored.body for stored in self.store.objects(kind, namespace).values()]

    def names(self, kind: Kind) -> list[str]:
        """The names of all objects of a kind."""
        return [body["metadata"]["name"] for body in self.all(kind)]

    def pods(self, **labels: str) -> list[JsonObject]:
        """The pods that carry labels."""
        wanted = labels.items()
        return [pod for pod in self.all(PODS) if wanted <= (pod["metadata"].get("labels") or {}).items()]

    def reasons(self, name: str) -> list[str]:
        """The reasons of the events about objects of a name, as they were told."""
        return [reason for about, reason in self.told if about == name]

    def note_event(self, kind: Kind, change: Change) -> None:
        """Note an event that was written, or told again."""
        if kind.plural == "events" and change.after is not None:
            event = change.after.body
            self.told.append((event["involvedObject"]["name"], event["reason"]))

    def _place(self, kind: Kind, name: str) -> JsonObject:
        return {"name": name, "namespace": NAMESPACE} if kind.namespaced else {"name": name}


@asynccontextmanager
async def emulated_cluster(
    *,
    settings: ControllerSettings | None = None,
    nodes: int = 0,
    place: Callable[[JsonObject], str | None] | None = None,
    start_s: float = 0.1,
    admit: Admission = admit_everything,
    measures: NodeAccess | None = None,
) -> AsyncIterator[EmulatedCluster]:
    """A cluster with `nodes` ready nodes called node-0, node-1, …

    With nodes, pods are bound (to the node that `place` says, else to all in turn), run and are ready after `start_s`
    seconds, and go when they are deleted. `admit` sees what controllers create;
    `measures` tells what pods use.
    """
    loop = asyncio.get_running_loop()
    store = Store(now=lambda: START + loop.time(), rng=random.Random(1))
    async with Controllers(store, settings, admit=admit, nodes=measures) as controllers:
        cluster = EmulatedCluster(store, controllers)
        for index in range(nodes):
            await cluster.create(NODES, node(f"node-{index}"))
            cluster.alive.add(f"node-{index}")
        turn = itertools.count()
        placing = place or (lambda pod: f"node-{next(turn) % nodes}" if nodes else None)
        playing = [asyncio.create_task(play(cluster, placing, start_s)), asyncio.create_task(_report(cluster))]
        try:
            with store.observing(cluster.note_event):
                yield cluster
            await cluster.run(0)
        finally:
            for task in playing:
                task.cancel()
            await asyncio.gather(*playing, return_exceptions=True)
            await cluster.api.close()


async def _report(cluster: EmulatedCluster) -> None:
    """Be the heartbeat of all nodes that are alive."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        for name in sorted(cluster.alive):
            beat = {**ready(START), "lastHeartbeatTime": timestamp(cluster.now), "reason": "KubeletReady"}
            await cluster.change_status(NODES, name, {"conditions": [beat]})


async def play(cluster: EmulatedCluster, place: Callable[[JsonObject], str | None], start_s: float) -> None:
    """Be the scheduler, and the kubelets of all nodes that are alive."""
    store, api = cluster.store, LocalApi(cluster.store)
    async with asyncio.TaskGroup() as tasks:
        async for event in api.watch_pods():
            if event.type == "DELETED":
                continue
            pod, metadata = event.pod, event.pod["metadata"]
            who = {"namespace": metadata["namespace"], "name": metadata["name"]}
            if "nodeName" not in pod["spec"]:
                chosen = None if "deletionTimestamp" in metadata else place(pod)
                if chosen is not None:
                    bind(store, who["namespace"], who["name"], {"target": {"name": chosen}})
            elif pod["spec"]["nodeName"] not in cluster.alive:
                continue
            elif "deletionTimestamp" in metadata:
                await api.remove_pod(**who, uid=metadata["uid"])
            elif pod["status"]["phase"] == "Pending":
                tasks.create_task(_start(store, api, pod, start_s))


async def _start(store: Store, api: LocalApi, pod: JsonObject, start_s: float) -> None:
    await asyncio.sleep(start_s)
    metadata = pod["metadata"]
    current = store.get(PODS, metadata["namespace"], metadata["name"])
    if current is None or current.body["status"]["phase"] != "Pending":
        return
    status = {
        "phase": "Running",
        "podIP": f"10.0.0.{store.rng.randrange(1, 255)}",
        "startTime": timestamp(store.now()),
        "conditions": [ready(store.now())],
    }
    await api.patch_pod_status(
        namespace=metadata["namespace"], name=metadata["name"], uid=metadata["uid"], status=status
    )


def ready(now: float, status: str = "True") -> JsonObject:
    """The condition Ready."""
    return {"type": "Ready", "status": status, "lastTransitionTime": timestamp(now)}


def node(name: str, **labels: str) -> JsonObject:
    """A node that reports that it is ready."""
    heartbeat = {**ready(START), "lastHeartbeatTime": timestamp(START), "reason": "KubeletReady"}
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **labels}},
        "status": {"conditions": [heartbeat], "allocatable": {"cpu": "4", "memory": "4Gi", "pods": "110"}},
    }


def template(app: str, image: str = "registry.example/app:1", **spec: Any) -> JsonObject:
    """A pod template."""
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "c", "image": image}], **spec}}


def workload(name: str, **spec: Any) -> JsonObject:
    """A deployment, replica set, stateful set or daemon set with a selector and a template after its name."""
    selector = {"matchLabels": {"app": name}}
    return {"metadata": {"name": name}, "spec": {"selector": selector, "template": template(name), **spec}}


def pod(name: str, **labels: str) -> JsonObject:
    """A pod of its own."""
    return {"metadata": {"name": name, "labels": labels}, "spec": template(name)["spec"]}
