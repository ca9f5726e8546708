"""The load client on a bus: real requests on schedule, each accounted for; pauses and moves on the running schedule."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from galileo_backends.http import Request, Response, serve
from galileo_bus.service import SettingError
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
from galileo_schemas.raw.trace_line import TRACES_STREAM, Trace, parse_trace
from galileo_services.load_client.plan import Caller, Crowd, LoadPlan, Phase, PlannedMove
from galileo_services.load_client.service import LoadClient

from tests.services.harness import House, until

RPS = 100.0


class Gateways:
    """A gateway per zone; `asked` counts what each got, by function. They answer after `delay_s`."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self.ports: dict[str, int] = {}
        self.asked: Counter[tuple[str, str]] = Counter()

    async def open(self, zone: str, stack: AsyncExitStack) -> None:
        async def answer(request: Request) -> Response:
            self.asked[zone, request.target.removeprefix("/function/")] += 1
            await asyncio.sleep(self.delay_s)
            return Response(200, body=b"ok")

        server = await serve(answer, host="127.0.0.1")
        stack.push_async_callback(server.close, 0.1)
        self.ports[zone] = server.port


@pytest.fixture
async def gateways() -> AsyncIterator[Gateways]:
    async with AsyncExitStack() as stack:
        gateways = Gateways()
        for zone in ("zone-a", "zone-b"):
            await gateways.open(zone, stack)
        yield gateways


class Bench:
    """Writes plans for the gateways, and reads traces from the bus."""

    def __init__(self, house: House, gateways: Gateways, folder: Path) -> None:
        self.house = house
        self._gateways = gateways
        self._path = folder / "plan.json"

    def plan(self, *crowds: Crowd, moves: list[PlannedMove] | None = None) -> dict[str, str]:
        callers = {
            zone: Caller(worker=f"w-{zone}", gateway_host="127.0.0.1", gateway_port=port, source_address="127.0.0.1")
            for zone, port in self._gateways.ports.items()
        }
        plan = LoadPlan(seed=1, callers=callers, crowds=list(crowds), moves=moves or [])
        self._path.write_bytes(msgspec.json.encode(plan))
        return {"load_client_plan": str(self._path), "galileo_experiment_id": "exp-1"}

    async def traces(self) -> list[Trace]:
        entries = await self.house.transport.range(TRACES_STREAM, count=10_000)
        return [parse_trace(line) for entry in entries for line in entry.payload.split(b"\n")]

    async def ask(self, event: Event) -> Event:
        """Says it and returns the answer, whose cause it has to be."""
        identity = await self.house.person.say(event)
        answers: list[Event] = []

        def answered() -> bool:
            said = self.house.said
            everything = (*said.of(AskRefused), *said.of(LoadPaused), *said.of(LoadMoved))
            answers[:] = [answer for answer in everything if answer.meta and identity in answer.meta.cause]
            return bool(answers)

        await until(answered)
        return answers[0]


@pytest.fixture
def bench(house: House, gateways: Gateways, tmp_path: Path) -> Bench:
    return Bench(house, gateways, tmp_path)


def crowd(*zones: str, fn: str = "resnet", length_s: float = 1.0, rps: float = RPS) -> Crowd:
    """People who are in each zone for `length_s`, one after the other."""
    phases = [
        Phase(start_s=number * length_s, end_s=(number + 1) * length_s, zone=zone, rps=rps)
        for number, zone in enumerate(zones)
    ]
    return Crowd(function=fn, phases=phases, arrivals="constant")


async def accounts(client: LoadClient, bench: Bench) -> int:
    """What holds for every load that has ended: each request is counted once and has one trace. How many were sent."""
    counts, traces = client.counts(), await bench.traces()
    assert counts.sent == counts.succeeded + counts.failed == len(traces)
    assert len({trace.request_id for trace in traces}) == counts.sent
    assert client.traces_not_sent == 0
    return counts.sent


async def test_a_plan_is_sent_to_its_end_and_every_request_is_accounted_for(bench: Bench, gateways: Gateways) -> None:
    environ = bench.plan(crowd("zone-a", "zone-b", length_s=0.4), crowd("zone-b", fn="blur", length_s=0.3))
    async with bench.house.living(LoadClient, **environ) as client:
        await client.wait_until_ended()
        began = client.start
    assert await accounts(client, bench) == 110
    assert gateways.asked == {("zone-a", "resnet"): 40, ("zone-b", "resnet"): 40, ("zone-b", "blur"): 30}
    traces = await bench.traces()
    assert {(trace.client.rsplit(":", 1)[0], trace.exp_id) for trace in traces} == {
        ("w-zone-a:resnet", "exp-1"),
        ("w-zone-b:resnet", "exp-1"),
        ("w-zone-b:blur", "exp-1"),
    }
    offsets = sorted(trace.created - began for trace in traces if trace.service == "resnet")
    assert offsets == pytest.approx([0.01 * number for number in range(1, 81)], abs=1e-6)


async def test_the_last_status_says_what_became_of_all(bench: Bench) -> None:
    async with bench.house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=0.2))) as client:
        await client.wait_until_ended()
    first, *_, last = bench.house.said.of(LoadStatus)
    assert first.rates in ({}, {"zone-a": RPS})
    assert (last.experiment, last.sent, last.succeeded, last.failed, last.in_flight) == ("exp-1", 20, 20, 0, 0)


async def test_what_is_due_while_clients_pause_is_never_sent_and_not_counted(bench: Bench, gateways: Gateways) -> None:
    async with bench.house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=1.2))) as client:
        await until(lambda: client.counts().sent >= 20)
        paused = await bench.ask(ClientPause())
        sent = client.counts().sent
        assert isinstance(paused, LoadPaused)
        assert (paused.paused, paused.fn, paused.zone) == (True, "", "")
        await asyncio.sleep(0.4)
        assert client.counts().sent == sent
        resumed = await bench.ask(ClientResume())
        assert isinstance(resumed, LoadPaused)
        assert not resumed.paused
        await client.wait_until_ended()
    total = await accounts(client, bench)
    assert total < 120 - 35
    assert gateways.asked["zone-a", "resnet"] == total
    created = sorted(trace.created - client.start for trace in await bench.traces())
    gaps = [later - earlier for earlier, later in itertools.pairwise(created)]
    assert max(gaps) > 0.35
    assert sorted(gaps)[-2] == pytest.approx(0.01, abs=1e-6), "after the pause the schedule goes on as it was"


async def test_a_pause_of_one_function_leaves_the_others_alone(bench: Bench, gateways: Gateways) -> None:
    both = (crowd("zone-a", length_s=0.8), crowd("zone-a", fn="blur", length_s=0.8))
    async with bench.house.living(LoadClient, **bench.plan(*both)) as client:
        await bench.ask(ClientPause(fn="resnet"))
        await client.wait_until_ended()
    assert gateways.asked["zone-a", "blur"] == 80
    assert gateways.asked["zone-a", "resnet"] < 20


async def test_clients_that_move_call_from_the_other_zone_at_their_rate(bench: Bench, gateways: Gateways) -> None:
    async with bench.house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=1.0))) as client:
        await until(lambda: client.counts().sent >= 30)
        moved = await bench.ask(ClientMove(origin_zone="zone-a", dest_zone="zone-b", fn="resnet"))
        before = client.counts().sent
        assert isinstance(moved, LoadMoved)
        assert (moved.fn, moved.origin_zone, moved.dest_zone, moved.rps) == ("resnet", "zone-a", "zone-b", RPS)
        await client.wait_until_ended()
    assert await accounts(client, bench) == 100
    assert gateways.asked["zone-a", "resnet"] == pytest.approx(before, abs=2)
    assert gateways.asked["zone-b", "resnet"] == 100 - gateways.asked["zone-a", "resnet"]
    workers = Counter(trace.client.split(":")[0] for trace in await bench.traces())
    assert workers["w-zone-b"] == gateways.asked["zone-b", "resnet"]


async def test_rates_in_the_status_follow_pauses_and_moves(bench: Bench) -> None:
    async with bench.house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=5.0))) as client:
        await until(lambda: client.counts().sent >= 1)
        await client.say_status()
        await bench.ask(ClientMove(origin_zone="zone-a", dest_zone="zone-b"))
        await client.say_status()
        await bench.ask(ClientPause(zone="zone-b"))
        await client.say_status()
        rates = [status.rates for status in bench.house.said.of(LoadStatus)][-3:]
    assert rates == [{"zone-a": RPS}, {"zone-b": RPS}, {"zone-b": 0.0}]
    assert await accounts(client, bench) < 100


async def test_the_schedules_own_move_is_said_from_where_people_are_by_then(bench: Bench) -> None:
    moves = [PlannedMove(at_s=0.6, fn="resnet", origin_zone="zone-a", dest_zone="zone-b")]
    plan = bench.plan(crowd("zone-a", "zone-b", length_s=0.6), moves=moves)
    async with bench.house.living(LoadClient, **plan) as client:
        await client.wait_until_ended()
    (said,) = bench.house.said.of(LoadMoved)
    assert (said.origin_zone, said.dest_zone, said.rps) == ("zone-a", "zone-b", RPS)
    bench.house.said.forget()
    async with bench.house.living(LoadClient, **plan) as client:
        await until(lambda: client.counts().sent >= 1)
        await bench.ask(ClientMove(origin_zone="zone-a", dest_zone="zone-b"))
        await client.wait_until_ended()
    assert len(bench.house.said.of(LoadMoved)) == 1, "they are there already when the schedule lets them go"


@pytest.mark.parametrize(
    ("ask", "name", "reason"),
    [
        (ClientPause(fn="blur"), "client_pause", "nobody calls a function 'blur'; there are resnet"),
        (ClientResume(), "client_resume", "clients do not pause"),
        (ClientMove(origin_zone="zone-b", dest_zone="zone-a"), "client_move", "no clients call from zone-b now"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_is_refused_in_one_line(bench: Bench, ask: Event, name: str, reason: str) -> None:
    async with bench.house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=5.0))):
        answer = await bench.ask(ask)
    assert isinstance(answer, AskRefused)
    assert (answer.ask, answer.reason) == (name, reason)


async def test_stopped_in_the_middle_every_request_is_accounted_for(bench: Bench, gateways: Gateways) -> None:
    async with bench.house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=30.0))) as client:
        await until(lambda: client.counts().sent >= 30)
    assert 30 <= await accounts(client, bench) < 100


async def test_stopped_it_waits_for_the_answers_to_what_is_on_its_way(bench: Bench, gateways: Gateways) -> None:
    gateways.delay_s = 0.3
    async with bench.house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=30.0))) as client:
        await until(lambda: client.counts().sent >= 30)
    assert client.counts().succeeded == await accounts(client, bench)


async def test_a_gateway_that_does_not_answer_fails_requests_and_no_more(
    bench: Bench, gateways: Gateways, house: House
) -> None:
    gateways.ports["zone-a"] = 1  # nobody listens there
    async with house.living(LoadClient, **bench.plan(crowd("zone-a", length_s=0.2))) as client:
        await client.wait_until_ended()
        assert client.figures() == {"sent": 20.0, "succeeded": 0.0, "failed": 20.0}
    assert client.counts().failed_by_reason == {"connect_failed": 20}
    assert await accounts(client, bench) == 20


async def test_without_a_plan_the_service_does_not_start(house: House) -> None:
    with pytest.raises(SettingError, match="load_client_plan=: expected"):
        async with house.living(LoadClient):
            raise AssertionError("it lives")
