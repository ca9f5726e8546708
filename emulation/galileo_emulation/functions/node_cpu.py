"""The cores of a node as something to wait for: `await cpu.run(container, work_s)`.

The decision who gets how much is `cpu_sharing`; here is one timer a node, set to the next end of a job.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Hashable

from galileo_emulation.functions.cpu_sharing import CpuSharing

_BURNER = "something that burns CPU"
_FOR_EVER_S = 1e9  # more work than any run has time for


class NodeCpu:
    """Shares a node's cores between running requests, on the event loop's clock."""

    def __init__(self, *, cores: float, speed: float = 1.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._latest = self._loop.time()
        self._sharing = CpuSharing(cores=cores, speed=speed, now=self._latest)
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def jobs(self) -> int:
        """Requests that are using or waiting for a core (a load average counts these)."""
        return self._sharing.jobs

    async def run(self, container: Hashable, work_s: float) -> None:
        """Return when `work_s` CPU seconds (on a reference core) were spent; a cancelled call stops spending them."""
        job = self._sharing.add(container, work_s, self._now())
        done = self._loop.create_future()
        self._waiting[job] = done
        self._answer_and_set_timer()
        try:
            await done
        finally:
            if self._waiting.pop(job, None) is not None:
                self._sharing.cancel(job, self._now())
                self._answer_and_set_timer()

    def set_limit(self, container: Hashable, limit_millicores: float | None) -> None:
        """Limit a container's cores from now on; None lifts the limit."""
        self._sharing.set_limit(container, limit_millicores, self._now())
        self._answer_and_set_timer()

    def burn(self, cores: float) -> None:
        """Let something else want `cores` from now on, beside the containers; 0 ends it.

        It is as many endless jobs as cores, so that it gets its equal share of a busy node and no more.
        """
        now = self._now()
        self._sharing.remove(_BURNER, now)
        if cores > 0.0:
            self._sharing.set_limit(_BURNER, cores * 1000.0, now)
            for _ in range(math.ceil(cores)):
                self._sharing.add(_BURNER, _FOR_EVER_S, now)
        self._answer_and_set_timer()

    def charge(self, container: Hashable, cpu_s: float) -> None:
        """Count CPU seconds that a real process used as the container's."""
        self._sharing.charge(container, cpu_s)

    def remove(self, container: Hashable) -> None:
        """Forget a container and its counter. Its requests must have ended."""
        self._sharing.remove(container, self._now())
        self._answer_and_set_timer()

    def used_cpu_s(self, container: Hashable) -> float:
        """Cumulative CPU seconds of a container up to now."""
        self._sharing.advance(self._now())
        return self._sharing.used_cpu_s(container)

    def total_used_cpu_s(self) -> float:
        """Cumulative CPU seconds of the whole node up to now."""
        self._sharing.advance(self._now())
        return self._sharing.total_used_cpu_s()

    def _now(self) -> float:
        # A loop may call a timer early by its clock's resolution; the jobs have ended then all the same.
        self._latest = max(self._latest, self._loop.time())
        return self._latest

    def _timer_due(self, at: float) -> None:
        self._latest = max(self._latest, at)
        self._answer_and_set_timer()

    def _answer_and_set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._now()
        for completion in self._sharing.completed(now):
            done = self._waiting.pop(completion.job, None)
            if done is not None and not done.done():
                done.set_result(None)
        at = self._sharing.next_completion(now)
        if at is not None:
            self._timer = self._loop.call_at(at, self._timer_due, at)
