"""A participant's voice and ears: says typed events by their delivery class, and hands received ones to handlers.

    say:    event → frame → published | appended to a record stream and published | journaled and published
    listen: frame → name → (unknown or not wanted: ignored at once) → bounded queue → decoded → handler

Each service has a `Bus` of its own, so that its messages carry its name and running numbers; the transport beneath is
shared by a process. Decisions reach handlers through journals only (see `delivery.decision_worker`), never from here;
but a decision that somebody published by hand is journaled here, exactly once however many participants hear it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Literal, cast

import msgspec
from galileo_schemas.event import Delivery, Event, EventKind, Meta
from galileo_schemas.events import SourceHeartbeat
from galileo_schemas.frame import EVENTS_CHANNEL, FrameError, RawFrame, split_frame, split_value
from galileo_schemas.registry import decode_value, encode_frame, kind_named, kind_of

from galileo_bus.delivery.catch_up import CatchUp
from galileo_bus.delivery.record_sender import RecordSender
from galileo_bus.delivery.rejections import Rejections
from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.election.authority import Anyone, Authority
from galileo_bus.identity import frame_hash, new_id
from galileo_bus.losses import LossCounter
from galileo_bus.transport import Subscription, Transport, TransportUnavailableError
from galileo_bus.transport.interface import IDENTITY_LIFETIME_S, Receive
from galileo_bus.transport.retention import DEFAULT_BUS_RETENTION, BusRetention
from galileo_bus.watched_task import StartTask, start_watched

QUEUE_LIMIT = 10_000
KNOWN_NAMES = 10_000
"""Names of no interest that are remembered as such; whoever invents more is looked up each time."""
HEARTBEAT_S = 1.0
ADOPT_AGAIN_S = 0.5
SAY_AT_ONCE = 250

log = logging.getLogger(__name__)

EventHandler = Callable[[Event], Awaitable[None]]
Handler = Callable[[Event, RawFrame], Awaitable[None]]
Adopt = Literal["all", "none"] | Collection[str]


@dataclass(frozen=True, slots=True)
class Source:
    """Who speaks: a service, and which of its lives."""

    name: str
    incarnation: str

    def __str__(self) -> str:
        return f"{self.name}/{self.incarnation}"


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


class Bus:
    """One participant. `now` is unix time in seconds; `adopt` says whose hand-published decisions are journaled."""

    def __init__(
        self,
        transport: Transport,
        *,
        source: str,
        now: Callable[[], float],
        rng: random.Random,
        adopt: Adopt = "all",
        queue_limit: int = QUEUE_LIMIT,
        retention: BusRetention = DEFAULT_BUS_RETENTION,
    ) -> None:
        self.transport = transport
        self.retention = retention
        self.source = Source(source, f"{rng.getrandbits(32):08x}")
        self.now = now
        self._rng = rng
        self._adopt = adopt
        self._queue_limit = queue_limit
        self._routes: dict[str, _Route] = {}
        self._routes_by_word: dict[bytes, _Route | None] = {}
        """The same by the name as it comes off the wire; None for names that are known to be of no interest here."""
        self._subscription: Subscription | None = None
        self._dispatching: asyncio.Task[None] | None = None
        self._queue: deque[tuple[_Route, str, bytes, list[bytes]]] = deque()
        self._queued: asyncio.Future[None]
        self._tasks: list[asyncio.Task[None]] = []
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._sequence: Counter[str] = Counter()
        self._source_text = str(self.source)
        self.records = RecordSender(transport, EVENT_RECORDS, new_id=self.next_id, retention=retention.records)
        self.rejections = Rejections(
            transport, now=now, events_channel=EVENTS_CHANNEL, service=source, retention=retention
        )
        self.losses = LossCounter()
        self._catch_up: CatchUp | None = None
        self._in_hand = ""
        self.said: Counter[str] = Counter()
        self._said_at_once = 0
        self.queue_dropped = 0
        self.adopted = 0
        self.authority: Authority = Anyone()
        """By what right decisions are said; a leader's may end."""
        self.rejoined: Callable[[], Awaitable[None]] | None = None
        """Called within a heartbeat after a lost connection was made again: something may have been missed."""

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

    def next_id(self) -> str:
        """A new id for an event or an effect."""
        return new_id(self.now(), self._rng)

    # ---------------------------------------------------------------- speaking

    async def say(
        self,
        event: Event,
        *,
        cause: Sequence[str] = (),
        key: str = "",
        expires_in_s: float | None = None,
        topic: str | None = None,
        event_id: str | None = None,
    ) -> str:
        """Says an event by its delivery class and returns its id.

        A decision is accepted when this returns; it raises `TransportUnavailableError` otherwise, and may be said
        again with the same `event_id`, or `FencedError` when we lead no more. Anything else is queued. `topic` says an
        observation on another channel than its own, for instance what is merely repeated. `expires_in_s` and `key`
        matter for decisions.
        """
        kind = kind_of(event)
        now = self.now()
        identity = event_id or self.next_id()
        observed = kind.delivery is Delivery.OBSERVATION or topic is not None
        event.meta = Meta(
            id=identity,
            source=self._source_text,
            seq=self._next_number(kind.name) if observed and topic is None else 0,
            cause=tuple(cause),
            expires=None if expires_in_s is None else now + expires_in_s,
            key=key,
        )
        frame = encode_frame(now, event)
        self.said[kind.name] += 1
        if observed:
            self.transport.publish(kind.channel if topic is None else f"{EVENTS_CHANNEL}/{topic}", frame)
            self._said_at_once += 1
            if self._said_at_once % SAY_AT_ONCE == 0:
                await asyncio.sleep(0)  # whoever says very many lets them go out, and others have a turn
        elif kind.delivery is Delivery.RECORD:
            self.records.add(kind.channel, frame)
        else:
            journal, said_as, published = journal_of(kind.name), f"said/{identity}", [(kind.channel, frame)]
            append = partial(self.transport.append, journal, frame, retention=self.retention.journals)
            await self.authority.write(lambda fence: append(identity=said_as, publish=published, fence=fence))
        return identity

    def _next_number(self, name: str) -> int:
        self._sequence[name] += 1
        return self._sequence[name]

    async def _heartbeats(self) -> None:
        reconnects = self.transport.reconnects
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if reconnects != self.transport.reconnects and self.rejoined is not None:
                reconnects = self.transport.reconnects
                await self.rejoined()
            if self._sequence:
                last = {name: seq for name, seq in self._sequence.items() if name != "source_heartbeat"}
                await self.say(SourceHeartbeat(last=last))

    # ---------------------------------------------------------------- listening

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

    async def start(self, start_task: StartTask = start_watched) -> None:
        """Subscribes to the channels that the handlers need, and begins to hand out events."""
        self.records.start(start_task)
        self._tasks.append(start_task(self._heartbeats(), f"{self.source.name} heartbeats"))
        if not self._routes:
            return
        self.listen(SourceHeartbeat, self._note_tail, with_frame=False)
        channels = {route.kind.channel for route in self._routes.values()} | {EVENTS_CHANNEL}
        channels |= {f"{EVENTS_CHANNEL}/{topic}" for topic in self._repeated_topics()}
        self._queued = asyncio.get_running_loop().create_future()
        self._dispatching = start_task(self._dispatch(), f"{self.source.name} dispatch")
        catch_up = self._catch_up = CatchUp(
            self.transport,
            kinds=[route.kind for route in self._routes.values()],
            hand_out=self._enqueue_missed,
            most_held=self._queue_limit,
            name=self.source.name,
        )
        self._tasks.append(start_task(catch_up.run(), f"{self.source.name} catch-up"))
        self._subscription = await self.transport.subscribe(
            self._receiver(), channels=sorted(channels), interrupted=catch_up.interrupted, resumed=catch_up.resumed
        )

    def _repeated_topics(self) -> set[str]:
        """Pods that are merely said again travel on the cluster topic, see `galileo_schemas.events.cluster`."""
        return {"cluster"} if any(name.startswith("pod/") for name in self._routes) else set()

    async def stop_listening(self, *, patience_s: float = 1.0) -> None:
        """No handler is called after this; hand-published decisions in hand are still journaled. May still speak."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            await subscription.close()
        if self._dispatching is not None:
            self._dispatching.cancel()
            await asyncio.gather(self._dispatching, return_exceptions=True)
        if self._side_tasks:
            await asyncio.wait(self._side_tasks, timeout=patience_s)

    async def close(self, *, patience_s: float = 5.0) -> None:
        """Stops listening, then waits for records that the server has not taken yet."""
        await self.stop_listening()
        ending = [*self._tasks, *self._side_tasks]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await self.records.close(patience_s=patience_s)

    def _receiver(self) -> Receive:
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
            self._spawn(self.rejections.note(channel, "frame", payload, str(error)))
            return
        kind = kind_named(frame.name)
        decides = kind is not None and kind.delivery is Delivery.DECISION
        if kind is not None and decides and b'"meta":{"id"' not in frame.value:
            self._spawn(self._adopt_decision(channel, payload, frame, kind))
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
                        log.exception("%s: the handler of %s failed", self.source.name, route.kind.name)
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
            await self.rejections.note(channel, rejected_as, payload, str(error))
            return None

    async def _hand_out_with_frame(self, route: _Route, event: Event, frame: RawFrame) -> None:
        for handler in route.frame_handlers:
            try:
                await handler(event, frame)
            except Exception:  # as above
                log.exception("%s: the handler of %s failed", self.source.name, route.kind.name)

    async def _note_tail(self, heartbeat: Event) -> None:
        meta = heartbeat.meta
        if meta is None or meta.source == self._source_text or not isinstance(heartbeat, SourceHeartbeat):
            return
        wanted = {name: seq for name, seq in heartbeat.last.items() if name in self._routes}
        self.losses.heartbeat(meta.source, wanted)

    # ---------------------------------------------------------------- adoption

    def adopts(self, event_name: str) -> bool:
        """Whether hand-published decisions of that name are journaled."""
        return self._adopt == "all" or (self._adopt != "none" and event_name in self._adopt)

    async def _adopt_decision(self, channel: str, payload: bytes, frame: RawFrame, kind: EventKind) -> None:
        """Journals a decision that was published without an id, unless another participant already has."""
        if not self.adopts(kind.name):
            return
        try:
            event = decode_value(kind, frame.value)
        except FrameError as error:
            if kind.name not in self._routes:  # else it is noted when it is handed out
                await self.rejections.note(channel, kind.name, payload, str(error))
            return
        if event.meta is not None and event.meta.id:
            return  # said by a participant, which has journaled it
        identity = frame_hash(payload)
        written = event.meta or Meta()
        event.meta = msgspec.structs.replace(written, id=identity, source=written.source or "by-hand")
        entry = encode_frame(frame.ts, event)
        journal, adopted_as = journal_of(kind.name), f"adopted/{identity}"
        give_up_at = asyncio.get_running_loop().time() + IDENTITY_LIFETIME_S / 2
        while True:
            try:
                if await self.transport.append(journal, entry, identity=adopted_as, retention=self.retention.journals):
                    self.adopted += 1
                return
            except TransportUnavailableError:
                if asyncio.get_running_loop().time() > give_up_at:
                    raise
                await asyncio.sleep(ADOPT_AGAIN_S)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.get_running_loop().create_task(_awaited(work), name=f"{self.source.name} side task")
        self._side_tasks.add(task)
        task.add_done_callback(self._side_task_done)

    def _side_task_done(self, task: asyncio.Task[None]) -> None:
        self._side_tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s: %s", self.source.name, error)


async def _awaited(work: Awaitable[None]) -> None:
    await work
