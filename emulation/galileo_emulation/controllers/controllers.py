"""All controllers of an emulated cluster, running over its store.

    async with Controllers(store, settings, admit=...) as controllers:
        ...                            # deployments get pods, owners' deletions reach what they own
        await controllers.wait()       # until something fails

They read and write in this process, through the same operations as HTTP clients, and sleep until something changes.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from types import TracebackType

from galileo_emulation.controllers.cluster import Cluster
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.cron_job.controller import CronJobController
from galileo_emulation.controllers.daemon_set.controller import DaemonSetController
from galileo_emulation.controllers.deployment.controller import DeploymentController
from galileo_emulation.controllers.disruption.controller import DisruptionController
from galileo_emulation.controllers.endpoints.controller import EndpointsController, EndpointSliceController
from galileo_emulation.controllers.event_expiry.controller import EventExpiryController
from galileo_emulation.controllers.garbage.controller import GarbageCollector
from galileo_emulation.controllers.horizontal_autoscaling.controller import HorizontalAutoscalingController
from galileo_emulation.controllers.job.controller import JobController
from galileo_emulation.controllers.job.orphans import JobOrphans
from galileo_emulation.controllers.namespace.controller import NamespaceController
from galileo_emulation.controllers.node_lifecycle.controller import NodeLifecycleController
from galileo_emulation.controllers.pod_gc.controller import PodGarbageCollector
from galileo_emulation.controllers.replica_set.controller import ReplicaSetController
from galileo_emulation.controllers.service_account.controller import ServiceAccountController
from galileo_emulation.controllers.settings import ControllerSettings
from galileo_emulation.controllers.stateful_set.controller import StatefulSetController
from galileo_emulation.controllers.taint_eviction.controller import TaintEvictionController
from galileo_emulation.controllers.ttl_after_finished.controller import TtlAfterFinishedController
from galileo_emulation.kubernetes.node_access import NodeAccess
from galileo_emulation.kubernetes.operations.creation import Admission, admit_everything
from galileo_emulation.kubernetes.storage.store import Store

CONTROLLERS: tuple[type[Controller], ...] = (
    GarbageCollector,
    NamespaceController,
    ReplicaSetController,
    DeploymentController,
    DaemonSetController,
    StatefulSetController,
    JobController,
    JobOrphans,
    TtlAfterFinishedController,
    CronJobController,
    DisruptionController,
    HorizontalAutoscalingController,
    EndpointSliceController,
    EndpointsController,
    ServiceAccountController,
    NodeLifecycleController,
    TaintEvictionController,
    PodGarbageCollector,
    EventExpiryController,
)


class Controllers:
    """Runs the controllers that the settings name. `admit` sees what they create, as it sees what clients create.

    `nodes` are asked for what pods use; without them autoscalers find no measurements.
    """

    def __init__(
        self,
        store: Store,
        settings: ControllerSettings | None = None,
        *,
        admit: Admission = admit_everything,
        nodes: NodeAccess | None = None,
    ) -> None:
        self._settings = settings or ControllerSettings()
        self._cluster = Cluster.over(store, self._settings, admit, nodes)
        self._idle = asyncio.Event()
        self._controllers = [
            kind(self._cluster, self._idle.set) for kind in CONTROLLERS if kind.name in self._settings.controllers
        ]
        self._informing = ExitStack()
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Controllers:
        """Look at what is there and begin."""
        self._informing.enter_context(self._cluster.informers.running())
        self._running = asyncio.create_task(self._run(), name="controllers")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; raises what had failed."""
        self._informing.close()
        try:
            if self._running is not None:
                self._running.cancel()
                await asyncio.wait({self._running})
                if not self._running.cancelled():
                    await self._running
        finally:
            await self._cluster.api.close()

    async def wait(self) -> None:
        """Wait as long as the controllers run; raises what made them fail."""
        assert self._running is not None, "enter the context first"
        await asyncio.shield(self._running)

    async def settled(self, *, within_s: float = 0.0) -> None:
        """Wait until nothing is to be done now, nor falls due within `within_s` seconds."""
        while not all(controller.queue.is_quiet(within_s) for controller in self._controllers):
            self._idle.clear()
            await self._idle.wait()

    @property
    def faults(self) -> list[str]:
        """The keys on which a controller failed by a fault of its own, each with the controller's name."""
        return [f"{controller.name}: {key}" for controller in self._controllers for key in controller.faults]

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for controller in self._controllers:
                tasks.create_task(controller.run(), name=f"{controller.name} controller")
