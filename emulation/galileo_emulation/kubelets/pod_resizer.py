"""Carries out what `resize` decides about one pod: from the specification to the node's account to the containers.

admit: specification changed -> refused: PodResizePending (again when room appears)
                             -> admitted: allocated, PodResizeInProgress
act:   allocated differs from what holds -> limits set, or containers started again -> done
                                         -> a limit below the use: PodResizeInProgress, reason Error (again soon)
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.container_runner import ContainerRunner
from galileo_emulation.kubelets.node_room import NodeRoom
from galileo_emulation.kubelets.pod_containers import PodContainers
from galileo_emulation.kubelets.pod_record import PodRecord
from galileo_emulation.kubelets.resize import (
    Pending,
    below_use,
    deferred_order,
    event_text,
    has_to_restart,
    refused,
    same_resources,
)
from galileo_emulation.kubelets.resource_amounts import memory_limit_bytes
from galileo_emulation.kubelets.runner_host import Say
from galileo_emulation.kubernetes.apiobjects import JsonObject

_TRY_AGAIN_S = 1.0
PENDING, IN_PROGRESS = "PodResizePending", "PodResizeInProgress"


class PodResizer:
    """`conditions` holds reason, message and generation by type; `wake` is called when room appeared for a deferred
    resize."""

    def __init__(self, record: PodRecord, room: NodeRoom, *, say: Say, wake: Callable[[], None]) -> None:
        self._record = record
        self._room = room
        self._say = say
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._pending_since = 0.0
        self._restarting: set[str] = set()
        self.conditions: dict[str, tuple[str, str, int]] = {}
        self.wake_at = math.inf

    async def admit(self, pod: BoundPod) -> bool:
        """Compare the specification with what was allocated; true if a resize has begun with it."""
        needs = {need.name: need for need in (*pod.init_containers, *pod.containers)}
        allocated = self._record.allocated
        if all(same_resources(need.resources, allocated[name]) for name, need in needs.items()):
            self._no_longer_pending(pod)
            return False
        pending = refused(pod.requests, others=self._room.given_to_others(pod.uid), allocatable=self._room.allocatable)
        if pending is not None:
            await self._note_pending(pod, pending)
            return False
        self._no_longer_pending(pod)
        self._record.allocated = {name: need.resources for name, need in needs.items()}
        self._room.give(pod.uid, pod.requests)
        self.conditions[IN_PROGRESS] = ("", "", pod.generation)
        await self._tell("ResizeStarted", "started", pod.generation)
        return True

    async def act(self, pod: BoundPod, containers: PodContainers) -> None:
        """Make what was allocated hold."""
        progress = self.conditions.get(IN_PROGRESS)
        if progress is None:
            return
        left = [runner for runner in containers if not self._holds(runner)]
        error = below_use(
            (
                runner.need.name,
                memory_limit_bytes(runner.applied),
                memory_limit_bytes(self._allocated(runner)),
                runner.memory_bytes,
            )
            for runner in left
            if runner.running and not self._has_to_restart(runner)
        )
        self.wake_at = math.inf
        if error is not None:
            await self._note_error(error, progress)
            return
        for runner in left:
            await self._apply(runner, grace_s=pod.grace_s)
        if all(self._holds(runner) for runner in containers):
            del self.conditions[IN_PROGRESS]
            self._restarting.clear()
            await self._tell("ResizeCompleted", "completed", progress[2])

    def _allocated(self, runner: ContainerRunner) -> JsonObject:
        return self._record.allocated[runner.need.name]

    def _holds(self, runner: ContainerRunner) -> bool:
        return same_resources(runner.applied, self._allocated(runner))

    def _has_to_restart(self, runner: ContainerRunner) -> bool:
        policy = runner.need.restart_on_resize
        return has_to_restart(policy, before=runner.applied, after=self._allocated(runner))

    async def _apply(self, runner: ContainerRunner, *, grace_s: float) -> None:
        name = runner.need.name
        if not runner.running or not self._has_to_restart(runner):
            runner.apply(self._allocated(runner))
            return
        runner.resources = self._allocated(runner)
        if name not in self._restarting:
            self._restarting.add(name)
            await self._say("Killing", f"Container {name} resize requires restart", "Normal")
            runner.kill(grace_s=grace_s, again=True)

    async def _note_pending(self, pod: BoundPod, pending: Pending) -> None:
        now = (pending.reason, pending.message, pod.generation)
        before = self.conditions.get(PENDING)
        if now == before:
            return
        self.conditions[PENDING] = now
        if before is None:
            self._pending_since = self._loop.time()
        if pending.reason == "Deferred":
            order = deferred_order(priority=pod.priority, qos=pod.qos, since=self._pending_since)
            self._room.wait_for_room(pod.uid, order, self._wake)
        else:
            self._room.wait_no_longer(pod.uid)
        if before is None or (before[0], before[2]) != (now[0], now[2]):  # how much is missing may change often
            wanted = {need.name: need.resources for need in pod.containers}
            text = event_text(pending.reason, wanted, generation=pod.generation, error=pending.message)
            await self._say(f"Resize{pending.reason}", text, "Warning")

    def _no_longer_pending(self, pod: BoundPod) -> None:
        if self.conditions.pop(PENDING, None) is not None:
            self._room.wait_no_longer(pod.uid)

    async def _note_error(self, error: str, progress: tuple[str, str, int]) -> None:
        self.wake_at = self._loop.time() + _TRY_AGAIN_S
        if progress[0] != "Error":  # how much is in use may change every second, and is no news
            self.conditions[IN_PROGRESS] = ("Error", error, progress[2])
            await self._tell("ResizeError", "error", progress[2], error=error)

    async def _tell(self, reason: str, what: str, generation: int, *, error: str = "") -> None:
        text = event_text(what, self._record.allocated, generation=generation, error=error)
        await self._say(reason, text, "Warning" if error else "Normal")
