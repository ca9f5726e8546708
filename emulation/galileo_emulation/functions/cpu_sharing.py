"""How the cores of one node are shared by the requests on it: processor sharing, decided event by event.

Every request (job) gets the same share of the cores, at most one core; a container's jobs together get at most the
container's CPU limit. What a limited container cannot use goes to the others (water-filling). Between two events all
rates are constant, so that nothing has to be simulated in steps: each container keeps the work that each of its jobs
has attained since it was last idle, and a heap of the attained work at which its jobs end. An event costs a sort of the
containers that have jobs, and one heap operation.

Time is an argument. `work_s` is CPU time on a reference core; a node with `speed` 2 does it in half the time. The
cumulative counters are CPU time of this node, as a cgroup counts it: `used_cpu_s * speed` is the work done.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Completion:
    """Job `job` of `container` ended at time `at`."""

    job: int
    container: Hashable
    at: float


@dataclass(slots=True)
class _Container:
    limit_cores: float = math.inf
    attained_s: float = 0.0  # work per job since the container was last idle
    rate: float = 0.0  # cores that each of its jobs has now
    jobs: set[int] = field(default_factory=set)
    ends: list[tuple[float, int]] = field(default_factory=list)  # heap of (attained_s at the end, job)
    used_cpu_s: float = 0.0

    def first_end(self) -> float:
        """The attained work at which the next job ends; cancelled jobs at the top of the heap are dropped."""
        while self.ends[0][1] not in self.jobs:
            heapq.heappop(self.ends)
        return self.ends[0][0]

    def forget(self, job: int) -> None:
        self.jobs.discard(job)
        if not self.jobs:  # start from zero again, so that rounding never adds up
            self.ends.clear()
            self.attained_s = 0.0


def share_cores(cores: float, demands: Sequence[tuple[int, float]]) -> list[float]:
    """Cores for each job of each container, by water-filling.

    `demands` holds for each container its number of jobs (1 or more) and its limit in cores. Every job gets the same
    level, except where one core or its container's limit is less; nothing is left over while some job could use it.
    """
    most = [min(1.0, limit / jobs) for jobs, limit in demands]
    rates = [0.0] * len(demands)
    left, jobs_left = cores, sum(jobs for jobs, _ in demands)
    for index in sorted(range(len(demands)), key=most.__getitem__):
        jobs = demands[index][0]
        rates[index] = min(most[index], left / jobs_left)
        left -= rates[index] * jobs
        jobs_left -= jobs
        if left <= 0.0:
            left = 0.0
    return rates


class CpuSharing:
    """The cores of one node and the jobs on them."""

    def __init__(self, *, cores: float, speed: float = 1.0, now: float = 0.0) -> None:
        self._cores = cores
        self._speed = speed
        self._now = now
        self._containers: dict[Hashable, _Container] = {}
        self._busy: dict[Hashable, _Container] = {}
        self._owner: dict[int, Hashable] = {}
        self._last_job = 0
        self._completed: list[Completion] = []
        self._used_by_removed_s = 0.0

    @property
    def jobs(self) -> int:
        """How many jobs are being worked on."""
        return len(self._owner)

    def set_limit(self, container: Hashable, limit_millicores: float | None, now: float) -> None:
        """Limit a container's jobs together to `limit_millicores`; None lifts the limit."""
        self.advance(now)
        limit = math.inf if limit_millicores is None else limit_millicores / 1000.0
        if limit <= 0.0:
            raise ValueError(f"CPU limit of {container}: {limit_millicores} millicores, expected more than 0")
        self._container(container).limit_cores = limit
        self._share()

    def add(self, container: Hashable, work_s: float, now: float) -> int:
        """Start a job of `work_s` CPU seconds on a reference core; the answer is its id."""
        if not (work_s >= 0.0 and math.isfinite(work_s)):
            raise ValueError(f"work of a job of {container}: {work_s} s, expected 0 or more")
        self.advance(now)
        self._last_job += 1
        job = self._last_job
        state = self._container(container)
        state.jobs.add(job)
        heapq.heappush(state.ends, (state.attained_s + work_s, job))
        self._owner[job] = container
        self._busy[container] = state
        self._share()
        return job

    def cancel(self, job: int, now: float) -> bool:
        """Drop a job; False if it had ended already."""
        self.advance(now)
        container = self._owner.get(job)
        if container is None:
            return False
        self._end(job, container)
        self._share()
        return True

    def charge(self, container: Hashable, cpu_s: float) -> None:
        """Add CPU seconds that were used outside of the sharing, by a real process, to a container's counter."""
        self._container(container).used_cpu_s += cpu_s

    def remove(self, container: Hashable, now: float) -> None:
        """Drop a container with its jobs and its counter; the node's own counter keeps what it used."""
        self.advance(now)
        state = self._containers.pop(container, None)
        if state is None:
            return
        for job in list(state.jobs):
            self._end(job, container)
        self._used_by_removed_s += state.used_cpu_s
        self._share()

    def next_completion(self, now: float) -> float | None:
        """When the next job ends if nothing else happens; None if there is no job."""
        self.advance(now)
        if self._completed:
            return self._completed[0].at
        upcoming = self._next_end()
        return upcoming[0] if upcoming else None

    def completed(self, now: float) -> list[Completion]:
        """The jobs that ended up to `now` and were not answered before, in order of their end."""
        self.advance(now)
        completed, self._completed = self._completed, []
        return completed

    def used_cpu_s(self, container: Hashable) -> float:
        """Cumulative CPU seconds of a container up to the last event; 0 if it is not known."""
        state = self._containers.get(container)
        return state.used_cpu_s if state else 0.0

    def total_used_cpu_s(self) -> float:
        """Cumulative CPU seconds of the node up to the last event."""
        return self._used_by_removed_s + sum(state.used_cpu_s for state in self._containers.values())

    def advance(self, now: float) -> None:
        """Let time pass up to `now`, through every end of a job on the way."""
        if now < self._now:
            raise ValueError(f"time goes backwards: {now} after {self._now}")
        while upcoming := self._next_end():
            at, container, state = upcoming
            if at > now:
                break
            self._pass(at)
            state.attained_s = state.first_end()  # exactly, whatever the rounding
            job = heapq.heappop(state.ends)[1]
            self._end(job, container)
            self._completed.append(Completion(job, container, at))
            self._share()
        self._pass(now)

    def _container(self, container: Hashable) -> _Container:
        return self._containers.setdefault(container, _Container())

    def _end(self, job: int, container: Hashable) -> None:
        del self._owner[job]
        state = self._busy[container]
        state.forget(job)
        if not state.jobs:
            del self._busy[container]

    def _next_end(self) -> tuple[float, Hashable, _Container] | None:
        first: tuple[float, Hashable, _Container] | None = None
        for container, state in self._busy.items():
            left_s = max(0.0, state.first_end() - state.attained_s)
            at = self._now + (left_s / (state.rate * self._speed) if left_s else 0.0)
            if first is None or at < first[0]:
                first = (at, container, state)
        return first

    def _pass(self, now: float) -> None:
        elapsed_s = now - self._now
        self._now = now
        if elapsed_s <= 0.0:
            return
        for state in self._busy.values():
            state.attained_s += state.rate * self._speed * elapsed_s
            state.used_cpu_s += state.rate * elapsed_s * len(state.jobs)

    def _share(self) -> None:
        busy = list(self._busy.values())
        rates = share_cores(self._cores, [(len(state.jobs), state.limit_cores) for state in busy])
        for state, rate in zip(busy, rates, strict=True):
            state.rate = rate
