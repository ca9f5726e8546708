"""Services that are elected: only the leader acts, it stops before its lease is over, and its successor begins warm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

import pytest
from galileo_bus.election.candidate import Candidate
from galileo_bus.election.memory import MemoryLeases
from galileo_bus.election.terms import Terms
from galileo_bus.service import Service, Settings, every, on
from galileo_bus.service.election import election_on_the_bus
from galileo_bus.service.led_work import LedWork
from galileo_bus.service.runtime import Runtime
from galileo_bus.service.tasks import TaskGuard
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.events import ApiPressure, ScaleSchedule

from tests.bus.delivery.acting import JOURNAL, decision, unix_now
from tests.bus.hearing import until
from tests.bus.service.living import person

pytestmark = pytest.mark.looptime

TERMS = Terms()


class Decider(Service):
    """Says a decision each second, and notes all that happens to it."""

    name = "decider"
    elected = True
    settings: Settings

    async def started(self) -> None:
        self.notes: list[str] = []
        self.heard = 0
        self.background_ends = 0

    async def leading(self) -> None:
        self.notes.append("leading")

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._watch()]

    async def _watch(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.background_ends += 1

    @on(ApiPressure)
    async def hear(self, _event: ApiPressure) -> None:
        self.heard += 1

    @every(1.0)
    async def decide(self) -> None:
        await self.bus.say(decision(f"{self.bus.source.incarnation}"))
        self.notes.append("said")

    def ready(self) -> str | None:
        return None if "said" in self.notes else "has said nothing"


class Actor(Service):
    """Acts on decisions, as the leader only."""

    name = "actor"
    elected = True
    settings: Settings

    async def started(self) -> None:
        self.acted = 0

    @on(ScaleSchedule)
    async def act(self, _event: ScaleSchedule) -> None:
        self.acted += 1


@pytest.fixture
async def server() -> MemoryServer:
    return MemoryServer(lambda: asyncio.get_running_loop().time())


class Replica:
    """One process."""

    def __init__(self, server: MemoryServer, seed: int, service: type[Service] = Decider) -> None:
        self.transport = MemoryTransport(server)
        election = election_on_the_bus(TERMS)
        self.runtime = Runtime(self.transport, environ={}, now=unix_now, seed=seed, election=election)
        self.service = self.runtime.add(service)
        self._stop = asyncio.Event()
        self.task = asyncio.create_task(self.runtime.run(self._stop))

    @property
    def figures(self) -> dict[str, float]:
        return next(iter(self.runtime.metrics().values()))

    @property
    def leads(self) -> bool:
        return self.figures.get("leading") == 1.0

    async def stop(self) -> None:
        self._stop.set()
        await self.task


@asynccontextmanager
async def replicas(server: MemoryServer, *services: type[Service]) -> AsyncIterator[list[Replica]]:
    """The first leads when the block begins."""
    made = []
    for seed, service in enumerate(services, start=1):
        replica = Replica(server, seed, service)
        made.append(replica)
        await until(replica.runtime.started.is_set)
        await until(lambda: made[0].leads)
    yield made
    for replica in made:
        await replica.stop()


async def said(server: MemoryServer) -> list[bytes]:
    return [entry.payload for entry in await MemoryTransport(server).range(JOURNAL, count=1000)]


async def test_only_the_leader_acts_and_all_hear(server: MemoryServer) -> None:
    async with replicas(server, Decider, Decider) as (leader, follower):
        await asyncio.sleep(10)
        await person(leader.transport).say(ApiPressure(node="n", zone="z", value=1))
        await asyncio.sleep(0.1)
        assert isinstance(leader.service, Decider)
        assert isinstance(follower.service, Decider)
        assert leader.service.notes[0] == "leading"
        assert leader.service.notes.count("said") == len(await said(server)) >= 9
        assert (leader.service.heard, follower.service.heard) == (1, 1)
        assert follower.service.notes == []


async def test_a_follower_is_ready_and_figures_tell_who_leads(server: MemoryServer) -> None:
    async with replicas(server, Decider, Decider) as (leader, follower):
        assert leader.runtime.readiness() == {"decider": "has said nothing"}
        assert follower.runtime.readiness() == {"decider": None}
        assert (leader.figures["leading"], leader.figures["epoch"]) == (1.0, 1.0)
        assert (follower.figures["leading"], follower.figures["epoch"]) == (0.0, 0.0)


async def test_a_follower_that_cannot_take_part_is_not_ready(server: MemoryServer) -> None:
    async with replicas(server, Decider, Decider) as (_leader, follower):
        server.available = False
        await asyncio.sleep(2)
        reason = follower.runtime.readiness()["decider"]
        assert reason == "cannot take part in the election: the in-memory server is switched off"
        server.available = True
        await asyncio.sleep(7)


async def test_decisions_are_acted_on_by_the_leader_and_then_by_its_successor(server: MemoryServer) -> None:
    async with replicas(server, Actor, Actor) as (leader, follower):
        await person(leader.transport).say(decision("a"))
        await asyncio.sleep(1)
        assert isinstance(leader.service, Actor)
        assert isinstance(follower.service, Actor)
        assert (leader.service.acted, follower.service.acted) == (1, 0)
        await leader.stop()
        await person(follower.transport).say(decision("b"))
        await asyncio.sleep(1)
        assert (leader.service.acted, follower.service.acted) == (1, 1)


async def test_a_clean_stop_ends_the_work_before_the_lease_is_given_back_and_the_next_leads_at_once(
    server: MemoryServer,
) -> None:
    class Slow(Decider):
        """Takes three seconds to stop; its lease is renewed meanwhile."""

        async def _watch(self) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(6)
                self.notes.append("ended")

    async with replicas(server, Slow, Decider) as (leader, follower):
        await asyncio.sleep(3)
        stopping = asyncio.create_task(leader.stop())
        while not stopping.done():
            assert isinstance(leader.service, Slow)
            assert "ended" in leader.service.notes or not follower.leads
            await asyncio.sleep(0.05)
        began = asyncio.get_running_loop().time()
        await until(lambda: follower.leads)
        assert asyncio.get_running_loop().time() - began < 1.0
        assert follower.figures["epoch"] == 2.0


async def test_a_leader_that_is_refused_stops_acting_at_once_and_becomes_a_follower(
    server: MemoryServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with replicas(server, Decider) as (leader,):
        await asyncio.sleep(2.5)
        server.leases["galileo/leader/decider"] = ("another", asyncio.get_running_loop().time() + 60)
        server.hashes["galileo/leader/decider"] = {"epoch": "2", "holder": "another"}
        before = len(await said(server))
        await asyncio.sleep(10)
        assert len(await said(server)) == before
        assert not leader.leads
        assert isinstance(leader.service, Decider)
        assert leader.service.background_ends == 1
        assert caplog.text.count("leads no more (epoch 1)") == 1
        assert leader.runtime.readiness() == {"decider": None}
        assert not leader.task.done()


async def test_a_leader_that_cannot_renew_stops_before_its_lease_is_over_and_takes_over_again_later(
    server: MemoryServer,
) -> None:
    async with replicas(server, Decider) as (leader,):
        assert isinstance(leader.service, Decider)
        await asyncio.sleep(2.5)
        server.available = False
        await asyncio.sleep(TERMS.duration_s - 1.0)
        assert leader.service.background_ends == 1
        server.available = True
        await asyncio.sleep(6)
        assert leader.leads
        assert leader.service.notes.count("leading") == 2


async def test_work_that_does_not_end_before_the_lease_is_over_takes_the_process_down(
    server: MemoryServer, caplog: pytest.LogCaptureFixture
) -> None:
    killed: list[float] = []
    loop = asyncio.get_running_loop()

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if killed:
                    raise

    async def take_over() -> None:
        return None

    def kill() -> None:
        killed.append(loop.time())

    candidate = Candidate(MemoryLeases(server), name="decider", holder="one", terms=TERMS)
    work = [(stubborn(), "stubborn work")]
    led = LedWork(candidate, take_over=take_over, work=lambda: work, start_task=TaskGuard().start, kill=kill)
    running = asyncio.create_task(led.run())
    await asyncio.sleep(0.5)
    server.available = False
    await asyncio.sleep(TERMS.duration_s + 1)
    assert killed == [pytest.approx(TERMS.duration_s, abs=0.01)]
    assert "the lease has run out and work has not ended: stubborn work" in caplog.text
    running.cancel()
    for task in asyncio.all_tasks():
        if task.get_name() == "stubborn work":
            task.cancel()


async def test_work_that_fails_ends_the_leadership_at_once_and_the_process(server: MemoryServer) -> None:
    class Dying(Decider):
        async def _watch(self) -> None:
            await asyncio.sleep(2)
            raise LookupError("the table is gone")

    leader = Replica(server, 1, Dying)
    await until(lambda: leader.leads)
    with pytest.raises(LookupError, match="the table is gone"):
        await leader.task
    assert server.leases == {}, "given back: a crashed leader does not go on renewing"


async def test_taking_over_waits_for_a_bus_that_is_away(server: MemoryServer) -> None:
    class Reading(Decider):
        async def leading(self) -> None:
            await self.bus.transport.range(JOURNAL, count=1)
            await super().leading()

    async with replicas(server, Reading) as (leader,):
        assert isinstance(leader.service, Reading)
        await until(lambda: leader.service.notes == ["leading"])  # type: ignore[attr-defined]


async def test_without_an_election_an_elected_service_leads_from_its_start(server: MemoryServer) -> None:
    runtime = Runtime(MemoryTransport(server), environ={}, now=unix_now, seed=1)
    service = runtime.add(Decider)
    stop = asyncio.Event()
    running = asyncio.create_task(runtime.run(stop))
    await asyncio.sleep(3.5)
    assert isinstance(service, Decider)
    assert service.notes == ["leading", "said", "said", "said"]
    assert "leading" not in runtime.metrics()["decider"]
    stop.set()
    await running
