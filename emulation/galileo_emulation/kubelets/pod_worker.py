"""A kubelet's work for one pod: from its binding to its end.

    the pod's object, time, requests, exits -> containers advance (container_life), resize, ending (pod_ending)
                                            -> status and events to the API

The worker wakes when the object changed, when a step's time is over, when a container ended or a probe answered
otherwise, and while the pod stops also after each request. It then does whatever the state asks for, so that no
wake-up means anything by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math

from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.container_need import ContainerNeed
from galileo_emulation.kubelets.eviction import PodMemory
from galileo_emulation.kubelets.node_room import Refusal
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.pod_containers import PodContainers
from galileo_emulation.kubelets.pod_ending import Ending, begin_ending, is_over, shortened, wake_at
from galileo_emulation.kubelets.pod_order import Phase
from galileo_emulation.kubelets.pod_record import PodRecord
from galileo_emulation.kubelets.pod_resizer import PodResizer
from galileo_emulation.kubelets.pod_status import PodFacts, dated, pod_status
from galileo_emulation.kubelets.resource_amounts import Amount, pod_amount, requested
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp
from galileo_emulation.kubernetes.errors import ApiError

log = logging.getLogger(__name__)

_OVER: tuple[Phase, ...] = ("Succeeded", "Failed")


class PodWorker:
    """Takes care of one pod on one node until it has ended or is gone, or until `run` is cancelled (the node died, or
    the pod was removed by force). What has to outlive it is in `record`."""

    def __init__(self, pod: BoundPod, record: PodRecord, *, node: NodeRuntime, world: Surroundings) -> None:
        self.pod = pod
        self.record = record
        self._node = node
        self._world = world
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._containers: PodContainers | None = None
        self._resizer = PodResizer(record, node.room, say=self._event, wake=self._woken.set)
        self._ending: Ending | None = None
        self._eviction: Refusal | None = None
        self._pod_ip: str | None = None
        self._said: JsonObject = {}

    @property
    def memory(self) -> PodMemory | None:
        """What its containers use; None if it has none that run."""
        containers = self._containers
        return containers.memory if containers is not None and containers.running and self._eviction is None else None

    def update(self, pod: BoundPod) -> None:
        """The pod's object changed."""
        if pod != self.pod:
            self.pod = pod
            self._woken.set()

    def evict(self, message: str) -> None:
        """The node needs what the pod uses: end it at once."""
        self._eviction = Refusal("Evicted", message)
        self._woken.set()

    async def run(self) -> None:
        """Do all of it; returns when the pod has ended for good, or its object was removed."""
        refusal = None if self.pod.deleting else self._refusal()
        if refusal is not None:
            await self._refuse(refusal)
            return
        self._give_resources()
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._take_care(tasks)
        finally:
            try:
                if self._containers is not None:
                    await self._containers.stop(grace_s=0.0, silently=True)
            finally:  # a removal by force may come while the last is being stopped
                self._node.room.take_back(self.pod.uid)

    # ------------------------------------------------------------ admission

    def _refusal(self) -> Refusal | None:
        if self._node.memory_pressure and self.pod.qos == "BestEffort" and not self.pod.bears_memory_pressure:
            return Refusal("Evicted", "The node had condition: [MemoryPressure]. ")
        return self._node.room.refusal(self.pod.uid, self._allocated())

    async def _refuse(self, refusal: Refusal) -> None:
        await self._event(refusal.reason, refusal.message, "Warning")
        facts = PodFacts(
            phase="Failed",
            host_ip=self._node.ip,
            started_at=self.record.started_at,
            reason=refusal.reason,
            message=f"Pod was rejected: {refusal.message}",
        )
        await self._say(facts)

    def _give_resources(self) -> None:
        for need in (*self.pod.init_containers, *self.pod.containers):
            self.record.allocated.setdefault(need.name, need.resources)
        self._node.room.give(self.pod.uid, self._allocated())

    def _allocated(self) -> Amount:
        """What the pod was given, which its specification may have left behind; before that, what it asks for."""

        def amount(need: ContainerNeed) -> Amount:
            return requested(self.record.allocated.get(need.name, need.resources))

        inits = ((amount(need), need.sidecar) for need in self.pod.init_containers)
        return pod_amount((amount(need) for need in self.pod.containers), inits)

    # ------------------------------------------------------------ life

    async def _take_care(self, tasks: asyncio.TaskGroup) -> None:
        containers = self._containers = PodContainers(
            self.pod,
            self.record,
            node=self._node,
            world=self._world,
            tasks=tasks,
            say=self._event,
            wake=self._woken.set,
            request_ended=self._request_ended,
        )
        while True:
            if self._eviction is not None:
                return await self._end_evicted(containers, self._eviction)
            if self.pod.deleting:
                if await self._is_at_end(containers):
                    return await self._end_deleted(containers)
            else:
                await self._go_on(containers)
                if containers.phase in _OVER:
                    return await self._end_by_itself(containers)
            await self._say(self._facts(containers, containers.phase))
            await self._wait(containers)

    async def _go_on(self, containers: PodContainers) -> None:
        if await self._resizer.admit(self.pod):
            await self._say(self._facts(containers, containers.phase))
        await containers.advance()
        await self._resizer.act(self.pod, containers)

    async def _is_at_end(self, containers: PodContainers) -> bool:
        """Let the ending begin or go on; true when the containers are to be stopped."""
        now, pod = self._loop.time(), self.pod
        if not any(runner.alive for runner in containers):
            return True
        if self._ending is None:
            containers.stop_asking()
            self._ending = begin_ending(now=now, grace_s=pod.grace_s, pre_stop_s=containers.pre_stop_s)
            await self._tell_stop(containers)
        else:
            self._ending = shortened(self._ending, now=now, grace_s=pod.grace_s)
        return is_over(self._ending, containers.traffic, now=now, quiet_s=self._world.spec.drain_quiet_s)

    async def _wait(self, containers: PodContainers) -> None:
        at = min(containers.wake_at, self._resizer.wake_at)
        if self._ending is not None:
            quiet_s = self._world.spec.drain_quiet_s
            at = wake_at(self._ending, containers.traffic, quiet_s=quiet_s)
        with contextlib.suppress(TimeoutError):  # the time that was waited for
            async with asyncio.timeout_at(None if math.isinf(at) else at):
                await self._woken.wait()
        self._woken.clear()

    def _request_ended(self) -> None:
        if self.pod.deleting:
            self._woken.set()

    # ------------------------------------------------------------ ends

    async def _end_by_itself(self, containers: PodContainers) -> None:
        await self._say(self._facts(containers, containers.phase))
        await containers.stop(grace_s=0.0)

    async def _end_evicted(self, containers: PodContainers, eviction: Refusal) -> None:
        await self._event(eviction.reason, eviction.message, "Warning")
        await containers.stop(grace_s=0.0)
        await self._say(self._facts(containers, "Failed"))

    async def _end_deleted(self, containers: PodContainers) -> None:
        left_s = 0.0 if self._ending is None else max(0.0, self._ending.deadline - self._loop.time())
        await containers.stop(grace_s=left_s)
        await self._say(self._facts(containers, containers.last_phase))
        await self._world.api.remove_pod(namespace=self.pod.namespace, name=self.pod.name, uid=self.pod.uid)

    async def _tell_stop(self, containers: PodContainers) -> None:
        for runner in containers:
            if runner.running:
                if runner.need.ignored_hook:
                    text = f"{runner.need.ignored_hook} is not run by an emulated kubelet"
                    await self._event("FailedPreStopHook", f"PreStopHook of {runner.need.name}: {text}", "Warning")
                await self._event("Killing", f"Stopping container {runner.need.name}", "Normal")

    # ------------------------------------------------------------ what is said

    def _facts(self, containers: PodContainers, phase: Phase) -> PodFacts:
        if containers.address is not None:
            self._pod_ip = containers.address.ip
        elif phase not in _OVER:
            self._pod_ip = None
        inits, mains = containers.facts()
        eviction = self._eviction or Refusal("", "")
        return PodFacts(
            phase=phase,
            host_ip=self._node.ip,
            started_at=self.record.started_at,
            pod_ip=self._pod_ip,
            containers=mains,
            inits=inits,
            inits_done=containers.inits_done,
            reason=eviction.reason,
            message=eviction.message,
            disrupted=self._eviction is not None,
            resize=dict(self._resizer.conditions),
        )

    async def _say(self, facts: PodFacts) -> None:
        """Tell the API, if it is news."""
        now = timestamp(self._world.now())
        status = pod_status(self.pod, facts)
        status["conditions"] = dated(status["conditions"], self.record.conditions, now=now)
        if status == self._said:
            return
        kinds = {condition["type"] for condition in status["conditions"]}
        gone = [
            {"type": condition["type"], "$patch": "delete"}
            for condition in self._said.get("conditions", ())
            if condition["type"] not in kinds
        ]
        self._said = status
        await self._world.api.patch_pod_status(
            namespace=self.pod.namespace,
            name=self.pod.name,
            uid=self.pod.uid,
            status={**status, "conditions": [*status["conditions"], *gone]},
        )

    async def _event(self, reason: str, message: str, kind: str) -> None:
        try:
            await self._world.api.record_event(
                regarding=self.pod.reference,
                reason=reason,
                message=message,
                type=kind,
                component="kubelet",
                host=self._node.spec.name,
            )
        except ApiError as error:  # its namespace is being deleted
            log.info("pod %s/%s: event %s is not recorded: %s", self.pod.namespace, self.pod.name, reason, error)
