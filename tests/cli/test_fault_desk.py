"""Whoever can break something hears the ask, does it, says so, and mends it when its time is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from galileo_cli.emulate.fault_desk import FaultDesk
from galileo_cli.emulate.fault_player import play_faults
from galileo_emulation.fault_table import FaultTable
from galileo_experiments.scenario import ScheduledFault
from galileo_schemas.events import AskRefused, Fault, FaultBegun, FaultEnd, FaultEnded

from tests.cli.asks import Asker, asking, bus_on, memory_transport, unix_now, until

pytestmark = pytest.mark.looptime


class Nodes:
    """Nodes that can be killed: `edge-1` and `edge-2`."""

    def __init__(self) -> None:
        self.dead: list[str] = []
        self.log: list[str] = []
        self.restoring_s = 0.0

    async def begin(self, fault: Fault) -> None:
        if fault.node not in ("edge-1", "edge-2"):
            raise LookupError(f"no node {fault.node!r}; there are edge-1, edge-2")
        await asyncio.sleep(0.05)
        self.dead.append(fault.node)
        self.log.append(f"kill {fault.node}")

    async def end(self, fault: Fault) -> None:
        self.log.append(f"restoring {fault.node}")
        await asyncio.sleep(self.restoring_s)
        self.dead.remove(fault.node)
        self.log.append(f"restore {fault.node}")

    @property
    def done(self) -> list[str]:
        return [line for line in self.log if not line.startswith("restoring")]


class Office:
    """A desk for nodes, and somebody who asks."""

    def __init__(self, nodes: Nodes, asker: Asker) -> None:
        self.nodes = nodes
        self.asker = asker


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    transport = memory_transport()
    nodes = Nodes()
    bus = bus_on(transport, "world")
    desk = FaultDesk(bus, FaultTable(("kill_node",)), {"kill_node": nodes})
    await bus.start()
    running = asyncio.create_task(desk.run())
    try:
        async with asking(transport) as asker:
            yield Office(nodes, asker)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await bus.close(patience_s=0.1)


def kill(node: str, *, for_s: float = 0.0) -> Fault:
    return Fault(kind="kill_node", node=node, duration_s=for_s)


async def test_what_has_begun_is_said_when_it_is_done_with_the_ask_as_its_cause(office: Office) -> None:
    identity = await office.asker.ask(kill("edge-1", for_s=30.0))
    begun = office.asker.last(FaultBegun)
    assert office.nodes.dead == ["edge-1"]
    assert (begun.kind, begun.node, begun.duration_s) == ("kill_node", "edge-1", 30.0)
    assert begun.meta is not None
    assert begun.meta.cause == (identity,)


async def test_a_fault_ends_by_itself_when_its_time_is_over(office: Office) -> None:
    loop = asyncio.get_running_loop()
    await office.asker.ask(kill("edge-1", for_s=30.0))
    begun_at = loop.time()
    begun = office.asker.last(FaultBegun)
    await until(lambda: len(office.asker.answers) == 2, within_s=40.0)
    ended = office.asker.last(FaultEnded)
    assert office.nodes.dead == []
    assert loop.time() - begun_at == pytest.approx(30.0, abs=0.5)
    assert ended.meta is not None
    assert begun.meta is not None
    assert ended.meta.cause == (begun.meta.id,)


async def test_a_fault_without_a_duration_lasts_until_somebody_ends_it(office: Office) -> None:
    await office.asker.ask(kill("edge-1"))
    await asyncio.sleep(200.0)
    assert office.nodes.dead == ["edge-1"]
    await office.asker.ask(FaultEnd(kind="kill_node", node="edge-1"))
    office.asker.last(FaultEnded)
    assert office.nodes.dead == []


async def test_a_fault_that_was_ended_does_not_end_again(office: Office) -> None:
    await office.asker.ask(kill("edge-1", for_s=30.0))
    await office.asker.ask(FaultEnd(kind="kill_node", node="edge-1"))
    await office.asker.ask(kill("edge-1"))
    await asyncio.sleep(100.0)
    assert office.nodes.done == ["kill edge-1", "restore edge-1", "kill edge-1"]
    assert len(office.asker.answers) == 3


async def test_the_same_fault_asked_for_twice_happens_once(office: Office) -> None:
    await asyncio.gather(office.asker.bus.say(kill("edge-1")), office.asker.bus.say(kill("edge-1")))
    await until(lambda: len(office.asker.answers) == 2)
    assert office.nodes.log == ["kill edge-1"]
    assert {type(answer) for answer in office.asker.answers} == {FaultBegun, AskRefused}


async def test_what_cannot_be_is_refused_in_one_line_and_leaves_nothing(office: Office) -> None:
    identity = await office.asker.ask(kill("edge-7"))
    refused = office.asker.last(AskRefused)
    assert (refused.ask, refused.reason) == ("fault", "no node 'edge-7'; there are edge-1, edge-2")
    assert refused.meta is not None
    assert refused.meta.cause == (identity,)
    await office.asker.ask(FaultEnd(kind="kill_node", node="edge-7"))
    assert "no such fault is in force" in office.asker.last(AskRefused).reason
    assert office.asker.last(AskRefused).ask == "fault_end"


async def test_an_incomplete_ask_is_refused(office: Office) -> None:
    await office.asker.ask(kill(""))
    assert office.asker.last(AskRefused).reason == "kill_node needs node, which is empty"


async def test_other_kinds_are_left_to_others(office: Office) -> None:
    await office.asker.bus.say(Fault(kind="cut_bus", service="gateway"))
    await office.asker.ask(kill("edge-1"))
    assert len(office.asker.answers) == 1


async def test_faults_that_end_at_different_times_end_in_order(office: Office) -> None:
    await office.asker.ask(kill("edge-1", for_s=20.0))
    await office.asker.ask(kill("edge-2", for_s=5.0))
    await until(lambda: len(office.asker.answers) == 4, within_s=30.0)
    assert office.nodes.done == ["kill edge-1", "kill edge-2", "restore edge-2", "restore edge-1"]


async def test_what_is_being_mended_is_mended_before_it_breaks_again(office: Office) -> None:
    office.nodes.restoring_s = 3.0
    await office.asker.ask(kill("edge-1", for_s=5.0))
    await until(lambda: office.nodes.log[-1] == "restoring edge-1", within_s=6.0)
    await office.asker.ask(kill("edge-1"), answers=2)
    assert office.nodes.log == ["kill edge-1", "restoring edge-1", "restore edge-1", "kill edge-1"]
    assert office.nodes.dead == ["edge-1"]


async def test_ending_all_of_a_kind_ends_each(office: Office) -> None:
    await office.asker.ask(kill("edge-1"))
    await office.asker.ask(kill("edge-2"))
    await office.asker.ask(FaultEnd(kind="kill_node"), answers=2)
    assert office.nodes.dead == []


async def test_a_scenarios_faults_are_asked_for_at_their_times_and_asked_again_in_the_next_run(office: Office) -> None:
    faults = (ScheduledFault(at_s=8.0, fault=kill("edge-2", for_s=2.0)), ScheduledFault(at_s=3.0, fault=kill("edge-1")))
    start = unix_now() + 1.0
    playing = asyncio.create_task(play_faults(office.asker.bus, faults, start=start, now=unix_now))
    heard: list[float] = []
    for count in (1, 2, 3):
        await until(lambda: len(office.asker.answers) >= count, within_s=20.0)  # noqa: B023
        heard.append(unix_now() - start)
    await playing
    assert heard == pytest.approx([3.0, 8.0, 10.0], abs=0.5)
    assert office.nodes.done == ["kill edge-1", "kill edge-2", "restore edge-2"]
    assert faults[0].fault.meta is None, "saying a fault must not change the scenario"
