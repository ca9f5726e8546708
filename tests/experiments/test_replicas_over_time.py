"""Replicas over time, told from the pods' life-cycle events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galileo_schemas import events

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun


def changes(run: MadeUpRun, fn: str = "resnet") -> list[tuple[float, str, int]]:
    return [(row.t_s, row.zone, row.running) for row in run.report().replicas if row.fn == fn and row.t_s > 0]


def test_there_is_a_row_at_the_start_for_every_function_and_zone(moved_run: MadeUpRun) -> None:
    first = {(row.fn, row.zone): row.running for row in moved_run.report().replicas if row.t_s == 0}
    assert len(first) == 6
    assert {where: count for where, count in first.items() if count} == {
        ("resnet", "zone-a"): 2,
        ("mobilenet", "zone-a"): 1,
    }


def test_each_change_is_a_row(moved_run: MadeUpRun) -> None:
    assert changes(moved_run) == [(69.5, "zone-b", 1), (82.3, "zone-a", 1)]


def test_what_is_said_again_changes_nothing(made_up_run: MadeUpRun) -> None:
    for t_s in (5, 35, 65):
        made_up_run.pod(t_s, events.PodRunning, "p", fn="resnet", node="edge-1", ip="10.0.0.1")
    assert changes(made_up_run) == [(5, "zone-a", 1)]


def test_a_pod_that_never_ran_does_not_count(made_up_run: MadeUpRun) -> None:
    made_up_run.pod(5, events.PodPending, "p", fn="resnet", node="edge-1", ip="")
    made_up_run.pod(6, events.PodShutdown, "p", fn="resnet", node="edge-1", ip="")
    made_up_run.pod(7, events.PodDelete, "p", fn="resnet", node="edge-1", ip="")
    assert changes(made_up_run) == []


def test_gateways_and_clients_are_no_replicas(made_up_run: MadeUpRun) -> None:
    for uid, labels in (
        ("g", {"type": "api-gateway", "ether.edgerun.io/function": "resnet"}),
        ("c", {"ether.edgerun.io/function": "client"}),
    ):
        made_up_run.say(5, events.PodRunning(pod_uid=uid, name=uid, node_name="edge-1", labels=labels))
    assert changes(made_up_run) == changes(made_up_run, "client") == []


def test_what_happened_after_the_run_is_left_out(made_up_run: MadeUpRun) -> None:
    made_up_run.pod(5, events.PodRunning, "p", fn="resnet", node="edge-1", ip="10.0.0.1")
    made_up_run.pod(121, events.PodDelete, "p", fn="resnet", node="edge-1", ip="10.0.0.1")
    assert changes(made_up_run) == [(5, "zone-a", 1)]


def test_the_cluster_knows_zones_of_nodes_that_the_scenario_does_not(made_up_run: MadeUpRun) -> None:
    made_up_run.say(1, events.NodeUpdate(name="late", zone="zone-c"))
    labels = {"ether.edgerun.io/function": "resnet"}
    made_up_run.say(2, events.PodRunning(pod_uid="p", name="p", node_name="late", labels=labels))
    assert changes(made_up_run) == [(2, "zone-c", 1)]


def test_pods_on_a_node_that_does_not_answer_do_not_count_until_it_does(made_up_run: MadeUpRun) -> None:
    for name, node in (("p", "edge-1"), ("q", "edge-2")):
        made_up_run.pod(5, events.PodRunning, name, fn="resnet", node=node, ip=f"10.0.0.{node[-1]}")
    made_up_run.say(20, events.NodeUpdate(name="edge-1", zone="zone-a", ready=False))
    made_up_run.pod(25, events.PodRunning, "p", fn="resnet", node="edge-1", ip="10.0.0.1")  # said again
    made_up_run.say(30, events.NodeUpdate(name="edge-1", zone="zone-a", ready=True))
    made_up_run.say(40, events.NodeUpdate(name="edge-1", zone="zone-a", ready=False))
    made_up_run.pod(45, events.PodDelete, "p", fn="resnet", node="edge-1", ip="10.0.0.1")
    made_up_run.say(50, events.NodeUpdate(name="edge-1", zone="zone-a", ready=True))
    assert changes(made_up_run) == [
        (5, "zone-a", 1),
        (5, "zone-a", 2),
        (20, "zone-a", 1),
        (30, "zone-a", 2),
        (40, "zone-a", 1),
    ]
