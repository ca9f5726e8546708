"""A participant's voice and ears: says typed events by their delivery class, and hands received ones to handlers.

    say:    event → frame → published | appended to a record stream and published | journaled and published
    listen: message → inbox → handler

Each service has a `Bus` of its own, so that its messages carry its name and running numbers; the transport beneath is
shared by a process. Decisions reach handlers through journals only (see `delivery.decision_worker`), never from here;
but a decision that somebody published by hand is journaled by who hears it, see `delivery.adoption`.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from galileo_schemas.event import Delivery, Event, Meta
from galileo_schemas.events import SourceHeartbeat
from galileo_schemas.frame import EVENTS_CHANNEL
from galileo_schemas.registry import encode_frame, kind_of

from galileo_bus.delivery.adoption import Adopt, Adoption
from galileo_bus.delivery.record_sender import RecordSender
from galileo_bus.delivery.rejections import Rejections
from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.election.authority import Anyone, Authority
from galileo_bus.identity import new_id
from galileo_bus.inbox import EventHandler, Handler, Inbox
from galileo_bus.losses import LossCounter
from galileo_bus.transport import Transport
from galileo_bus.transport.retention import DEFAULT_BUS_RETENTION, BusRetention
from galileo_bus.watched_task import StartTask, start_watched

QUEUE_LIMIT = 10_000
HEARTBEAT_S = 1.0
SAY_AT_ONCE = 250


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
        retention: BusRetention = DEFAULT_BUS_RETENTION,
    ) -> None:
        self.transport = transport
        self.retention = retention
        self.source = Source(source, f"{rng.getrandbits(32):08x}")
        self.now = now
        self._rng = rng
        self._heart: asyncio.Task[None] | None = None
        self._sequence: Counter[str] = Counter()
        self._source_text = str(self.source)
        self.records = RecordSender(transport, EVENT_RECORDS, new_id=self.next_id, retention=retention.records)
        self.rejections = Rejections(
            transport, now=now, events_channel=EVENTS_CHANNEL, service=source, retention=retention
        )
        self._adoption = Adoption(transport, adopt, rejections=self.rejections, retention=retention.journals)
        self.inbox = Inbox(
            transport,
            name=source,
            source=self._source_text,
            rejections=self.rejections,
            adoption=self._adoption,
            queue_limit=queue_limit,
        )
        self.said: Counter[str] = Counter()
        self._said_at_once = 0
        self.authority: Authority = Anyone()
        """By what right decisions are said; a leader's may end."""
        self.rejoined: Callable[[], Awaitable[None]] | None = None
        """Called within a heartbeat after a lost connection was made again: something may have been missed."""

    @property
    def heard(self) -> Counter[str]:
        """How many events of each name were handed to handlers; heartbeats are nobody's news."""
        return self.inbox.heard

    @property
    def losses(self) -> LossCounter:
        """What never arrived."""
        return self.inbox.losses

    @property
    def adopted(self) -> int:
        """How many hand-published decisions were journaled here."""
        return self._adoption.adopted

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
        self.inbox.listen(event_type, handler, with_frame=with_frame)

    def adopts(self, event_name: str) -> bool:
        """Whether hand-published decisions of that name are journaled."""
        return self._adoption.adopts(event_name)

    async def start(self, start_task: StartTask = start_watched) -> None:
        """Subscribes to the channels that the handlers need, and begins to hand out events."""
        self.records.start(start_task)
        self._heart = start_task(self._heartbeats(), f"{self.source.name} heartbeats")
        await self.inbox.start(start_task)

    async def stop_listening(self, *, patience_s: float = 1.0) -> None:
        """No handler is called after this; hand-published decisions in hand are still journaled. May still speak."""
        await self.inbox.stop(patience_s=patience_s)

    async def close(self, *, patience_s: float = 5.0) -> None:
        """Stops listening, then waits for records that the server has not taken yet."""
        await self.stop_listening()
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
        await self.inbox.close()
        await self.records.close(patience_s=patience_s)
