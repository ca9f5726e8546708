"""The services of a run: they do little, and note all of it.

    Decider: says decisions, records and observations;  Actor: acts on decisions;  Recorder: keeps records
    Listener: hears observations, and watches decisions and records

What a decision's handler is to do is in the pod's name, so that the plan needs no other way to tell it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from galileo_bus.delivery.group_reader import GroupReader
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_bus.service import Service, Settings, every, on, watch
from galileo_bus.transport import TransportUnavailableError
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, PodCreated, PodCreationRequest, ScaleSchedule
from galileo_schemas.frame import split_frame
from galileo_schemas.registry import decode_frame

from tests.robustness.effect_store import EffectStore
from tests.robustness.histories import History
from tests.robustness.worker_spec import WorkerSpec

SAY_AGAIN_S = 0.05
CLAIM_AFTER_S = 0.8
SLOW_S = 0.15
FLAKY, DOOMED = "flaky", "doomed"


def decision(pod: str) -> ScaleSchedule:
    return ScaleSchedule(fn="f", origin_zone="a", dest_zone="b", pod_creation_request=PodCreationRequest(pod_name=pod))


def pod_of(event: Event) -> str:
    assert isinstance(event, ScaleSchedule)
    return event.pod_creation_request.pod_name


class Noting(Service):
    """What they share: what is to be done, and where it is noted."""

    settings: Settings
    spec: WorkerSpec
    history: History

    async def joined(self) -> None:
        self.history.note("running", source=str(self.bus.source))


class Decider(Noting):
    """Says each decision until it is accepted, one after the other, so that their order is known."""

    name = "decider"

    async def started(self) -> None:
        self._draw = random.Random(f"{self.spec.seed} {self.spec.who}")
        self._records_said = 0

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._decide(), self._observe(), self._record(), self._tell_when_done()]

    def _saying(self) -> bool:
        return time.time() < self.spec.quiet_at

    async def _decide(self) -> None:
        number = 0
        while self._saying():
            await self._say_decision(number)
            number += 1
            await asyncio.sleep(self._draw.uniform(0.3, 1.7) * self.spec.decision_every_s)
        await asyncio.Event().wait()

    async def _say_decision(self, number: int) -> None:
        draw = self._draw
        kind = draw.choices((FLAKY, DOOMED, "well"), (5, 1, 94))[0]
        pod = f"{self.spec.who.replace('/', '-')}-{number}-{kind}"
        key = f"key-{draw.randrange(self.spec.keys)}" if draw.random() < 0.9 else ""
        event_id = self.bus.next_id()
        expires_at = time.time() + draw.uniform(0.2, 0.8) if draw.random() < 0.25 else None
        self.history.note("saying", id=event_id, pod=pod, key=key, expires=expires_at)
        while True:
            try:
                left_s = None if expires_at is None else expires_at - self.now()
                await self.bus.say(decision(pod), key=key, expires_in_s=left_s, event_id=event_id)
                break
            except TransportUnavailableError:
                self.history.note("refused", id=event_id)
                await asyncio.sleep(SAY_AGAIN_S)
        self.history.note("accepted", id=event_id, pod=pod)

    async def _observe(self) -> None:
        number = 0
        while self._saying():
            number += 1
            self.history.note("observed", seq=number, source=str(self.bus.source))
            event = ApiPressure(node="n" * self.spec.observation_bytes, zone="z", value=float(number))
            await self.bus.say(event)
            assert event.meta is not None
            assert event.meta.seq == number
            await asyncio.sleep(self.spec.observation_every_s)
        await asyncio.Event().wait()

    async def _record(self) -> None:
        while self._saying():
            event = PodCreated(pod="p", namespace="n", uid="u")
            event_id = self.bus.next_id()
            self.history.note("record_said", id=event_id)
            await self.bus.say(event, event_id=event_id)
            self._records_said += 1
            await asyncio.sleep(self.spec.record_every_s)
        await asyncio.Event().wait()

    @every(0.05)
    async def _note_taken(self) -> None:
        self.history.note("records_taken", count=self.bus.records.sent)

    async def _tell_when_done(self) -> None:
        await asyncio.sleep(max(0.0, self.spec.quiet_at - time.time()))
        await self.bus.records.drain()
        self.history.note("records_taken", count=self.bus.records.sent)
        self.history.note("said_all")
        self.spec.done_file.touch()
        await asyncio.Event().wait()


class Actor(Noting):
    """Acts with an idempotent effect, somewhere in the middle of its handler."""

    name = "actor"

    async def started(self) -> None:
        self._store = EffectStore(self.spec.store)
        self._failed: set[str] = set()

    @on(ScaleSchedule)
    async def act(self, event: ScaleSchedule) -> None:
        meta, pod = event.meta, pod_of(event)
        assert meta is not None
        self.history.note("began", id=meta.id, pod=pod, expires=meta.expires)
        await asyncio.sleep(self.rng.uniform(0.001, 0.02) if self.rng.random() < 0.9 else SLOW_S)
        if pod.endswith(DOOMED) or (pod.endswith(FLAKY) and pod not in self._failed):
            self._failed.add(pod)
            raise RuntimeError("as planned")
        first = self._store.act(meta.id, pod=pod, key=meta.key)
        self.history.note("effect", id=meta.id, pod=pod, first=first)
        await asyncio.sleep(self.rng.uniform(0.0, 0.02))
        self.history.note("returned", id=meta.id)

    async def expired(self, event: Event) -> None:
        assert event.meta is not None
        self.history.note("expired", id=event.meta.id, pod=pod_of(event))

    async def given_up(self, event: Event | None, reason: str) -> None:
        event_id = event.meta.id if event is not None and event.meta is not None else ""
        self.history.note("given_up", id=event_id, pod="?" if event is None else pod_of(event), reason=reason)

    async def stopping(self) -> None:
        self._store.close()


class Recorder(Noting):
    """Reads the record stream as one of a group, and acknowledges what its store has."""

    name = "recorder"

    async def started(self) -> None:
        self._store = EffectStore(self.spec.store)
        self._reader = GroupReader(
            self.bus.transport,
            [EVENT_RECORDS],
            group=self.name,
            consumer=f"{self.name}@{self.bus.source.incarnation}",
            idle_s=CLAIM_AFTER_S,
        )

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._keep()]

    async def _keep(self) -> None:
        async for entries in self._reader.batches(count=50):
            ids = [_id_of(line) for entry in entries for line in entry.payload.split(b"\n")]
            new = self._store.keep(ids)
            self.history.note("kept", count=len(ids), new=new)
            await self._reader.acknowledge(entries)

    async def stopping(self) -> None:
        self._store.close()


class Listener(Noting):
    """Hears observations, and watches decisions and records as anyone may."""

    name = "listener"

    @on(ApiPressure)
    async def hear(self, event: ApiPressure) -> None:
        assert event.meta is not None
        self.history.note("heard", source=event.meta.source, seq=event.meta.seq)

    @watch(ScaleSchedule)
    async def see(self, event: ScaleSchedule) -> None:
        self.history.note("watched", stream="decision", id=event.meta.id if event.meta else "", pod=pod_of(event))

    @watch(PodCreated)
    async def see_record(self, event: PodCreated) -> None:
        self.history.note("watched", stream="record", id=event.meta.id if event.meta else "")

    async def stopping(self) -> None:
        losses: list[Any] = [[source, name, lost] for (source, name), lost in self.bus.losses.by_source().items()]
        self.history.note("losses", total=self.bus.losses.lost, rows=losses, queue_dropped=self.bus.inbox.queue_dropped)


SERVICES: dict[str, type[Noting]] = {kind.name: kind for kind in (Decider, Actor, Recorder, Listener)}


def _id_of(line: bytes) -> str:
    event = decode_frame(split_frame(line))
    return event.meta.id if event is not None and event.meta is not None else ""


def store_exists(path: Path) -> None:
    """Makes the tables before several processes want to."""
    EffectStore(path).close()
