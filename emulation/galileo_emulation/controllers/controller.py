"""How a controller works: keys from a queue, one at a time each, brought from what is to what should be.

    informers -> handlers -> queue -> reconcile(key) -> done, or again after a wait

`reconcile` is level-triggered: it looks at how things are, never at what happened, so that a change that was missed,
or told twice, does no harm. What an API call refuses is tried again with a growing wait: conflicts silently, as they
are part of the work, all else with a line in the log that says what and for which object.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from galileo_emulation.controllers.cluster import Cluster
from galileo_emulation.controllers.informer import split_key
from galileo_emulation.controllers.work_queue import WorkQueue
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_conflict

log = logging.getLogger(__name__)


class Controller(ABC):
    """A controller. `component` names it in events, `name` in settings, logs and tasks."""

    name: ClassVar[str]
    component: ClassVar[str] = ""

    def __init__(self, cluster: Cluster, became_idle: Callable[[], None]) -> None:
        self.cluster = cluster
        self.api = cluster.api
        self.queue = WorkQueue(became_idle=became_idle)
        self.events = cluster.recorder(self.component or f"{self.name}-controller")
        self.faults: list[str] = []
        self.watch()

    @abstractmethod
    def watch(self) -> None:
        """Ask informers for indexes, and give them handlers that put keys into the queue."""

    @abstractmethod
    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring the object of a key to what it should be; return seconds after which to look again, if any.

        Raises ApiError when something was refused; it is then called again.
        """

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for number in range(self.cluster.settings.workers):
                    tasks.create_task(self._work(), name=f"{self.name} controller, worker {number}")
        finally:
            self.queue.close()

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                await self._reconcile(key)
            finally:
                self.queue.done(key)
            # The API server and the kubelets live in the same loop, and many keys may be waiting.
            await asyncio.sleep(0)

    async def _reconcile(self, key: str) -> None:
        try:
            again_s = await self.reconcile(*split_key(key))
        except ApiError as error:
            wait_s = self.queue.add_failed(key)
            level = logging.DEBUG if is_conflict(error) else logging.WARNING
            log.log(level, "%s controller: %s: %s; trying again in %.3g s", self.name, key, error.message, wait_s)
            return
        except Exception:
            # One object that cannot be worked on must not end the work on all others; it is told, and counted.
            self.faults.append(key)
            wait_s = self.queue.add_failed(key)
            log.exception("%s controller: %s: failed; trying again in %.3g s", self.name, key, wait_s)
            return
        self.queue.forget(key)
        if again_s is not None:
            self.queue.add_after(key, again_s)
