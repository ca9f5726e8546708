"""What an author of a service writes, and what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
from galileo_bus.delivery.dead_letters import read_letter
from galileo_bus.delivery.streams import DEAD_LETTERS
from galileo_bus.service import Service, SettingError, Settings, every, on, setting, watch
from galileo_bus.transport.memory import MemoryTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, CpuUsagePressure, PodFailed, ScaleSchedule
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame

from tests.bus.delivery.acting import JOURNAL, decision
from tests.bus.hearing import Heard, until
from tests.bus.service.living import living, person, runtime_on

pytestmark = pytest.mark.looptime


@dataclass(frozen=True)
class ExampleSettings(Settings):
    tick: float = setting(2.0, "example_tick", doc="in s", above=0)


class Example(Service):
    """Notes everything that happens to it."""

    name = "example"
    settings: ExampleSettings

    async def started(self) -> None:
        self.notes: list[str] = ["started"]
        self.moments: list[float] = []

    async def joined(self) -> None:
        self.notes.append("joined")

    async def stopping(self) -> None:
        self.notes.append("stopping")

    @on(ApiPressure, CpuUsagePressure)
    async def hear(self, event: Event) -> None:
        self.notes.append(type(event).__name__)

    @on(PodFailed)
    async def hear_with_frame(self, event: PodFailed, frame: RawFrame) -> None:
        self.notes.append(f"{event.reason} at {frame.ts:.0f}")

    @on(ScaleSchedule)
    async def act(self, event: ScaleSchedule) -> None:
        self.notes.append(f"acts on {event.pod_creation_request.pod_name}")

    @every("tick")
    async def tick(self) -> None:
        self.moments.append(asyncio.get_running_loop().time())


class Watcher(Service):
    """Sees decisions, and leaves them to others."""

    name = "watcher"
    settings: Settings

    async def started(self) -> None:
        self.seen: list[str] = []

    @watch(ScaleSchedule)
    async def see(self, event: ScaleSchedule) -> None:
        self.seen.append(event.pod_creation_request.pod_name)


async def test_a_service_starts_joins_hears_and_stops_in_that_order(memory: MemoryTransport) -> None:
    async with living(runtime_on(memory), Example) as (service,):
        assert isinstance(service, Example)
        speaker = person(memory)
        await speaker.say(ApiPressure(node="n", zone="z", value=1))
        await speaker.say(CpuUsagePressure(fn="f", running_pods=1, cpu_mean=0.1, zone="z"))
        memory.publish(EVENTS_CHANNEL, b'1700000007 pod_failed {"pod": "p", "namespace": "d", "reason": "Invalid"}')
        await until(lambda: len(service.notes) == 5)
    expected = ["started", "joined", "ApiPressure", "CpuUsagePressure", "Invalid at 1700000007", "stopping"]
    assert service.notes == expected


async def test_a_decision_is_acted_on_once_by_one_replica_and_seen_by_every_watcher(memory: MemoryTransport) -> None:
    runtime, other = runtime_on(memory), runtime_on(memory, seed=2)
    async with living(runtime, Example, Watcher) as (one, watcher), living(other, Example) as (two,):
        assert isinstance(one, Example)
        assert isinstance(two, Example)
        assert isinstance(watcher, Watcher)
        decider = person(memory)
        await decider.say(decision("p"))
        await decider.say(decision("q"))
        await until(lambda: len(one.notes + two.notes) == 6)
        await asyncio.sleep(10)
        acted = sorted(note for note in one.notes + two.notes if note.startswith("acts"))
        assert acted == ["acts on p", "acts on q"]
        assert watcher.seen == ["p", "q"]


async def test_a_decision_by_hand_is_acted_on_though_only_the_actor_is_connected(memory: MemoryTransport) -> None:
    async with living(runtime_on(memory), Example) as (service,):
        assert isinstance(service, Example)
        memory.publish(
            EVENTS_CHANNEL,
            b'1.0 scale_schedule {"fn": "f", "origin_zone": "", "dest_zone": "b", '
            b'"pod_creation_request": {"pod_name": "by-hand"}}',
        )
        await until(lambda: "acts on by-hand" in service.notes)
        await asyncio.sleep(10)
        assert service.notes.count("acts on by-hand") == 1


async def test_every_goes_by_a_setting_and_does_not_drift(memory: MemoryTransport) -> None:
    async with living(runtime_on(memory, environ={"example_tick": "0.5"}), Example) as (service,):
        assert isinstance(service, Example)
        await asyncio.sleep(10.1)
    assert len(service.moments) == 20
    assert service.moments[-1] - service.moments[0] == pytest.approx(19 * 0.5)


async def test_a_run_that_takes_long_is_never_overlapped(memory: MemoryTransport) -> None:
    class Slow(Service):
        name = "slow"
        settings: Settings

        async def started(self) -> None:
            self.running = self.most = self.runs = 0

        @every(1.0)
        async def work(self) -> None:
            self.running += 1
            self.most = max(self.most, self.running)
            self.runs += 1
            await asyncio.sleep(2.5)
            self.running -= 1

    async with living(runtime_on(memory), Slow) as (service,):
        assert isinstance(service, Slow)
        await asyncio.sleep(30)
    assert service.most == 1
    assert 10 <= service.runs <= 12


async def test_a_run_that_raises_is_logged_once_and_the_next_one_comes(
    memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Service):
        name = "failing"
        settings: Settings
        runs = 0

        @every(1.0)
        async def reconcile(self) -> None:
            self.runs += 1
            if self.runs not in (4, 5):
                raise ValueError("no latency between a and b")

    runtime = runtime_on(memory)
    async with living(runtime, Failing) as (service,):
        assert isinstance(service, Failing)
        await asyncio.sleep(10.5)
    assert service.runs == 10
    assert runtime.metrics()["failing"]["failures"] == 8
    assert runtime.metrics()["failing"]["runs"] == 2
    logged = [record for record in caplog.records if "failing.reconcile failed" in record.getMessage()]
    assert len(logged) == 2, "once when it began to fail, and once when it failed again after a good run"
    assert logged[0].exc_info


async def test_a_bus_that_is_away_during_a_run_is_said_without_a_traceback(
    memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    class Decider(Service):
        name = "decider"
        settings: Settings

        @every(1.0)
        async def decide(self) -> None:
            await self.bus.say(decision("p"))

    async with living(runtime_on(memory), Decider):
        memory._server.available = False
        await asyncio.sleep(3.5)
        memory._server.available = True
        await asyncio.sleep(2)
    logged = [record for record in caplog.records if "decider.decide failed: the bus is away" in record.getMessage()]
    assert len(logged) == 1
    assert not logged[0].exc_info


async def test_an_expired_decision_and_one_given_up_reach_the_services_own_words(
    memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    class Actor(Service):
        name = "actor"
        settings: Settings

        async def started(self) -> None:
            self.ends: list[str] = []

        @on(ScaleSchedule)
        async def act(self, event: ScaleSchedule) -> None:
            raise RuntimeError("no such image")

        async def expired(self, event: Event) -> None:
            self.ends.append("expired")

        async def given_up(self, event: Event | None, reason: str) -> None:
            self.ends.append(reason)

    await person(memory).say(decision("late"), expires_in_s=1)
    await asyncio.sleep(2)
    await person(memory).say(decision("p"))
    async with living(runtime_on(memory), Actor) as (service,):
        assert isinstance(service, Actor)
        await until(lambda: len(service.ends) == 2, within_s=60)
    assert service.ends == ["expired", "RuntimeError: no such image (given up after 5 attempts)"]
    (letter,) = await memory.range(DEAD_LETTERS, count=10)
    kept = read_letter(letter.payload)
    assert kept is not None
    assert (kept.kind, kept.service, kept.event, kept.where) == ("given_up", "actor", "scale_schedule", JOURNAL)
    assert kept.reason == service.ends[1]
    assert b'"pod_name":"p"' in kept.message
    assert kept.entry == (await memory.range(JOURNAL, count=2))[1].id


async def test_backends_are_opened_once_for_all_and_closed_at_the_end(memory: MemoryTransport) -> None:
    class Database:
        opened = closed = 0

    class One(Service):
        name = "one"
        settings: Settings

        def requires(self) -> tuple[type[object], ...]:
            return (Database,)

        async def started(self) -> None:
            assert self.backend(Database).closed == 0

    class Two(One):
        name = "two"

    database = Database()

    async def open_database(stack: AsyncExitStack) -> Database:
        database.opened += 1
        stack.callback(lambda: setattr(database, "closed", database.closed + 1))
        return database

    runtime = runtime_on(memory)
    runtime.provide(Database, open_database)
    async with living(runtime, One, Two):
        assert (database.opened, database.closed) == (1, 0)
    assert (database.opened, database.closed) == (1, 1)


async def test_a_backend_that_is_not_provided_is_named_before_anything_starts(memory: MemoryTransport) -> None:
    class Missing:
        pass

    class Needy(Service):
        name = "needy"
        settings: Settings

        def requires(self) -> tuple[type[object], ...]:
            return (Missing,)

    runtime = runtime_on(memory)
    runtime.add(Needy)
    with pytest.raises(LookupError, match="needy needs Missing, which is not provided here"):
        await runtime.run(asyncio.Event())
    with pytest.raises(LookupError, match=r"Missing is not provided here, or not named in requires\(\)"):
        runtime.backend(Missing)


async def test_a_wrong_setting_stops_the_service_before_it_starts(memory: MemoryTransport) -> None:
    with pytest.raises(SettingError, match="example_tick=often: expected a number"):
        runtime_on(memory, environ={"example_tick": "often"}).add(Example)


async def test_services_of_one_process_share_what_they_make_together(memory: MemoryTransport) -> None:
    runtime = runtime_on(memory)
    assert runtime.shared(list, list) is runtime.shared(list, list)


async def test_background_work_runs_until_the_service_stops(memory: MemoryTransport) -> None:
    class Busy(Service):
        name = "busy"
        settings: Settings

        async def started(self) -> None:
            self.turns = 0

        def background(self) -> list[Coroutine[object, object, None]]:
            return [self._turn()]

        async def _turn(self) -> None:
            while True:
                await asyncio.sleep(1)
                self.turns += 1

    async with living(runtime_on(memory), Busy) as (service,):
        assert isinstance(service, Busy)
        await asyncio.sleep(5.5)
    turns = service.turns
    assert turns == 5
    await asyncio.sleep(5)
    assert service.turns == turns


async def test_the_same_seed_gives_the_same_names_and_ids(memory: MemoryTransport) -> None:
    heard = Heard()
    await memory.subscribe(heard, channels=[EVENTS_CHANNEL])
    ids = []
    for _ in range(2):
        service = runtime_on(memory, seed=7).add(Example)
        ids.append((str(service.bus.source), service.rng.random(), service.bus.next_id()[12:]))
    assert ids[0] == ids[1]
