"""The shell: calls functions on the plan's schedule, each answer a trace; hears who is to pause, go on, or move.

plan → due times → steering (from where? or not at all) → client group → trace
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from random import Random

from galileo_bus.bus import Bus
from galileo_bus.delivery.record_sender import RecordSender
from galileo_bus.service import Service, Settings, every, on, setting
from galileo_bus.service.runtime import Runtime
from galileo_schemas.event import Event
from galileo_schemas.events import (
    AskRefused,
    ClientMove,
    ClientPause,
    ClientResume,
    LoadMoved,
    LoadPaused,
    LoadStatus,
)
from galileo_schemas.raw.trace_line import TRACES_CHANNEL, TRACES_STREAM, Trace, format_trace

from galileo_services.load_client.due_times import DueTimes
from galileo_services.load_client.plan import read_plan
from galileo_services.load_client.request_counts import RequestCounts
from galileo_services.load_client.senders import Senders
from galileo_services.load_client.steering import Steering, SteeringError

LEAD_S = 0.2
"""From being ready to the start of the schedule."""

STOPPED_DRAIN_S = 2.0
"""How long the bus gets when the service is stopped before the plan's end, perhaps since the bus has gone, too."""


@dataclass(frozen=True)
class LoadClientSettings(Settings):
    plan: str = setting("", "load_client_plan", doc="JSON file that says who calls what, from where and when")
    experiment: str = setting("", "galileo_experiment_id", doc="experiment that traces belong to")
    request_timeout: float = setting(10.0, "load_client_request_timeout", doc="s that an answer may take", above=0)
    stop_grace: float = setting(
        1.0, "load_client_stop_grace", doc="s that requests in flight get when it is stopped", at_least=0
    )
    drain: float = setting(
        10.0, "load_client_drain", doc="s that the bus gets to take the last traces of a whole plan", at_least=0
    )


class LoadClient(Service):
    """Says traces, `load_status`, `load_moved` and `load_paused`."""

    name = "load_client"
    acts_by = "sends requests"
    settings: LoadClientSettings

    start = 0.0
    """When the schedule begins, unix seconds."""

    traces_not_sent = 0
    """How many traces the bus had not taken when the service stopped."""

    _prepared = False

    def __init__(self, runtime: Runtime, bus: Bus, settings: Settings, rng: Random) -> None:
        super().__init__(runtime, bus, settings, rng)
        self._ended = asyncio.Event()

    async def started(self) -> None:
        settings = self.settings
        self._plan = read_plan(settings.plan)
        self._steering = Steering(self._plan.functions, self._plan.callers)
        self._traces = RecordSender(
            self.bus.transport, TRACES_STREAM, new_id=self.bus.next_id, retention=self.bus.retention.records
        )
        self._traces.start()
        self._senders = Senders(
            self._plan,
            record=self._record,
            rng=Random(f"{self._plan.seed}/requests"),
            now=self.now,
            timeout_s=settings.request_timeout,
            exp_id=settings.experiment,
        )
        self._begun = asyncio.Event()
        self._prepared = True

    async def joined(self) -> None:
        self.start = self.now() + LEAD_S
        self._begun.set()
        await self.say_status()

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._call(), self._say_planned_moves()]

    async def stopping(self) -> None:
        if not self._prepared:
            return
        for group in self._senders.groups():
            await group.stop(self.settings.stop_grace)
        await self._senders.close()
        patience_s = self.settings.drain if self._ended.is_set() else min(self.settings.drain, STOPPED_DRAIN_S)
        self.traces_not_sent = await self._traces.close(patience_s=patience_s)
        await self.say_status()

    async def wait_until_ended(self) -> None:
        """Returns when the whole schedule was sent and all of it is accounted for."""
        await self._ended.wait()

    def counts(self) -> RequestCounts:
        """What was sent, and what became of it."""
        return self._senders.counts()

    def figures(self) -> dict[str, float]:
        counts = self.counts()
        return {"sent": float(counts.sent), "succeeded": float(counts.succeeded), "failed": float(counts.failed)}

    # ------------------------------------------------------------ calling

    async def _call(self) -> None:
        await self._begun.wait()
        arrivals = Random(f"{self._plan.seed}/load")
        async with asyncio.TaskGroup() as tasks:
            for number, crowd in enumerate(self._plan.crowds):
                for zone in crowd.zones():
                    offsets_s = crowd.due_offsets_s(zone, Random(arrivals.getrandbits(64)))
                    walk = self._walk(number, zone, offsets_s)
                    tasks.create_task(walk, name=f"{crowd.function} from {zone}")
        for group in self._senders.groups():
            await group.finish()
        self._ended.set()
        await asyncio.Event().wait()  # the service lives on, and may be asked for its figures

    async def _walk(self, crowd: int, zone: str, offsets_s: list[float]) -> None:
        await DueTimes(now=self.now).walk(offsets_s, start=self.start, send=lambda due: self._send(crowd, zone, due))

    def _send(self, crowd: int, due_in: str, due: float) -> None:
        fn = self._plan.crowds[crowd].function
        zone = self._steering.zone_of(fn, due_in)
        if not self._steering.pauses(fn, zone):
            self._senders.of(crowd, zone).send(due)

    def _record(self, trace: Trace) -> None:
        self._traces.add(TRACES_CHANNEL, format_trace(trace).encode())

    # ------------------------------------------------------------ telling

    @every(1.0)
    async def say_status(self) -> None:
        counts = self.counts()
        rates: dict[str, float] = {}
        for (fn, zone), rate in self._rates(self.now() - self.start).items():
            rates[zone] = rates.get(zone, 0.0) + (0.0 if self._steering.pauses(fn, zone) else rate)
        await self.bus.say(
            LoadStatus(
                experiment=self.settings.experiment,
                sent=counts.sent,
                succeeded=counts.succeeded,
                failed=counts.failed,
                in_flight=counts.in_flight,
                rates=rates,
            )
        )

    def _rates(self, at_s: float) -> dict[tuple[str, str], float]:
        """Requests a second that are due `at_s` seconds after the start, by function and the zone from which its
        clients call, whether they pause or not.
        """
        rates: dict[tuple[str, str], float] = {}
        for crowd in self._plan.crowds:
            for due_in in crowd.zones():
                rate = crowd.rate_at(due_in, at_s)
                if rate > 0:
                    place = (crowd.function, self._steering.zone_of(crowd.function, due_in))
                    rates[place] = rates.get(place, 0.0) + rate
        return rates

    async def _say_planned_moves(self) -> None:
        await self._begun.wait()
        for move in sorted(self._plan.moves, key=lambda move: (move.at_s, move.fn)):
            await asyncio.sleep(max(0.0, self.start + move.at_s - self.now()))
            origin = self._steering.zone_of(move.fn, move.origin_zone)
            destination = self._steering.zone_of(move.fn, move.dest_zone)
            if origin != destination:
                rate = self._rates(move.at_s).get((move.fn, destination), 0.0)
                await self.bus.say(LoadMoved(fn=move.fn, origin_zone=origin, dest_zone=destination, rps=rate))
        await asyncio.Event().wait()

    # ------------------------------------------------------------ being asked

    @on(ClientPause)
    async def pause(self, ask: ClientPause) -> None:
        try:
            self._steering.pause(ask.fn, ask.zone)
        except SteeringError as error:
            await self.bus.say(AskRefused(ask="client_pause", reason=str(error)), cause=_id(ask))
        else:
            await self.bus.say(LoadPaused(fn=ask.fn, zone=ask.zone, paused=True), cause=_id(ask))

    @on(ClientResume)
    async def resume(self, ask: ClientResume) -> None:
        try:
            self._steering.resume(ask.fn, ask.zone)
        except SteeringError as error:
            await self.bus.say(AskRefused(ask="client_resume", reason=str(error)), cause=_id(ask))
        else:
            await self.bus.say(LoadPaused(fn=ask.fn, zone=ask.zone, paused=False), cause=_id(ask))

    @on(ClientMove)
    async def move(self, ask: ClientMove) -> None:
        rates = self._rates(self.now() - self.start)
        try:
            moved = self._steering.move(ask.fn, ask.origin_zone, ask.dest_zone, present=rates.keys())
        except SteeringError as error:
            await self.bus.say(AskRefused(ask="client_move", reason=str(error)), cause=_id(ask))
            return
        for fn in moved:
            rate = rates[fn, ask.origin_zone]
            said = LoadMoved(fn=fn, origin_zone=ask.origin_zone, dest_zone=ask.dest_zone, rps=rate)
            await self.bus.say(said, cause=_id(ask))


def _id(ask: Event) -> tuple[str, ...]:
    return (ask.meta.id,) if ask.meta is not None and ask.meta.id else ()
