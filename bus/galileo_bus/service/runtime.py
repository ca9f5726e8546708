"""Runs services in one process: connects, starts, watches over their tasks, stops in order.

    Runtime(transport, backends…) → add(ServiceClass)… → run() until stop()

Everything that a service gets comes from here: the clock, seeded randomness, the bus, backends, settings. So the same
services run against real servers, or on in-memory twins in virtual time.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar, cast

from galileo_schemas.event import Delivery, Event
from galileo_schemas.events import SettingChange
from galileo_schemas.frame import RawFrame
from galileo_schemas.registry import kind_named, kind_of

from galileo_bus.bus import Bus
from galileo_bus.delivery.adoption import Adopt
from galileo_bus.delivery.decision_worker import FINISH_S, DecisionHandler, DecisionWorker
from galileo_bus.delivery.group_reader import IDLE_S, GroupReader
from galileo_bus.delivery.streams import event_of, journal_of
from galileo_bus.election.candidate import Candidate
from galileo_bus.service.backends import Backends
from galileo_bus.service.decisions_of import DecisionsOf
from galileo_bus.service.election import Election
from galileo_bus.service.hung_handlers import HANG_S, LOOK_EVERY_S, HungHandlers
from galileo_bus.service.led_work import LedWork
from galileo_bus.service.live_settings import LiveSettings
from galileo_bus.service.running_service import RunningService
from galileo_bus.service.service import Periodic, Service
from galileo_bus.service.settings import SettingError
from galileo_bus.service.status import STATUS_EVERY_S, this_process
from galileo_bus.service.status_teller import StatusTeller
from galileo_bus.service.tasks import TaskGuard
from galileo_bus.service.write_guard import DryRunGuard, LeaderGuard, WriteGuard
from galileo_bus.transport import DEFAULT_BUS_RETENTION, BusRetention, FencedError, Transport, TransportUnavailableError
from galileo_bus.transport.dry_run import DryRunTransport

R = TypeVar("R")

log = logging.getLogger("galileo.runtime")


class Runtime:
    """One process's services. `now` is unix time in seconds; `seed` makes all randomness reproducible when given.

    `claim_after_s`: how long a decision may lie with a replica that shows no life before another takes it over.
    `hang_s`: how long a handler may take until it is said to hang.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        environ: Mapping[str, str],
        now: Callable[[], float],
        seed: int | None = None,
        adopt: Adopt = "all",
        replica: str = "",
        election: Election | None = None,
        dry_run: bool = False,
        claim_after_s: float = IDLE_S,
        hang_s: float = HANG_S,
        retention: BusRetention = DEFAULT_BUS_RETENTION,
    ) -> None:
        """`election`: among the replicas of services that are `elected`; without one, each of them acts.

        `dry_run`: services work and nothing that they would write takes place; then nobody is elected either.
        """
        self.transport: Transport = DryRunTransport(transport) if dry_run else transport
        self.environ = environ
        self.now = now
        self._rng = random.Random(seed)
        self._adopt: Adopt = "none" if dry_run else adopt
        self._dry_run = dry_run
        self._retention = retention
        self._election = None if dry_run else election
        self._claim_after_s = claim_after_s
        self._hang_s = hang_s
        self._replica = replica or f"{self._rng.getrandbits(32):08x}"
        self._backends = Backends()
        self._shared: dict[type[object], object] = {}
        self._running: list[RunningService] = []
        self._stack = AsyncExitStack()
        self._guard = TaskGuard()
        self._statuses: list[asyncio.Task[None]] = []
        self.process = this_process()
        """What statuses say of it; whoever opens the health page adds its port."""
        self.started = asyncio.Event()
        """Set while all services run."""

    # ------------------------------------------------------------ putting together

    def provide(
        self,
        interface: type[R],
        opener: Callable[[AsyncExitStack], Awaitable[R]],
        *,
        guarded: Callable[[R, WriteGuard], R] | None = None,
    ) -> None:
        """Says how a backend is opened; see `Backends.provide`."""
        self._backends.provide(interface, opener, guarded=guarded)

    def shared(self, kind: type[R], make: Callable[[], R]) -> R:
        """State that the services of this process share, such as what is known of the cluster."""
        if kind not in self._shared:
            self._shared[kind] = make()
        return cast(R, self._shared[kind])

    def add(
        self,
        service_class: type[Service],
        *,
        environ: Mapping[str, str] | None = None,
        instance: str = "",
        transport: Transport | None = None,
    ) -> Service:
        """Makes a service with its settings. Raises `SettingError`.

        `environ` goes before the process's own, and `instance` tells several of one class apart in figures.
        `transport` is the service's own way to the bus, in place of the one that the others share.
        """
        if self._dry_run and service_class.acts_by:
            raise SettingError(
                f"galileo_dry_run=true: {service_class.name} cannot run dry, since it {service_class.acts_by}"
            )
        own_environ = {**self.environ, **(environ or {})}
        settings = service_class.settings_type().load(own_environ)
        bus = Bus(
            self._way_of_its_own(transport) or self.transport,
            source=service_class.name,
            now=self.now,
            rng=random.Random(self._rng.getrandbits(64)),
            adopt=self._adopt,
            retention=self._retention,
        )
        service = service_class(self, bus, settings, random.Random(self._rng.getrandbits(64)))
        label = instance or service_class.name
        live_settings = LiveSettings(service, own_environ, instance=label)
        self._running.append(RunningService(service, bus, label, live_settings, HungHandlers(self._hang_s)))
        return service

    def _way_of_its_own(self, transport: Transport | None) -> Transport | None:
        return DryRunTransport(transport) if transport is not None and self._dry_run else transport

    def backend(self, interface: type[R], *, service: Service | None = None) -> R:
        """An open backend, as `service` may use it. Raises `LookupError` that names what was not provided."""
        if self._dry_run:
            return self._backends.guarded(interface, DryRunGuard(), needed=True)
        leaders = (running.candidate for running in self._running if running.service is service)
        candidate = next(leaders, None)
        if candidate is not None:
            return self._backends.guarded(interface, LeaderGuard(candidate), needed=False)
        return self._backends.get(interface)

    @property
    def is_dry(self) -> bool:
        """Whether nothing that services would write takes place."""
        return self._dry_run

    @property
    def services(self) -> list[Service]:
        """The services of this process, in the order of starting."""
        return [running.service for running in self._running]

    @property
    def transports(self) -> list[Transport]:
        """The ways to the bus that the services use, each once. Who opens them also closes them."""
        return list(dict.fromkeys(running.bus.transport for running in self._running)) or [self.transport]

    # ------------------------------------------------------------ living

    async def run(self, stop: asyncio.Event) -> None:
        """Runs all services until `stop` is set or a task fails, which is raised; stops in order either way."""
        try:
            await self._start()
            await self._guard.until(stop)
        finally:
            await self._stop()

    async def _start(self) -> None:
        await self._open_backends()
        await self._open_election()
        for running in self._running:
            self._connect(running)
        for running in self._running:
            await running.service.started()
        for running in self._running:
            await running.bus.start(self._guard.start)
        self._statuses.append(self._guard.start(self._say_statuses(), "service statuses"))
        self._statuses.append(self._guard.start(self._watch_handlers(), "hung handlers"))
        for running in self._running:
            await self._begin(running)
        for running in self._running:
            await running.service.joined()
        self.started.set()

    async def _open_backends(self) -> None:
        for running in self._running:
            for interface in running.service.requires():
                if not self._backends.knows(interface):
                    raise LookupError(f"{running.service.name} needs {interface.__name__}, which is not provided here")
                await self.open_backend(interface)

    async def open_backend(self, interface: type[R]) -> R:
        """Opens a backend, unless it is open. Raises `LookupError` when nobody has said how."""
        return await self._backends.open(interface, self._stack)

    async def _open_election(self) -> None:
        chosen = [running for running in self._running if running.service.elected]
        if self._election is None or not chosen:
            return
        leases_on = await self._election.open(self)
        for running in chosen:
            bus = running.bus
            running.candidate = bus.authority = Candidate(
                leases_on(bus.transport),
                name=running.service.elected_for(),
                holder=f"{self.process.host}/{self.process.pid}/{bus.source.incarnation}",
                terms=self._election.terms,
            )

    def _connect(self, running: RunningService) -> None:
        """Wires handlers to the bus, and decision handlers to their journals."""
        service, bus = running.service, running.bus
        bus.rejoined = service.rejoined
        acting: dict[str, DecisionHandler] = {}
        for listening in service.handlers():
            kind = kind_of(listening.event_type)
            if kind.delivery is Delivery.DECISION:
                acting[journal_of(kind.name)] = DecisionsOf(service, listening.act)
            else:
                bus.listen(listening.event_type, listening.method, with_frame=listening.with_frame)
        for listening in service.watchers():
            bus.listen(listening.event_type, listening.method, with_frame=listening.with_frame)
        bus.listen(SettingChange, running.live_settings.hear)
        if acting:
            for stream in acting:
                # Hears hand-published decisions too, to journal them; see Bus adoption.
                bus.listen(_event_type_of(stream), _ignore)
            reader = GroupReader(
                bus.transport,
                list(acting),
                group=service.name,
                consumer=f"{service.name}@{self._replica}-{bus.source.incarnation}",
                authority=bus.authority,
                idle_s=self._claim_after_s,
            )
            finish_s = FINISH_S
            if running.candidate is not None and self._election is not None:
                finish_s = min(finish_s, self._election.terms.stop_within_s / 2)
            running.worker = DecisionWorker(reader, acting, now=self.now, finish_s=finish_s)

    async def _begin(self, running: RunningService) -> None:
        service = running.service
        if running.candidate is not None:
            led = LedWork(
                running.candidate,
                take_over=service.leading,
                work=partial(self._work, running),
                start_task=self._guard.start,
                ended=running.last_failure.clear,
            )
            running.tasks.append(self._guard.start(led.run(), f"{service.name} election"))
            return
        if service.elected:
            await service.leading()
        running.tasks += [self._guard.start(work, name) for work, name in self._work(running)]

    def _work(self, running: RunningService) -> list[tuple[Coroutine[object, object, None], str]]:
        """What makes a service act, by name: each runs until it is cancelled."""
        service = running.service
        decisions = [] if running.worker is None else [(running.worker.run(), f"{service.name} decisions")]
        background = [(work, f"{service.name} background {n}") for n, work in enumerate(service.background())]
        repeated = [(self._repeat(running, periodic), periodic.name) for periodic in service.periodics()]
        return [*decisions, *background, *repeated]

    async def _repeat(self, running: RunningService, periodic: Periodic) -> None:
        """On an absolute schedule, so that intervals do not drift; a run that takes longer skips what it missed."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + periodic.interval_s, loop.time())
            await asyncio.sleep(due - loop.time())
            try:
                await periodic.run()
                running.runs += 1
                running.last_failure.pop(periodic.name, None)
            except FencedError as error:
                log.warning("%s was stopped: %s", periodic.name, error)
            except TransportUnavailableError as error:
                self._note_failure(running, periodic, f"the bus is away: {error}")
            except Exception as error:  # one bad run must not end a service that works on the next
                self._note_failure(running, periodic, f"{type(error).__name__}: {error}", traceback=error)

    def _note_failure(
        self, running: RunningService, periodic: Periodic, text: str, traceback: Exception | None = None
    ) -> None:
        running.failures += 1
        if text != running.last_failure.get(periodic.name):
            log.error("%s failed: %s", periodic.name, text, exc_info=traceback)
            running.last_failure[periodic.name] = text

    async def _stop(self) -> None:
        self.started.clear()
        await self._guard.cancel(self._statuses)
        for running in self._running:
            await self._guard.cancel(running.tasks)
        await asyncio.gather(*(running.bus.stop_listening() for running in self._running))
        for running in self._running:
            try:
                await running.service.stopping()
            except Exception:  # the other services still have to stop and flush
                log.exception("%s did not stop cleanly", running.service.name)
        try:
            await asyncio.gather(*(running.bus.close() for running in self._running))
        finally:
            await self._stack.aclose()

    # ------------------------------------------------------------ telling how it is

    async def _say_statuses(self) -> None:
        loop = asyncio.get_running_loop()
        tellers = [(running, self._teller(running)) for running in self._running]
        late_s = 0.0
        while True:
            for running, teller in tellers:
                await teller.tell(
                    self.process,
                    not_ready=partial(self._why_not_ready, running),
                    figures=running.figures,
                    readers=(*((running.worker,) if running.worker else ()), *running.service.readers()),
                    failures=running.last_failure,
                    hung=running.why_hung(),
                    late_s=late_s,
                )
            due = loop.time() + STATUS_EVERY_S
            await asyncio.sleep(STATUS_EVERY_S)
            late_s = loop.time() - due

    async def _watch_handlers(self) -> None:
        """Names a handler that does not return, once, and says when it has."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for running in self._running:
                in_hand = {**running.bus.inbox.in_hand, **(running.worker.in_hand if running.worker else {})}
                new, returned = running.hung.look(in_hand, loop.time())
                for hang in new:
                    since = self.now() - (loop.time() - hang.since)
                    log.error("%s: the handler of %s hangs since %s", running.label, hang.event, shown_time(since))
                for hang in returned:
                    log.warning("%s: the handler of %s has returned", running.label, hang.event)

    def _teller(self, running: RunningService) -> StatusTeller:
        return StatusTeller(running.bus, service=running.service.name, instance=running.label, started=self.now())

    # ------------------------------------------------------------ being asked

    def readiness(self) -> dict[str, str | None]:
        """Per service: None when ready, else why not."""
        return {running.label: self._why_not_ready(running) for running in self._running}

    def _why_not_ready(self, running: RunningService) -> str | None:
        return running.why_not_ready(started=self.started.is_set())

    def metrics(self) -> dict[str, dict[str, float]]:
        """Per service: what it said, heard, lost, refused and did."""
        return {running.label: running.figures() for running in self._running}

    def unhealthy(self) -> dict[str, str]:
        """Per service that is not well: why. A restart may help where nothing else does."""
        reasons = {running.label: "; ".join(running.why_hung()) for running in self._running}
        return {label: reason for label, reason in reasons.items() if reason}

    def losses(self) -> dict[str, dict[str, int]]:
        """Per service: how many observations never arrived, by event name."""
        return {running.label: dict(running.bus.losses.by_name) for running in self._running}


def shown_time(unix_s: float) -> str:
    """A moment as logs write it."""
    return datetime.fromtimestamp(unix_s, tz=UTC).isoformat(timespec="seconds")


def _event_type_of(stream: str) -> type[Event]:
    kind: Any = kind_named(event_of(stream))
    return cast(type[Event], kind.type)


async def _ignore(_event: Event, _frame: RawFrame) -> None:
    return None
