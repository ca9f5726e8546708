"""The kubelet's work for one pod: from its binding to its end.

    the pod's object, time, requests -> circumstances -> next stage (pod_lifecycle) -> start or stop containers
                                                                                    -> status and events to the API

The worker wakes when the object changed, when a stage's time is over, to probe for readiness, and while the pod stops
also after each request. It then does whatever the state asks for, so that no wake-up means anything by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math

from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.container_images import OtherImage
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.pod_containers import ContainersFailedError, PodContainers
from galileo_emulation.kubelets.pod_lifecycle import Circumstances, Lifecycle, Stage, first_stage, next_stage, wake_at
from galileo_emulation.kubelets.pod_status import PodFacts, pod_status, timestamp
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.specification import FunctionSpec

log = logging.getLogger(__name__)

_DRAINED_S = 0.5  # idle connections need a moment to close, and the last answers one to arrive


class PodWorker:
    """Takes care of one pod on one node until it is gone, or until `run` is cancelled (the node died, or the pod was
    removed by force)."""

    def __init__(self, pod: BoundPod, *, node: NodeRuntime, world: Surroundings, restart_count: int = 0) -> None:
        self.pod = pod
        self.restart_count = restart_count
        self._node = node
        self._world = world
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._containers = PodContainers(
            pod, node=node, world=world, restart_count=restart_count, request_ended=self._request_ended
        )
        self._missing = world.images.missing(need.image for need in pod.containers)
        self._life: Lifecycle | None = None
        self._start_error = ""
        self._ready = False
        self._running_since = ""
        self._start_time = timestamp(world.now())
        self._said: JsonObject = {}

    def update(self, pod: BoundPod) -> None:
        """The pod's object changed."""
        self.pod = pod
        self._containers.limit(pod)
        self._woken.set()

    async def run(self) -> None:
        """Do all of it; returns when the pod's object was removed."""
        grace_s = 0.0
        try:
            while (life := await self._go_on()).stage is not Stage.GONE:
                await self._say_status(life)
                await self._wait(life)
                await self._probe(life)
            grace_s = _DRAINED_S if self._containers.in_flight == 0 and self.pod.grace_s > 0.0 else 0.0
        finally:
            await self._containers.stop(grace_s=grace_s)
        await self._world.api.remove_pod(namespace=self.pod.namespace, name=self.pod.name, uid=self.pod.uid)

    async def _go_on(self) -> Lifecycle:
        """Go through the stages until one lasts."""
        life = self._life
        if life is None:
            life = first_stage(self._circumstances())
            await self._enter(life)
        while (following := next_stage(life, self._circumstances())) != life:
            if following.stage is not life.stage:
                await self._enter(following)
            life = following
        self._life = life
        return life

    async def _enter(self, life: Lifecycle) -> None:
        match life.stage:
            case Stage.PULLING if life.until > life.since:
                await self._event("Pulling", f"Pulling image {self._image_names()}")
            case Stage.PULL_FAILED:
                await self._event("Failed", f"Failed to pull {self._missing}", kind="Warning")
            case Stage.PULL_BACKOFF:
                await self._event("BackOff", f"Back-off pulling {self._missing}", kind="Warning")
            case Stage.STARTING:
                await self._event("Pulled", f"Image {self._image_names()} is present on the node")
            case Stage.RUNNING:
                await self._start()
            case Stage.START_FAILED:
                await self._event("Failed", f"Error: {self._start_error}", kind="Warning")
            case Stage.STOPPING:
                await self._event("Killing", f"Stopping containers of {self.pod.name}")

    async def _start(self) -> None:
        self._start_error = ""
        try:
            await self._containers.start()
        except ContainersFailedError as error:
            self._start_error = str(error)
            return
        self._running_since = timestamp(self._world.now())
        self._ready = await self._containers.probe()
        await self._event("Started", f"Started containers of {self.pod.name}")

    async def _probe(self, life: Lifecycle) -> None:
        if life.stage is Stage.RUNNING and self._containers.probe_period_s is not None:
            self._ready = await self._containers.probe()

    async def _wait(self, life: Lifecycle) -> None:
        at = wake_at(life, self._circumstances())
        if life.stage is Stage.RUNNING and self._containers.probe_period_s is not None:
            at = min(at, self._loop.time() + self._containers.probe_period_s)
        with contextlib.suppress(TimeoutError):  # the time that was waited for
            async with asyncio.timeout_at(None if math.isinf(at) else at):
                await self._woken.wait()
        self._woken.clear()

    def _request_ended(self) -> None:
        if self.pod.deleting:
            self._woken.set()

    def _circumstances(self) -> Circumstances:
        spec = self._world.spec
        now = self._loop.time()
        return Circumstances(
            now=now,
            image_ready_at=None if self._missing else self._images_ready_at(now),
            start_s=self._start_s(),
            start_error=bool(self._start_error),
            deleting=self.pod.deleting,
            grace_s=self.pod.grace_s,
            in_flight=self._containers.in_flight,
            last_request_at=self._containers.last_request_at,
            retry_s=spec.pull_retry_s,
            quiet_s=spec.drain_quiet_s,
        )

    def _images_ready_at(self, now: float) -> float:
        pull_s = self._world.spec.image_pull_s
        ready_at = now
        for need in self.pod.containers:
            if self._world.images.kind_of(need.image) not in (OtherImage.GATEWAY, OtherImage.LOAD_CLIENT):
                ready_at = max(ready_at, self._node.image_ready_at(need.image, now=now, pull_s=pull_s))
        return ready_at

    def _start_s(self) -> float:
        kinds = [self._world.images.kind_of(need.image) for need in self.pod.containers]
        return max((kind.start_s for kind in kinds if isinstance(kind, FunctionSpec)), default=0.0)

    def _image_names(self) -> str:
        return ", ".join(f'"{need.image}"' for need in self.pod.containers)

    async def _say_status(self, life: Lifecycle) -> None:
        address = self._containers.address
        facts = PodFacts(
            stage=life.stage,
            host_ip=self._node.ip,
            start_time=self._start_time,
            pod_ip=address.ip if address else None,
            container_ids=self._containers.ids,
            running_since=self._running_since,
            ready=self._ready,
            restart_count=self.restart_count,
            message=self._missing or self._start_error,
        )
        previous = self._said.get("conditions", ())
        status = pod_status(self.pod, facts, previous=previous, now=timestamp(self._world.now()))
        if status != self._said:
            self._said = status
            await self._world.api.patch_pod_status(
                namespace=self.pod.namespace, name=self.pod.name, uid=self.pod.uid, status=status
            )

    async def _event(self, reason: str, message: str, *, kind: str = "Normal") -> None:
        try:
            await self._world.api.record_event(
                regarding=self.pod.reference, reason=reason, message=message, type=kind, component="kubelet"
            )
        except ApiError as error:  # its namespace is being deleted
            log.info("pod %s/%s: event %s is not recorded: %s", self.pod.namespace, self.pod.name, reason, error)
