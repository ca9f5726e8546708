"""What befell a run, and how it divides the run into stretches."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from galileo_experiments.report_course import FaultRow, MoveRow
from galileo_experiments.stretches import MOST, Turn, stretch_rows, turns_of
from galileo_schemas import events
from galileo_schemas.event import Meta

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun


def move(at_s: float, origin: str, destination: str, *, fn: str = "resnet", reaction_s: float | None = None) -> MoveRow:
    return MoveRow(at_s=at_s, fn=fn, from_zone=origin, to_zone=destination, reaction_s=reaction_s)


def test_two_moves_and_their_answers_make_five_stretches(made_up_run: MadeUpRun) -> None:
    for t_s, zone, ms in (
        (10, "zone-a", 40),
        (65, "zone-b", 100),
        (80, "zone-b", 50),
        (92, "zone-c", 200),
        (110, "zone-c", 60),
    ):
        made_up_run.request(t_s, fn="resnet", zone=zone, ip="10.0.0.1", ms=ms)
    moves = [move(60, "zone-a", "zone-b", reaction_s=11), move(90, "zone-b", "zone-c", reaction_s=5)]
    rows = stretch_rows(made_up_run.recorded(), turns_of(moves, [], [], []))
    assert [(row.from_s, row.to_s) for row in rows] == [(0, 60), (60, 71), (71, 90), (90, 95), (95, 120)]
    assert [row.began for row in rows] == [
        [],
        ["people who call resnet move from zone-a to zone-b"],
        ["pods in zone-b serve them"],
        ["people who call resnet move from zone-b to zone-c"],
        ["pods in zone-c serve them"],
    ]
    told = [{zone: times.p50 for zone, times in row.latency_ms.items()} for row in rows]
    assert told == [
        {"zone-a": pytest.approx(40)},
        {"zone-b": pytest.approx(100)},
        {"zone-b": pytest.approx(50)},
        {"zone-c": pytest.approx(200)},
        {"zone-c": pytest.approx(60)},
    ]


def test_functions_that_move_together_are_answered_when_all_are(made_up_run: MadeUpRun) -> None:
    together = [move(60, "a", "b", reaction_s=11), move(60.2, "a", "b", fn="mobilenet", reaction_s=13)]
    turns = turns_of(together, [], [], [])
    assert turns == [
        Turn(60, "people who call mobilenet and resnet move from a to b"),
        Turn(73.2, "pods in b serve them"),
    ]
    together[1].reaction_s = None
    assert [turn.t_s for turn in turns_of(together, [], [], [])] == [60]


def test_failures_and_serving_zones_are_told_by_client_zone(moved_run: MadeUpRun) -> None:
    rows = moved_run.report().stretches
    assert [sum(row.failed.values()) for row in rows] == [6, 0, 6]
    assert list(rows[-1].served["zone-b"]) == ["zone-b"]
    assert sum(times.count for row in rows for times in row.latency_ms.values()) == 4788


def test_a_fault_begins_a_stretch_and_so_does_its_end(made_up_run: MadeUpRun) -> None:
    faults = [
        FaultRow(from_s=20, to_s=30, kind="kill_node", text="node edge-2 is down", target="edge-2"),
        FaultRow(from_s=100, to_s=None, kind="kill_node", text="node edge-1 is down", target="edge-1"),
    ]
    rows = stretch_rows(made_up_run.recorded(), turns_of([], [], [], faults))
    assert [(row.from_s, row.began) for row in rows] == [
        (0, []),
        (20, ["node edge-2 is down"]),
        (30, ["over: node edge-2 is down"]),
        (100, ["node edge-1 is down"]),
    ]


def test_what_happens_within_a_second_begins_one_stretch(made_up_run: MadeUpRun) -> None:
    rows = stretch_rows(made_up_run.recorded(), [Turn(10, "a"), Turn(10.9, "b"), Turn(11, "c")])
    assert [(row.from_s, row.began) for row in rows] == [(0, []), (10, ["a", "b"]), (11, ["c"])]


def test_more_stretches_than_anybody_reads_become_equal_parts(made_up_run: MadeUpRun) -> None:
    turns = [Turn(2.0 * index, str(index)) for index in range(1, 50)]
    rows = stretch_rows(made_up_run.recorded(), turns)
    assert len(rows) == MOST
    assert {row.to_s - row.from_s for row in rows} == {7.5}
    assert rows[1].began == ["4 changes"]


def test_a_fault_lasts_until_it_ends_and_one_that_never_ends_has_no_end(made_up_run: MadeUpRun) -> None:
    asked = events.Fault(kind="kill_node", node="edge-2", meta=Meta(id="ask", source="emulate/1"))
    made_up_run.say(9, asked)
    made_up_run.say(10, events.FaultBegun(kind="kill_node", node="edge-2", meta=Meta(id="b", cause=("ask",))))
    made_up_run.say(11, events.FaultBegun(kind="kill_node", node="edge-2"))  # the same, said again
    made_up_run.say(20, events.FaultBegun(kind="burn_cpu", node="edge-2", cores=2))
    made_up_run.say(40, events.FaultEnded(kind="kill_node", node="edge-2"))
    rows = made_up_run.report().faults
    assert [(row.kind, row.from_s, row.to_s, row.target, row.by) for row in rows] == [
        ("kill_node", 10, 40, "edge-2", "the scenario"),
        ("burn_cpu", 20, None, "edge-2", "somebody"),
    ]


def test_nodes_are_down_from_when_the_cluster_knew_until_they_are_ready(made_up_run: MadeUpRun) -> None:
    for t_s, node, ready, present in (
        (-20, "edge-3", False, True),
        (-10, "edge-3", True, True),
        (15, "edge-1", False, True),
        (16, "edge-1", False, True),
        (30, "edge-1", True, True),
        (100, "edge-2", True, False),
        (130, "edge-1", False, True),  # after the end of the load
    ):
        made_up_run.say(t_s, events.NodeUpdate(name=node, zone="zone-a", ready=ready, present=present))
    rows = made_up_run.report().nodes_down
    assert [(row.node, row.zone, row.from_s, row.to_s) for row in rows] == [
        ("edge-1", "zone-a", 15, 30),
        ("edge-2", "zone-a", 100, None),
    ]


def test_a_setting_that_was_changed_tells_what_it_was(made_up_run: MadeUpRun) -> None:
    made_up_run.say(16, events.SettingChanged(service="weight_optimizer", variable="x", value="0.2", before="0.1"))
    (row,) = made_up_run.report().settings_changed
    assert (row.t_s, row.service, row.variable, row.before, row.value, row.by) == (
        16,
        "weight_optimizer",
        "x",
        "0.1",
        "0.2",
        "somebody",
    )


def test_a_pause_of_everybody_is_one_row_and_open_until_somebody_ends_it(made_up_run: MadeUpRun) -> None:
    made_up_run.say(10, events.LoadPaused(paused=True))
    made_up_run.say(20, events.LoadPaused(paused=False))
    made_up_run.say(30, events.LoadPaused(fn="resnet", paused=True))
    rows = made_up_run.report().pauses
    assert [(row.from_s, row.to_s, row.fn, row.zone) for row in rows] == [(10, 20, "", ""), (30, None, "resnet", "")]


def test_rates_that_change_in_a_zone_are_rows_and_moves_are_not(made_up_run: MadeUpRun) -> None:
    assert made_up_run.report().rates == []
    first, *others = made_up_run.scenario.clients
    phase = first.phases[0]
    raised = dataclasses.replace(phase, start_s=50.0, rps=phase.rps * 2)
    group = dataclasses.replace(first, phases=(phase, raised))
    made_up_run.scenario = dataclasses.replace(made_up_run.scenario, clients=(group, *others))
    (row,) = made_up_run.report().rates
    assert (row.t_s, row.fn, row.zone, row.before, row.rps) == (
        50,
        first.function,
        phase.zone,
        phase.rps,
        phase.rps * 2,
    )
