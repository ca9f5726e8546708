"""What one participant hears: from messages to handlers, in order, through a bounded queue.

    message → second word → (not wanted: ignored at once) → bounded queue → decoded → numbers noted → handlers

Decisions and records pass `CatchUp` first, so that what was missed in an interruption comes in its place. Decisions
by hand are also given to whoever adopts them. Nothing that arrives can stop it: what does not fit is rejected with
its reason, what a handler raises is logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Hashable
from math import isfinite
from typing import cast

import msgspec
from galileo_schemas.event import Delivery, Event, EventKind
from galileo_schemas.events import SourceHeartbeat
from galileo_schemas.frame import EVENTS_CHANNEL, FrameError, RawFrame, split_frame, split_value
from galileo_schemas.registry import decode_value, kind_named, kind_of

from galileo_bus.delivery.adoption import Adoption
from galileo_bus.delivery.catch_up import CatchUp
from galileo_bus.delivery.rejections import Rejections
from galileo_bus.losses import LossCounter
from galileo_bus.transport import Subscription, Transport
from galileo_bus.transport.interface import Receive
from galileo_bus.watched_task import StartTask

KNOWN_NAMES = 10_000
"""Names of no interest that are remembered as such; whoever invents more is looked up each time."""

log = logging.getLogger(__name__)

EventHandler = Callable[[Event], Awaitable[None]]
Handler = Callable[[Event, RawFrame], Awaitable[None]]


class _Route:
    """Where events of one name go: how they are decoded, to whom they are handed, and what was heard so far."""

    __slots__ = ("decode", "frame_handlers", "handlers", "heard", "kind", "numbers")

    def __init__(self, kind: EventKind, numbers: dict[str, int]) -> None:
        self.kind = kind
        self.decode = kind.decoder.decode
        self.handlers: list[EventHandler] = []
        self.frame_handlers: list[Handler] = []
        self.heard = 0
        self.numbers = numbers
        """The last number by source, which the loss counter keeps."""


class Inbox:
    """One participant's. `name` is for the log, `source` its own, whose heartbeats are no news to it."""

    def __init__(
        self,
        transport: Transport,
        *,
        name: str,
        source: str,
        rejections: Rejections,
        adoption: Adoption,
        queue_limit: int,
    ) -> None:
        self._transport = transport
        self._name = name
        self._source = source
        self._rejections = rejections
        self._adoption = adoption
        self._queue_limit = queue_limit
        self._routes: dict[str, _Route] = {}
        self._routes_by_word: dict[bytes, _Route | None] = {}
        """The same by the name as it comes off the wire; None for names that are known to be of no interest here."""
        self._subscription: Subscription | None = None
        self._dispatching: asyncio.Task[None] | None = None
        self._queue: deque[tuple[_Route, str, bytes, list[bytes]]] = deque()
        self._queued: asyncio.Future[None]
        self._tasks: list[asyncio.Task[None]] = []
        self._catch_up: CatchUp | None = None
        self._in_hand = ""
        self.side_tasks: set[asyncio.Task[None]] = set()
        """What is being rejected or adopted."""
        self.losses = LossCounter()
        self.queue_dropped = 0

    @property
    def heard(self) -> Counter[str]:
        """How many events of each name were handed to handlers; heartbeats are nobody's news."""
        heartbeats = kind_of(SourceHeartbeat).name
        return Counter({name: one.heard for name, one in self._routes.items() if one.heard and name != heartbeats})

    @property
    def interruptions(self) -> int:
        """How often the subscription was interrupted, so that messages may be missing."""
        return 0 if self._catch_up is None else self._catch_up.interruptions

    @property
    def caught_up(self) -> int:
        """How many decisions and records were missed by an interruption and read afterwards."""
        return 0 if self._catch_up is None else self._catch_up.caught_up

    @property
    def held_dropped(self) -> int:
        """How many decisions and records were dropped since too many waited until what was missed had been read."""
        return 0 if self._catch_up is None else self._catch_up.dropped

    @property
    def in_hand(self) -> dict[Hashable, str]:
        """The event whose handlers are called now, by a number that is another one for the next event."""
        return {("heard", self.heard.total()): self._in_hand} if self._in_hand else {}

    def listen(self, event_type: type[Event], handler: Handler | EventHandler, *, with_frame: bool = True) -> None:
        """Calls `handler(event, frame)`, or `handler(event)`, for each event of this type; before `start`.

        Decisions are read from journals instead.
        """
        route = self._route(kind_of(event_type))
        if with_frame:
            route.frame_handlers.append(cast(Handler, handler))
        else:
            route.handlers.append(cast(EventHandler, handler))

    def _route(self, kind: EventKind) -> _Route:
        route = self._routes.get(kind.name)
        if route is None:
            route = self._routes[kind.name] = _Route(kind, self.losses.numbers(kind.name))
            if kind.delivery is Delivery.OBSERVATION:  # decisions and records are looked at, each time
                self._routes_by_word[kind.name.encode()] = route
        return route

    async def start(self, start_task: StartTask) -> None:
        """Subscribes to the channels that the handlers need, and begins to hand out events."""
        if not self._routes:
            return
        self.listen(SourceHeartbeat, self._note_tail, with_frame=False)
        channels = {route.kind.channel for route in self._routes.values()} | {EVENTS_CHANNEL}
        channels |= {f"{EVENTS_CHANNEL}/{topic}" for topic in self._repeated_topics()}
        self._queued = asyncio.get_running_loop().create_future()
        self._dispatching = start_task(self._dispatch(), f"{self._name} dispatch")
        catch_up = self._catch_up = CatchUp(
            self._transport,
            kinds=[route.kind for route in self._routes.values()],
            hand_out=self._enqueue_missed,
            most_held=self._queue_limit,
            name=self._name,
        )
        self._tasks.append(start_task(catch_up.run(), f"{self._name} catch-up"))
        self._subscription = await self._transport.subscribe(
            self.receiver(), channels=sorted(channels), interrupted=catch_up.interrupted, resumed=catch_up.resumed
        )

    async def stop(self, *, patience_s: float) -> None:
        """No handler is called after this; hand-published decisions in hand are still journaled."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            await subscription.close()
        if self._dispatching is not None:
            self._dispatching.cancel()
            await asyncio.gather(self._dispatching, return_exceptions=True)
        if self.side_tasks:
            await asyncio.wait(self.side_tasks, timeout=patience_s)

    async def close(self) -> None:
        """Ends what `stop` has left."""
        ending = [*self._tasks, *self.side_tasks]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def _repeated_topics(self) -> set[str]:
        """Pods that are merely said again travel on the cluster topic, see `galileo_schemas.events.cluster`."""
        return {"cluster"} if any(name.startswith("pod/") for name in self._routes) else set()

    def receiver(self) -> Receive:
        """What takes each message off the wire, a closure since it is called very often.

        Most frames are as we write them, and found by their second word as it is.
        """
        routes, queue, limit = self._routes_by_word, self._queue, self._queue_limit
        unusual, wake, drop = self._receive_unusual, self._wake, self._drop_oldest

        def receive(channel: str, payload: bytes) -> None:
            words = payload.split(b" ", 2)
            try:
                route = routes[words[1]]
            except (KeyError, IndexError):
                unusual(channel, payload)
                return
            if route is not None:
                if not queue:
                    wake()
                elif len(queue) >= limit:
                    drop()
                queue.append((route, channel, payload, words))

        return receive

    def _receive_unusual(self, channel: str, payload: bytes) -> None:
        """A decision or record, a name that was not met before, a frame written by hand, or no frame at all."""
        try:
            frame = split_frame(payload)
        except FrameError as error:
            self._spawn(self._rejections.note(channel, "frame", payload, str(error)))
            return
        kind = kind_named(frame.name)
        decides = kind is not None and kind.delivery is Delivery.DECISION
        if kind is not None and decides and b'"meta":{"id"' not in frame.value:
            self._spawn(self._adoption.adopt(channel, payload, frame, kind, is_heard=kind.name in self._routes))
        route = self._routes.get(frame.name)
        if route is None:
            if not decides and len(self._routes_by_word) < KNOWN_NAMES:
                self._routes_by_word[frame.name.encode()] = None
            return
        if (
            route.kind.delivery is Delivery.OBSERVATION
            or self._catch_up is None
            or self._catch_up.passes(channel, payload, frame, route.kind)
        ):
            self._enqueue(route, channel, payload, payload.split(None, 2))

    def _enqueue_missed(self, channel: str, payload: bytes, _frame: RawFrame, kind: EventKind) -> None:
        self._enqueue(self._routes[kind.name], channel, payload, payload.split(None, 2))

    def _enqueue(self, route: _Route, channel: str, payload: bytes, words: list[bytes]) -> None:
        if len(self._queue) >= self._queue_limit:
            self._drop_oldest()
        self._queue.append((route, channel, payload, words))
        self._wake()

    def _drop_oldest(self) -> None:
        self._queue.popleft()
        self.queue_dropped += 1

    def _wake(self) -> None:
        if not self._queued.done():
            self._queued.set_result(None)

    async def _dispatch(self) -> None:
        loop, queue = asyncio.get_running_loop(), self._queue
        while True:
            # Nothing arrives while handlers go on without waiting, so that others have their turn here or there.
            await self._queued
            self._queued = loop.create_future()
            while queue:
                route, channel, payload, words = queue.popleft()
                try:
                    event = route.decode(words[2])
                    ts = float(words[0])
                    usual = isfinite(ts)
                except (msgspec.MsgspecError, ValueError, IndexError, RecursionError):
                    usual = False
                if not usual:
                    read = await self._read_leniently(route, channel, payload)
                    if read is None:
                        continue
                    event, ts = read
                if (meta := event.meta) is not None and (seq := meta.seq):
                    if route.numbers.get(meta.source, seq) == seq - 1:  # the one expected, as nearly always
                        route.numbers[meta.source] = seq
                    else:
                        self.losses.note(meta.source, route.kind.name, seq)
                route.heard += 1
                self._in_hand = route.kind.name
                for handler in route.handlers:
                    try:
                        await handler(event)
                    except Exception:  # a handler's fault must not silence the others; it is named with its traceback
                        log.exception("%s: the handler of %s failed", self._name, route.kind.name)
                if route.frame_handlers:
                    await self._hand_out_with_frame(route, event, RawFrame(ts, route.kind.name, split_value(payload)))
            self._in_hand = ""

    async def _read_leniently(self, route: _Route, channel: str, payload: bytes) -> tuple[Event, float] | None:
        """What did not fit at once: the event and its time, or None when it is rejected, with its reason."""
        rejected_as = "frame"
        try:
            frame = split_frame(payload)
            rejected_as = route.kind.name
            return decode_value(route.kind, frame.value), frame.ts
        except FrameError as error:
            await self._rejections.note(channel, rejected_as, payload, str(error))
            return None

    async def _hand_out_with_frame(self, route: _Route, event: Event, frame: RawFrame) -> None:
        for handler in route.frame_handlers:
            try:
                await handler(event, frame)
            except Exception:  # as above
                log.exception("%s: the handler of %s failed", self._name, route.kind.name)

    async def _note_tail(self, heartbeat: Event) -> None:
        meta = heartbeat.meta
        if meta is None or meta.source == self._source or not isinstance(heartbeat, SourceHeartbeat):
            return
        wanted = {name: seq for name, seq in heartbeat.last.items() if name in self._routes}
        self.losses.heartbeat(meta.source, wanted)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.get_running_loop().create_task(_awaited(work), name=f"{self._name} side task")
        self.side_tasks.add(task)
        task.add_done_callback(self._side_task_done)

    def _side_task_done(self, task: asyncio.Task[None]) -> None:
        self.side_tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s: %s", self._name, error)


async def _awaited(work: Awaitable[None]) -> None:
    await work
