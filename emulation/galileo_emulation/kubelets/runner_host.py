"""What a pod gives to those who run its containers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.network.addresses import PodAddress

Say = Callable[[str, str, str], Awaitable[None]]
"""Records an event about the pod: reason, message, type."""


@dataclass(frozen=True, kw_only=True)
class RunnerHost:
    """What a runner is given by its pod. `address` may be asked for only when a program starts, and may raise
    NoAddressError; `start_failed` tells that it did not need it after all."""

    pod: BoundPod
    node: NodeRuntime
    world: Surroundings
    tasks: asyncio.TaskGroup
    say: Say
    wake: Callable[[], None]
    request_ended: Callable[[], None]
    address: Callable[[], PodAddress]
    start_failed: Callable[[], None]
