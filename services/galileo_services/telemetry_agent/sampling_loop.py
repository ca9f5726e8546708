"""Reads instruments as they are due and hands on what they say, tick by tick, until it is cancelled; pauses between.

After a pause counters start anew: a rate over the pause would be told as if it were one of now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from galileo_services.telemetry_agent.sampler import Sampler
from galileo_services.telemetry_agent.schedule import Schedule

A = TypeVar("A")
R = TypeVar("R")


class Sample(NamedTuple):
    """A reading and when it was taken (unix seconds)."""

    ts: float
    topic: str
    value: float


class SamplingLoop:
    """The instruments in `periods_s`; in a thread when reading them may take long. `now` is unix time in seconds.

    `begun` is called when it is known which of them can be used, and when more of them can.
    """

    def __init__(
        self,
        sampler: Sampler,
        periods_s: Mapping[str, float],
        *,
        now: Callable[[], float],
        publish: Callable[[Sequence[Sample]], None],
        begun: Callable[[], None],
        may_run: asyncio.Event,
        in_thread: bool,
    ) -> None:
        self._sampler = sampler
        self._periods_s = dict(periods_s)
        self._now = now
        self._publish = publish
        self._on_begun = begun
        self._may_run = may_run
        self._in_thread = in_thread
        self._schedule = Schedule({}, start_s=0.0)
        self._added = asyncio.Event()
        self._skipped_before = 0
        self.has_begun = False
        """Whether all instruments have been looked at."""

    @property
    def skipped(self) -> int:
        """How many readings were not taken because the loop came too late for them."""
        return self._skipped_before + self._schedule.skipped

    async def run(self) -> None:
        """Reads and publishes until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._may_run.wait()
            start_s = loop.time()
            usable = await self._call(self._sampler.begin, list(self._periods_s), start_s)
            self._skipped_before = self.skipped
            self._schedule = Schedule({name: self._periods_s[name] for name in usable}, start_s=start_s)
            self.has_begun = True
            self._on_begun()
            await self._run_until_paused(loop)

    async def look_again(self) -> None:
        """Starts those that were left out and can be used now."""
        if not self._may_run.is_set() or not self.has_begun:
            return
        at = asyncio.get_running_loop().time()
        left_out = [name for name in self._periods_s if name in self._sampler.left_out]
        usable = await self._call(self._sampler.begin, left_out, at)
        for name in usable:
            self._schedule.add(name, self._periods_s[name], start_s=at)
        if usable:
            self._added.set()
            self._on_begun()

    async def _run_until_paused(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            next_s = self._schedule.next_s
            if next_s is None:
                await self._added.wait()
                self._added.clear()
                continue
            await asyncio.sleep(next_s - loop.time())
            if not self._may_run.is_set():
                return
            samples = await self._samples(loop.time())
            if samples and self._may_run.is_set():
                self._publish(samples)

    async def _samples(self, at: float) -> list[Sample]:
        samples = []
        for name in self._schedule.take(at):
            readings = await self._call(self._sampler.read, name, at)
            ts = self._now()
            samples += [Sample(ts, topic, value) for topic, value in readings]
        return samples

    async def _call(self, work: Callable[[A, float], R], what: A, at: float) -> R:
        return await asyncio.to_thread(work, what, at) if self._in_thread and what else work(what, at)
