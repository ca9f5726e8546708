"""Acts on decisions: one at a time and in order per key, again after a failure, never after their time.

    journal → GroupReader → a queue per key → handler → acknowledge

A decision is acknowledged after its handler returned. A handler that raises is called again with growing pauses; after
`MAX_ATTEMPTS` the decision goes to the dead letters. That the bus is away is no fault of the decision and not counted.
A decision past `meta.expires` is not acted on. Each waits for the earlier ones of its key, also for those that another
replica has in hand or left behind when it died; see `predecessors`.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from bisect import insort
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing
from typing import Protocol

from galileo_schemas.event import Event
from galileo_schemas.frame import FrameError, split_frame
from galileo_schemas.registry import decode_frame

from galileo_bus.delivery.group_reader import GroupReader
from galileo_bus.delivery.predecessors import Predecessors
from galileo_bus.delivery.streams import event_of
from galileo_bus.transport import StreamEntry, TransportUnavailableError
from galileo_bus.transport.places import id_order

PARALLEL_KEYS = 16
MAX_ATTEMPTS = 5
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
FINISH_S = 2.0
LOOK_AGAIN_S = 0.05

log = logging.getLogger(__name__)


class DecisionHandler(Protocol):
    """Who acts on one event name."""

    async def handle(self, event: Event, entry: StreamEntry) -> None:
        """Acts. May be called more than once for one decision: its effect must not happen twice."""

    async def expired(self, event: Event, entry: StreamEntry) -> None:
        """The decision's time is over; says so instead of acting."""

    async def dead(self, event: Event | None, entry: StreamEntry, reason: str) -> None:
        """The decision is given up, for good."""


class DecisionWorker:
    """Runs one service's decision handlers over its journals."""

    def __init__(
        self,
        reader: GroupReader,
        handlers: dict[str, DecisionHandler],
        *,
        now: Callable[[], float],
        parallel: int = PARALLEL_KEYS,
        finish_s: float = FINISH_S,
    ) -> None:
        """`finish_s`: how long a handler may go on when the worker is to stop."""
        self._reader = reader
        self._handlers = handlers
        self._now = now
        self._free = asyncio.Semaphore(parallel)
        self._parallel = parallel
        self._queues: dict[str, list[tuple[Event, StreamEntry]]] = {}
        self._predecessors = Predecessors()
        self._look_again_at = 0.0
        self._calls = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._finish_s = finish_s
        self._stopping = False
        self.in_hand: dict[Hashable, str] = {}
        """Names of the events whose handlers are called now, by the call."""
        self.handled = 0
        self.retried = 0

    async def backlog(self) -> int:
        """How many decisions wait for this service, on all its replicas together."""
        return await self._reader.backlog()

    async def run(self) -> None:
        """Until cancelled; then handlers may finish for a moment, and the rest is left to whoever claims it."""
        try:
            async with asyncio.TaskGroup() as group:
                await self._read(group)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def _read(self, group: asyncio.TaskGroup) -> None:
        try:
            async with aclosing(self._reader.batches(count=self._parallel)) as batches:
                async for entries in batches:
                    await self._note_predecessors(entries)
                    for entry in entries:
                        await self._enqueue(entry, group)
        except asyncio.CancelledError:
            self._stopping = True
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self._finish_s)
            raise

    async def _enqueue(self, entry: StreamEntry, group: asyncio.TaskGroup) -> None:
        try:
            event = decode_frame(split_frame(entry.payload))
        except FrameError as error:
            await self._bury(None, entry, str(error))
            await self._reader.acknowledge([entry])
            return
        if event is None:
            await self._reader.acknowledge([entry])
            return
        key = f"{entry.stream} {key_of(event) or entry.id}"
        queue = self._queues.get(key)
        if queue is not None:  # by their places: what a dead replica left behind comes later, and goes first
            insort(queue, (event, entry), key=lambda queued: id_order(queued[1].id))
            self._predecessors.taken_over(entry.stream, entry.id)
            return
        await self._free.acquire()
        self._predecessors.taken_over(entry.stream, entry.id)
        self._queues[key] = [(event, entry)]
        task = group.create_task(self._work(key), name=f"decisions {key}")
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._free.release()

    async def _work(self, key: str) -> None:
        queue = self._queues[key]
        try:
            while queue and not self._stopping:
                event, entry = queue[0]
                if self._predecessors.hold(entry.stream, key_of(event), entry.id):
                    await self._let_others_go_first(entry.stream)
                    continue
                queue.pop(0)
                await self._settle(event, entry)
        finally:
            # no await between the check above and this line, or an entry could be queued for a worker that is gone
            del self._queues[key]

    async def _note_predecessors(self, entries: Sequence[StreamEntry]) -> None:
        for entry in await self._reader.earlier(entries):
            try:
                event = decode_frame(split_frame(entry.payload))
            except FrameError:
                continue  # whoever has it buries it
            if event is not None:
                self._predecessors.note(entry.stream, [(entry.id, key_of(event))])

    async def _let_others_go_first(self, stream: str) -> None:
        """Without a place among those that work: they may all be taken while what goes first is still to be claimed."""
        self._free.release()
        try:
            await asyncio.sleep(LOOK_AGAIN_S)
            now = asyncio.get_running_loop().time()
            if now >= self._look_again_at:
                self._look_again_at = now + LOOK_AGAIN_S / 2
                self._predecessors.keep_only(stream, await self._reader.pending(stream))
        except TransportUnavailableError:
            pass  # the next look tells; the reading says that the server is away
        finally:
            await self._free.acquire()

    async def _settle(self, event: Event, entry: StreamEntry) -> None:
        handler = self._handlers[entry.stream]
        attempt = max(0, entry.deliveries - 1)
        if attempt >= MAX_ATTEMPTS:  # it never came to an end: perhaps it takes the process down each time
            await self._bury(event, entry, f"given up after {attempt} deliveries without an end")
            await self._reader.acknowledge([entry])
            return
        while True:
            if event.meta and event.meta.expires and self._now() > event.meta.expires:
                await self._try(handler.expired(event, entry), entry)
                break
            error = await self._try(handler.handle(event, entry), entry)
            if error is None:
                self.handled += 1
                break
            if self._stopping:
                return
            attempt += not isinstance(error, TransportUnavailableError)
            if attempt >= MAX_ATTEMPTS:
                await self._bury(event, entry, f"{type(error).__name__}: {error} (given up after {attempt} attempts)")
                break
            self.retried += 1
            await asyncio.sleep(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** max(0, attempt - 1)))
        await self._reader.acknowledge([entry])

    async def _try(self, action: Awaitable[None], entry: StreamEntry) -> Exception | None:
        call = (entry.id, next(self._calls))
        self.in_hand[call] = event_of(entry.stream)
        try:
            await action
        except Exception as error:  # a plug-in's handler may raise anything; the decision is tried again, then buried
            log.warning("%s %s failed: %s: %s", entry.stream, entry.id, type(error).__name__, error)
            return error
        finally:
            del self.in_hand[call]
        return None

    async def _bury(self, event: Event | None, entry: StreamEntry, reason: str) -> None:
        while True:
            try:
                return await self._handlers[entry.stream].dead(event, entry, reason)
            except TransportUnavailableError:
                await asyncio.sleep(FIRST_PAUSE_S)
            except Exception:  # said or not, it must not come back for ever
                return log.exception("%s %s was given up (%s), which could not be said", entry.stream, entry.id, reason)


def key_of(event: Event) -> str:
    """What decisions have to be handled in order about; empty for those that stand alone."""
    return event.meta.key if event.meta is not None else ""
