"""One pod as deciders see it: read from a life-cycle event, with its quantities as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from galileo_schemas import labels
from galileo_schemas.events import PodContainer, PodDelete, PodResize, PodShutdown, PodState
from galileo_schemas.quantities import cpu_millicores, memory_bytes
from galileo_schemas.raw.telemetry_sample import container_key

DEFAULT_PORT = 8080
_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod. `function`: the function it serves, None for all others. `running_since` and `created`: unix seconds.

    `asked_zone` is the zone that its labels or its node selector name: where it will be as long as it has no node.
    `order` rises with the order in which pods were first seen. 0 in `created` and `running_since`: not known, not
    running. `containers` holds the 12-digit ids of those that run, `specs` by name what events say of each.
    """

    uid: str
    name: str
    namespace: str
    node: str
    ip: str
    port: int
    labels: Mapping[str, str]
    function: str | None
    gateway: bool
    phase: str
    ready: bool
    deleting: bool
    asked_zone: str | None
    ports: tuple[int, ...]
    containers: tuple[str, ...]
    specs: Mapping[str, PodContainer]
    resize: PodResize | None
    cpu_request_millicores: float
    memory_request_bytes: int
    created: float
    running_since: float
    resource_version: str
    order: int

    @property
    def ended(self) -> bool:
        """Whether it has finished, well or not: it holds no resources any more."""
        return self.phase in _ENDED

    @property
    def running(self) -> bool:
        """Whether it serves requests: running, ready, and not being deleted."""
        return self.phase == "Running" and self.ready and not self.deleting

    @property
    def pending(self) -> bool:
        """Whether it will serve requests but does not yet."""
        return not (self.ended or self.deleting or self.running)

    @property
    def address(self) -> str:
        """Where it answers, `ip:port`."""
        return f"{self.ip}:{self.port}"

    def container_named_by(self, container_id: str) -> str | None:
        """The name of the container with that id, of any length and with or without scheme; None when it has none."""
        key = container_key(container_id)
        return next((name for name, spec in self.specs.items() if spec.id and container_key(spec.id) == key), None)


def function_of(pod_labels: Mapping[str, str]) -> str | None:
    """The function that a pod with these labels serves; None for gateways, clients and everything else."""
    fn = pod_labels.get(labels.FUNCTION)
    serves = labels.type_of(pod_labels) in (None, labels.TYPE_FUNCTION) and fn != labels.CLIENT_FUNCTION
    return fn if fn and serves else None


def serving_container(event: PodState) -> PodContainer | None:
    """The container that serves the function: the one named after it, else the first; None when there is none."""
    fn = event.labels.get(labels.FUNCTION, "")
    return event.containers.get(fn) or next(iter(event.containers.values()), None)


def read_pod(event: PodState, ts: float, *, order: int, previous: Pod | None) -> Pod:
    """The pod that an event said at `ts` speaks of; `previous`: what was known of it.

    Raises `ValueError` that names the pod, its container and the quantity that cannot be read.
    """
    cpu, memory = _requests(event)
    serving = serving_container(event)
    pod = Pod(
        uid=event.pod_uid,
        name=event.name,
        namespace=event.namespace,
        node=event.node_name,
        ip=event.pod_ip,
        port=serving.port if serving is not None and serving.port > 0 else DEFAULT_PORT,
        labels=event.labels,
        function=function_of(event.labels),
        gateway=labels.type_of(event.labels) == labels.TYPE_GATEWAY,
        phase=event.status,
        ready=event.ready,
        deleting=event.deletion_timestamp > 0 or isinstance(event, PodShutdown | PodDelete),
        asked_zone=event.node_selector.get(labels.ZONE) or event.labels.get(labels.ZONE),
        ports=tuple(container.port for container in event.containers.values() if container.port > 0),
        containers=tuple(container_key(container.id) for container in event.containers.values() if container.id),
        specs=event.containers,
        resize=event.resize,
        cpu_request_millicores=cpu,
        memory_request_bytes=memory,
        created=event.created,
        running_since=0.0,
        resource_version=event.resource_version,
        order=order,
    )
    if not pod.running:
        return pod
    return replace(pod, running_since=previous.running_since if previous is not None and previous.running else ts)


def _requests(event: PodState) -> tuple[float, int]:
    cpu, memory = 0.0, 0
    for container in event.containers.values():
        try:
            cpu += cpu_millicores(container.resource_requests.get("cpu", 0))
            memory += memory_bytes(container.resource_requests.get("memory", 0))
        except ValueError as error:
            where = f"pod {event.namespace}/{event.name}, container {container.name}"
            raise ValueError(f"{where}: resource_requests: {error}") from None
    return cpu, memory
