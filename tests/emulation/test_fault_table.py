"""Which faults are in force: none twice, each until its time is over or somebody ends it."""

from __future__ import annotations

import pytest
from galileo_emulation.fault_table import FaultRefusedError, FaultTable
from galileo_schemas.events import Fault, FaultEnd, FaultKind

WORLD: tuple[FaultKind, ...] = ("kill_node", "add_latency", "burn_cpu")


@pytest.fixture
def table() -> FaultTable:
    return FaultTable(WORLD)


def killed(node: str, *, duration_s: float = 0.0) -> Fault:
    return Fault(kind="kill_node", node=node, duration_s=duration_s)


def slower(origin: str, destination: str, ms: float) -> Fault:
    return Fault(kind="add_latency", origin=origin, destination=destination, latency_ms=ms)


def test_a_table_keeps_the_kinds_of_its_keeper_alone(table: FaultTable) -> None:
    assert table.keeps(killed("edge-1"))
    assert table.keeps(FaultEnd(kind="burn_cpu"))
    assert not table.keeps(Fault(kind="cut_bus", service="gateway"))


def test_the_same_fault_twice_is_refused_and_says_for_how_long_it_lasts(table: FaultTable) -> None:
    table.begin(killed("edge-1", duration_s=30.0), now=100.0)
    with pytest.raises(FaultRefusedError, match=r"node edge-1 is down already, for 18 s more; end it first"):
        table.begin(killed("edge-1", duration_s=5.0), now=112.0)
    assert table.next_end() == 130.0


def test_latency_between_the_same_two_does_not_add_up(table: FaultTable) -> None:
    table.begin(slower("zone-a", "zone-b", 50.0), now=0.0)
    with pytest.raises(FaultRefusedError, match="until it is ended"):
        table.begin(slower("zone-b", "zone-a", 80.0), now=1.0)
    assert [fault.latency_ms for fault in table.in_force("add_latency")] == [50.0]


def test_different_faults_may_overlap(table: FaultTable) -> None:
    table.begin(slower("zone-a", "zone-b", 50.0), now=0.0)
    table.begin(slower("edge-1", "zone-b", 20.0), now=0.0)
    table.begin(killed("edge-1"), now=0.0)
    table.begin(Fault(kind="burn_cpu", node="edge-1", cores=2.0), now=0.0)
    assert len(table.in_force("add_latency")) == 2


def test_a_fault_that_is_incomplete_or_of_no_duration_is_refused(table: FaultTable) -> None:
    with pytest.raises(FaultRefusedError, match="kill_node needs node"):
        table.begin(killed(""), now=0.0)
    for duration_s in (-1.0, float("inf"), float("nan")):
        with pytest.raises(FaultRefusedError, match="duration_s"):
            table.begin(killed("edge-1", duration_s=duration_s), now=0.0)
    assert table.in_force("kill_node") == []


def test_a_fault_is_due_when_its_time_is_over_and_not_before(table: FaultTable) -> None:
    table.begin(killed("edge-1", duration_s=10.0), now=5.0)
    table.begin(killed("edge-2", duration_s=3.0), now=5.0)
    table.begin(killed("edge-3"), now=5.0)
    assert table.next_end() == 8.0
    assert table.due(now=7.9) == []
    assert [fault.node for fault in table.due(now=8.0)] == ["edge-2"]
    assert [fault.node for fault in table.due(now=1e9)] == ["edge-1", "edge-2"]


def test_what_has_ended_may_begin_again(table: FaultTable) -> None:
    table.begin(killed("edge-1", duration_s=10.0), now=0.0)
    (fault,) = table.meant(FaultEnd(kind="kill_node", node="edge-1"))
    table.end(fault)
    assert table.next_end() is None
    table.begin(killed("edge-1"), now=1.0)
    assert table.next_end() is None


def test_an_ask_to_end_without_names_means_all_of_the_kind(table: FaultTable) -> None:
    for node in ("edge-1", "edge-2"):
        table.begin(killed(node), now=0.0)
    table.begin(slower("zone-a", "zone-b", 50.0), now=0.0)
    assert [fault.node for fault in table.meant(FaultEnd(kind="kill_node"))] == ["edge-1", "edge-2"]


def test_an_ask_to_end_what_is_not_there_names_what_is(table: FaultTable) -> None:
    with pytest.raises(FaultRefusedError, match="of kind kill_node there is: none"):
        table.meant(FaultEnd(kind="kill_node"))
    table.begin(killed("edge-1"), now=0.0)
    with pytest.raises(FaultRefusedError, match="there is: node edge-1 is down"):
        table.meant(FaultEnd(kind="kill_node", node="edge-2"))
