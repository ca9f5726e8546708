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
from typing import Literal

import msgspec
from galileo_schemas.event import Delivery, Event, EventKind, Meta
from galileo_schemas.events import SourceHeartbeat
from galileo_schemas.frame import EVENTS_CHANNEL, FrameError, RawFrame, split_frame
from galileo_schemas.registry import decode_value, encode_frame, kind_named, kind_of

from galileo_bus.delivery.catch_up import CatchUp
from galileo_bus.delivery.record_sender import RecordSender
from galileo_bus.delivery.rejections import Rejections
from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.identity import frame_hash, new_id
from galileo_bus.losses import LossCounter
from galileo_bus.transport import Subscription, Transport, TransportUnavailableError
from galileo_bus.transport.interface import IDENTITY_LIFETIME_S
from galileo_bus.watched_task import StartTask, start_watched

QUEUE_LIMIT = 10_000
HEARTBEAT_S = 1.0
ADOPT_AGAIN_S = 0.5

log = logging.getLogger(__name__)

Handler = Callable[[Event, RawFrame], Awaitable[None]]
FrameHandler = Callable[[str, bytes], Awaitable[None]]
Adopt = Literal["all", "none"] | Collection[str]


@dataclass(frozen=True, slots=True)
class Source:
    """Who speaks: a service, and which of its lives."""

    name: str
    incarnation: str

    def __str__(self) -> str:
        return f"{self.name}/{self.incarnation}"


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
    ) -> None:
        self.transport = transport
        self.source = Source(source, f"{rng.getrandbits(32):08x}")
        self.now = now
        self._rng = rng
        self._adopt = adopt
        self._queue_limit = queue_limit
        self._handlers: dict[str, list[Handler]] = {}
        self._kinds: dict[str, EventKind] = {}
        self._subscription: Subscription | None = None
        self._dispatching: asyncio.Task[None] | None = None
        self._queue: deque[tuple[str, bytes, RawFrame, EventKind]] = deque()
        self._queued = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._sequence: Counter[str] = Counter()
        self._source_text = str(self.source)
        self.records = RecordSender(transport, EVENT_RECORDS, new_id=self.next_id)
        self.rejections = Rejections(transport, now=now, events_channel=EVENTS_CHANNEL)
        self.losses = LossCounter()
        self._catch_up: CatchUp | None = None
        self._in_hand = ""
        self.said: Counter[str] = Counter()
        self.heard: Counter[str] = Counter()
        self.queue_dropped = 0
        self.adopted = 0
        self.rejoined: Callable[[], Awaitable[None]] | None = None
        """Called within a heartbeat after a lost connection was made again: something may have been missed."""

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
        again with the same `event_id`. Anything else is queued. `topic` says an observation on another channel than
        its own, for instance what is merely repeated. `expires_in_s` and `key` matter for decisions.
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
        elif kind.delivery is Delivery.RECORD:
            self.records.add(kind.channel, frame)
        else:
            await self.transport.append(
                journal_of(kind.name), frame, identity=f"said/{identity}", publish=[(kind.channel, frame)]
            )
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

    def listen(self, event_type: type[Event], handler: Handler) -> None:
        """Calls `handler` for each event of this type; before `start`. Decisions are read from journals instead."""
        kind = kind_of(event_type)
        self._kinds[kind.name] = kind
        self._handlers.setdefault(kind.name, []).append(handler)

    async def start(self, start_task: StartTask = start_watched) -> None:
        """Subscribes to the channels that the handlers need, and begins to hand out events."""
        self.records.start(start_task)
        self._tasks.append(start_task(self._heartbeats(), f"{self.source.name} heartbeats"))
        if not self._handlers:
            return
        heartbeat = kind_of(SourceHeartbeat)
        self._kinds[heartbeat.name] = heartbeat
        channels = {kind.channel for kind in self._kinds.values()} | {EVENTS_CHANNEL}
        channels |= {f"{EVENTS_CHANNEL}/{topic}" for topic in self._repeated_topics()}
        self._dispatching = start_task(self._dispatch(), f"{self.source.name} dispatch")
        catch_up = self._catch_up = CatchUp(
            self.transport,
            kinds=self._kinds.values(),
            hand_out=self._queue_up,
            most_held=self._queue_limit,
            name=self.source.name,
        )
        self._tasks.append(start_task(catch_up.run(), f"{self.source.name} catch-up"))
        self._subscription = await self.transport.subscribe(
            self._receive, channels=sorted(channels), interrupted=catch_up.interrupted, resumed=catch_up.resumed
        )

    def _repeated_topics(self) -> set[str]:
        """Pods that are merely said again travel on the cluster topic, see `galileo_schemas.events.cluster`."""
        return {"cluster"} if any(name.startswith("pod/") for name in self._handlers) else set()

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

    def _receive(self, channel: str, payload: bytes) -> None:
        try:
            frame = split_frame(payload)
        except FrameError as error:
            self._spawn(self.rejections.note(channel, "frame", payload, str(error)))
            return
        kind = self._kinds.get(frame.name)
        if kind is None:
            kind = kind_named(frame.name)
            if kind is None or kind.delivery is not Delivery.DECISION:
                return
        if kind.delivery is Delivery.DECISION and b'"meta":{"id"' not in frame.value:
            self._spawn(self._adopt_decision(channel, payload, frame, kind))
        if frame.name not in self._kinds:
            return
        if (
            kind.delivery is not Delivery.OBSERVATION
            and self._catch_up is not None
            and not self._catch_up.passes(channel, payload, frame, kind)
        ):
            return
        if len(self._queue) >= self._queue_limit:
            self._queue.popleft()
            self.queue_dropped += 1
        self._queue.append((channel, payload, frame, kind))
        self._queued.set()

    def _queue_up(self, channel: str, payload: bytes, frame: RawFrame, kind: EventKind) -> None:
        """As at the end of `_receive`, which is too hot for one call more."""
        if len(self._queue) >= self._queue_limit:
            self._queue.popleft()
            self.queue_dropped += 1
        self._queue.append((channel, payload, frame, kind))
        self._queued.set()

    async def _dispatch(self) -> None:
        while True:
            await self._queued.wait()
            self._queued.clear()
            while self._queue:
                await self._hand_out(*self._queue.popleft())
            # One turn for others between bursts; the queue is bounded, so a flood is dropped and counted.
            await asyncio.sleep(0)

    async def _hand_out(self, channel: str, payload: bytes, frame: RawFrame, kind: EventKind) -> None:
        try:
            event = decode_value(kind, frame.value)
        except FrameError as error:
            await self.rejections.note(channel, frame.name, payload, str(error))
            return
        meta = event.meta
        if meta is not None and meta.source == self._source_text and isinstance(event, SourceHeartbeat):
            return
        if isinstance(event, SourceHeartbeat):
            if meta is not None:
                self._note_tail(meta.source, event)
            return
        if meta is not None and meta.seq:
            self.losses.note(meta.source, frame.name, meta.seq)
        self.heard[frame.name] += 1
        self._in_hand = frame.name
        for handler in self._handlers.get(frame.name, ()):
            try:
                await handler(event, frame)
            except Exception:  # a handler's fault must not silence the others; it is named with its traceback
                log.exception("%s: the handler of %s failed", self.source.name, frame.name)
        self._in_hand = ""

    def _note_tail(self, source: str, heartbeat: SourceHeartbeat) -> None:
        wanted = {name: seq for name, seq in heartbeat.last.items() if name in self._handlers}
        self.losses.heartbeat(source, wanted)

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
            if kind.name not in self._kinds:  # else it is noted when it is handed out
                await self.rejections.note(channel, kind.name, payload, str(error))
            return
        if event.meta is not None and event.meta.id:
            return  # said by a participant, which has journaled it
        identity = frame_hash(payload)
        written = event.meta or Meta()
        event.meta = msgspec.structs.replace(written, id=identity, source=written.source or "by-hand")
        entry = encode_frame(frame.ts, event)
        give_up_at = asyncio.get_running_loop().time() + IDENTITY_LIFETIME_S / 2
        while True:
            try:
                if await self.transport.append(journal_of(kind.name), entry, identity=f"adopted/{identity}"):
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
