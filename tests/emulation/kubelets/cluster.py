"""An API in this process and a world on it, with the few calls that tests of kubelets repeat."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from galileo_emulation.kubelets.function_crashes import FunctionCrash
from galileo_emulation.kubernetes import LocalApi, Store
from galileo_emulation.kubernetes.apiobjects import JsonObject, copied
from galileo_emulation.kubernetes.kinds import EVENTS, LEASES, NODES, PODS
from galileo_emulation.kubernetes.local import LEASE_NAMESPACE
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.deletion import Deletion, delete
from galileo_emulation.specification import FunctionSpec, NetworkSpec, NodeSpec, WorldSpec
from galileo_emulation.world import World

GIB = 1024**3
NODES_OF_TWO_ZONES = (
    NodeSpec(name="n1", zone="zone-a", cores=1, memory_bytes=GIB, labels={"box": "blue"}),
    NodeSpec(name="n2", zone="zone-b", cores=2.5, memory_bytes=2 * GIB, roles=frozenset({"controller"})),
)
RESNET = FunctionSpec(
    name="resnet",
    image="galileo/resnet:1",
    cpu_ms_per_request=20,
    memory_bytes=50_000_000,
    memory_bytes_per_request=1_000_000,
    start_s=0.05,
)
SPEC = WorldSpec(
    nodes=NODES_OF_TWO_ZONES,
    functions=(RESNET,),
    network=NetworkSpec(latency_ms={"zone-a": {"zone-b": 30.0}}),
    image_pull_s=0.1,
    backoff_scale=0.02,
    drain_quiet_s=0.2,
    telemetry_period_s=0.2,
    heartbeat_period_s=0.3,
)


@dataclass
class Cluster:
    """What tests see of the API. `now` is unix time in seconds."""

    now: Callable[[], float]
    published: list[tuple[str, bytes]] = field(default_factory=list)
    info: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = Store(now=self.now, rng=random.Random(1))
        self.api = LocalApi(self.store)

    def world(
        self,
        spec: WorldSpec = SPEC,
        *,
        single_address: bool = False,
        crashed: Callable[[FunctionCrash], None] = lambda crash: None,
        output_folder: Path | None = None,
    ) -> World:
        return World(
            spec,
            api=self.api,
            publish=lambda channel, payload: self.published.append((channel, payload)),
            set_info=self.info.__setitem__,
            now=self.now,
            single_address=single_address,
            crashed=crashed,
            output_folder=output_folder,
        )

    def create_pod(
        self, name: str, *, image: str, node: str = "n1", container: JsonObject | None = None, **spec: object
    ) -> None:
        """A pod of one container, `main`; `container` holds more of its fields, `spec` more of the pod's."""
        container = {"name": "main", "image": image, **(container or {})}
        for key in ("ports", "resources"):
            if key in spec:
                container[key] = spec.pop(key)
        body: JsonObject = {"metadata": {"name": name, "namespace": "default", "labels": spec.pop("labels", {})}}
        body["spec"] = {"nodeName": node, "containers": [container], **spec}
        create(self.store, PODS, "default", body)

    def delete_pod(self, name: str, *, grace_s: int | None = None) -> None:
        stored = self.store.get(PODS, "default", name)
        assert stored is not None
        delete(self.store, PODS, stored, Deletion(grace_s=grace_s))

    async def resize(self, name: str, *, cpu_limit: str) -> None:
        """Change the CPU limit in place, as the resize subresource does."""
        self.set_resources(name, {"limits": {"cpu": cpu_limit}})

    def set_resources(self, name: str, resources: JsonObject) -> None:
        """Change parts of the first container's resources in place, as the resize subresource does."""
        stored = self.store.get(PODS, "default", name)
        assert stored is not None
        body = copied(stored.body)
        present = body["spec"]["containers"][0].setdefault("resources", {})
        for part, quantities in resources.items():
            present[part] = {**present.get(part, {}), **quantities}
        body["metadata"]["generation"] += 1
        self.store.put(PODS, body)

    def pod(self, name: str) -> JsonObject | None:
        stored = self.store.get(PODS, "default", name)
        return None if stored is None else stored.body

    def add_finalizer(self, name: str, finalizer: str) -> None:
        stored = self.store.get(PODS, "default", name)
        assert stored is not None
        body = copied(stored.body)
        body["metadata"]["finalizers"] = [finalizer]
        self.store.put(PODS, body)

    def label(self, name: str, key: str, value: str) -> None:
        stored = self.store.get(PODS, "default", name)
        assert stored is not None
        body = copied(stored.body)
        body["metadata"].setdefault("labels", {})[key] = value
        self.store.put(PODS, body)

    def last_status(self, name: str) -> JsonObject:
        """The status that a pod had when it went."""
        bodies = [change.last.body for change in self.store.history(PODS).since(0) if change.after is None]
        status: JsonObject = next(body for body in reversed(bodies) if body["metadata"]["name"] == name)["status"]
        return status

    def status(self, name: str) -> JsonObject:
        pod = self.pod(name)
        assert pod is not None
        status: JsonObject = pod["status"]
        return status

    def waiting_reason(self, name: str) -> str | None:
        statuses = self.status(name).get("containerStatuses") or [{}]
        reason: str | None = statuses[0].get("state", {}).get("waiting", {}).get("reason")
        return reason

    def container(self, name: str, which: str = "main") -> JsonObject:
        """A container's status."""
        status = self.status(name)
        rows = [*status.get("initContainerStatuses", []), *status["containerStatuses"]]
        return next(row for row in rows if row["name"] == which)

    def condition(self, name: str, kind: str) -> JsonObject | None:
        """A pod's condition, without its times; None if it has none of that type."""
        found = [c for c in self.status(name).get("conditions", []) if c["type"] == kind]
        return {key: found[0][key] for key in found[0] if not key.startswith("last")} if found else None

    def conditions_over_time(self, name: str) -> list[list[str]]:
        """The types of a pod's conditions after each of its changes."""
        bodies = [change.after.body for change in self.store.history(PODS).since(0) if change.after is not None]
        return [
            [condition["type"] for condition in body["status"].get("conditions", [])]
            for body in bodies
            if body["metadata"]["name"] == name
        ]

    def is_ready(self, name: str) -> bool:
        conditions = self.status(name).get("conditions", [])
        return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)

    def node(self, name: str) -> JsonObject:
        stored = self.store.get(NODES, "", name)
        assert stored is not None
        return stored.body

    def lease(self, node: str) -> JsonObject:
        stored = self.store.get(LEASES, LEASE_NAMESPACE, node)
        assert stored is not None
        return stored.body

    def events(self, pod: str) -> list[str]:
        """The reasons of the events about a pod, in the order of their versions."""
        stored = sorted(self.store.objects(EVENTS, None).values(), key=lambda event: event.version)
        return [event.body["reason"] for event in stored if event.body["involvedObject"]["name"] == pod]

    def event(self, about: str, reason: str) -> JsonObject:
        """The latest event of a reason about an object."""
        found = [
            stored.body
            for stored in self.store.objects(EVENTS, None).values()
            if stored.body["involvedObject"]["name"] == about and stored.body["reason"] == reason
        ]
        return max(found, key=lambda event: int(event["metadata"]["resourceVersion"]))
