"""Decisions for tests, an actor that remembers what it was asked, and workers that can be killed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from galileo_bus.bus import Bus
from galileo_bus.delivery.decision_worker import PARALLEL_KEYS, DecisionWorker
from galileo_bus.delivery.group_reader import IDLE_S, GroupReader
from galileo_bus.delivery.streams import journal_of
from galileo_bus.transport import StreamEntry, Transport
from galileo_schemas.event import Event
from galileo_schemas.events import PodCreationRequest, ScaleSchedule

JOURNAL = journal_of("scale_schedule")
GROUP = "pod_creator"


def unix_now() -> float:
    """A unix time that goes with the loop's clock, virtual or not."""
    return 1_700_000_000.0 + asyncio.get_running_loop().time()


def bus_on(transport: Transport, source: str = "decider", *, seed: int = 1) -> Bus:
    return Bus(transport, source=source, now=unix_now, rng=random.Random(f"{source} {seed}"))


def decision(pod: str) -> ScaleSchedule:
    request = PodCreationRequest(pod_name=pod)
    return ScaleSchedule(fn="resnet", origin_zone="a", dest_zone="b", pod_creation_request=request)


async def _succeed(_pod: str) -> None:
    return None


@dataclass
class Actor:
    """Notes what it is asked to do; `act` may fail or take its time. `effects` are by the decision's id."""

    act: Callable[[str], Awaitable[None]] = _succeed
    asked: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    effects: dict[str, str] = field(default_factory=dict)
    too_late: list[str] = field(default_factory=list)
    buried: list[tuple[str, str]] = field(default_factory=list)

    async def handle(self, event: Event, entry: StreamEntry) -> None:
        pod = pod_of(event)
        self.asked.append(pod)
        await self.act(pod)
        self.done.append(pod)
        assert event.meta is not None
        self.effects.setdefault(event.meta.id, pod)

    async def expired(self, event: Event, entry: StreamEntry) -> None:
        self.too_late.append(pod_of(event))

    async def dead(self, event: Event | None, entry: StreamEntry, reason: str) -> None:
        self.buried.append((pod_of(event) if event else "?", reason))


def pod_of(event: Event) -> str:
    assert isinstance(event, ScaleSchedule)
    return event.pod_creation_request.pod_name


class Workers:
    """Starts workers and ends them all; `kill` ends one in the middle of what it does."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(
        self,
        transport: Transport,
        actor: Actor,
        consumer: str = "one",
        *,
        idle_s: float = IDLE_S,
        parallel: int = PARALLEL_KEYS,
        finish_s: float = 0.0,
    ) -> asyncio.Task[None]:
        reader = GroupReader(transport, [JOURNAL], group=GROUP, consumer=consumer, idle_s=idle_s)
        worker = DecisionWorker(reader, {JOURNAL: actor}, now=unix_now, parallel=parallel, finish_s=finish_s)
        task = asyncio.get_running_loop().create_task(worker.run(), name=f"worker {consumer}")
        self._tasks.append(task)
        return task

    async def kill(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        await asyncio.wait([task])

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        failures = [end for end in ends if isinstance(end, Exception)]
        assert not failures, failures


async def settled(transport: Transport) -> bool:
    """Whether the group has read and acknowledged everything."""
    return await transport.backlog(JOURNAL, group=GROUP) == 0
