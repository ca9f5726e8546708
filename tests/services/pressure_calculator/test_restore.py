"""Functions that have lost pods: how many new ones they get, where, and when none."""

from __future__ import annotations

import pytest
from galileo_context.testing import World, numbered_ids
from galileo_schemas.events import ClusterInventory, NodeUpdate, PodDelete, PodFailed, PodShutdown
from galileo_services.pressure_calculator.decide import DeciderState, Outcome, decide
from galileo_services.pressure_calculator.parameters import Parameters, Strategy
from galileo_services.pressure_calculator.restore import functions_losing_pods


class Scaler:
    """A function with a pod on each of two nodes of zone-a, and a calculator that runs when told."""

    def __init__(self, *, complete: bool = True, **parameters: object) -> None:
        self.world = World()
        self.state = DeciderState()
        self.parameters = Parameters(**parameters)  # type: ignore[arg-type]
        self.new_id = numbered_ids()
        self.world.zone("zone-a", nodes=3, cpu="1")
        self.world.zone("zone-b", cpu="1")
        self.world.zone("zone-c", cpu="1")
        self.world.latencies({"zone-a": {"zone-b": 60.0, "zone-c": 20.0}, "zone-b": {"zone-c": 40.0}})
        self.pods = [self.world.pod(f"p{number}", "f", f"zone-a-{number}") for number in (2, 3)]
        if complete:
            everything = ["zone-a-1", "zone-a-2", "zone-a-3", "zone-b-1", "zone-c-1"]
            self.world.cluster.note(ClusterInventory(nodes=everything, pods=[], as_of=0.0), self.world.now)

    def fail(self, *nodes: str) -> None:
        self.world.now += 1
        for node in nodes:
            self.world.node(node, node.rpartition("-")[0], ready=False)

    def ask(self, client: str, *, count: int = 10) -> None:
        """Requests that nobody answers."""
        self.world.trace(self.world.ask("f", None, client, count=count))

    def run(self) -> Outcome:
        return decide(self.world.cluster, self.state, self.parameters, now=self.world.now, new_id=self.new_id)


def test_nothing_is_restored_while_all_are_there() -> None:
    assert Scaler(min_replicas=2).run().decisions == []


def test_when_the_last_pod_is_lost_one_is_asked_for() -> None:
    scaler = Scaler()
    scaler.fail("zone-a-2")
    assert scaler.run().decisions == []
    scaler.fail("zone-a-3")
    (decision,) = scaler.run().decisions
    assert (decision.fn, decision.dest_zone, decision.origin_zone, decision.delete) == ("f", "zone-a", "zone-a", False)
    assert (decision.value, decision.threshold) == (None, None)
    assert decision.reason == "0 of at least 1 pods are there"
    assert decision.gateway == "zone-a-1"
    assert decision.meta is not None
    assert (decision.meta.id, decision.meta.key, decision.meta.expires) == ("decision-1", "f", scaler.world.now + 30)
    assert decision.pod_creation_request.image == "fn:1"
    assert decision.pod_creation_request.resource_requests == {"cpu": "500m"}


def test_as_many_are_asked_for_as_are_missing() -> None:
    scaler = Scaler(min_replicas=2)
    scaler.fail("zone-a-2")
    assert [decision.reason for decision in scaler.run().decisions] == ["1 of at least 2 pods are there"]
    scaler = Scaler(min_replicas=2)
    scaler.fail("zone-a-2", "zone-a-3")
    decisions = scaler.run().decisions
    assert len(decisions) == 2
    assert len({decision.pod_creation_request.pod_name for decision in decisions}) == 2


def test_what_was_asked_for_is_not_asked_for_again_until_it_fails() -> None:
    scaler = Scaler()
    scaler.fail("zone-a-2", "zone-a-3")
    (decision,) = scaler.run().decisions
    assert scaler.run().decisions == []
    scaler.state.open.fail(
        PodFailed(pod=decision.pod_creation_request.pod_name, namespace="default", reason="Invalid", message="no")
    )
    assert len(scaler.run().decisions) == 1


def test_a_pod_that_comes_back_before_anything_was_decided_is_enough() -> None:
    scaler = Scaler()
    scaler.fail("zone-a-2", "zone-a-3")
    scaler.world.now += 1
    scaler.world.node("zone-a-2", "zone-a", ready=True)
    assert scaler.run().decisions == []


def test_pods_that_somebody_deleted_are_replaced_too() -> None:
    scaler = Scaler()
    for pod in scaler.pods:
        scaler.world.gone(pod)
    (decision,) = scaler.run().decisions
    assert decision.fn == "f"


def test_before_an_inventory_was_heard_nothing_is_lost() -> None:
    scaler = Scaler(complete=False)
    scaler.fail("zone-a-2", "zone-a-3")
    assert scaler.run().decisions == []


def test_with_the_static_strategy_nothing_is_restored() -> None:
    scaler = Scaler(strategy=Strategy.STATIC)
    scaler.fail("zone-a-2", "zone-a-3")
    assert scaler.run().decisions == []


def test_the_new_pod_goes_to_where_most_requests_come_from() -> None:
    scaler = Scaler()
    scaler.ask("worker-zone-b", count=30)
    scaler.ask("worker-zone-a", count=10)
    scaler.fail("zone-a-2", "zone-a-3")
    (decision,) = scaler.run().decisions
    assert (decision.origin_zone, decision.dest_zone, decision.gateway) == ("zone-b", "zone-b", "zone-b-1")


def test_when_that_zone_is_full_it_goes_to_the_nearest_with_room() -> None:
    scaler = Scaler()
    scaler.world.pod("filler", "other", "zone-a-1", cpu="900m")
    scaler.fail("zone-a-2", "zone-a-3")
    (decision,) = scaler.run().decisions
    assert (decision.origin_zone, decision.dest_zone) == ("zone-a", "zone-c")


def test_two_new_pods_are_not_promised_the_same_room() -> None:
    scaler = Scaler(min_replicas=2)
    scaler.world.pod("filler", "other", "zone-a-1", cpu="400m")
    scaler.fail("zone-a-2", "zone-a-3")
    assert [decision.dest_zone for decision in scaler.run().decisions if decision.fn == "f"] == ["zone-a", "zone-c"]


def test_where_nobody_has_room_it_says_so_once() -> None:
    scaler = Scaler()
    for number, node in enumerate(("zone-a-1", "zone-b-1", "zone-c-1")):
        scaler.world.pod(f"filler-{number}", "other", node, cpu="900m")
    scaler.fail("zone-a-2", "zone-a-3")
    outcome = scaler.run()
    assert outcome.decisions == []
    (said,) = outcome.impossible
    assert (said.fn, said.reason) == ("f", "0 of at least 1 pods are there, and no zone with a gateway has room")
    assert scaler.run().impossible == []


def test_lost_pods_do_not_count_against_the_most_allowed() -> None:
    scaler = Scaler(min_replicas=2, max_replicas=2)
    scaler.fail("zone-a-2", "zone-a-3")
    assert len(scaler.run().decisions) == 2


def test_the_last_that_serves_is_kept_when_the_others_are_lost() -> None:
    scaler = Scaler(scale_down_delay_s=0.0, min_age_s=0.0)
    for pod in scaler.pods:
        scaler.world.use(pod, 1.0)
    scaler.fail("zone-a-2")
    scaler.world.trace()
    assert scaler.run().decisions == []


@pytest.mark.parametrize("kind", [PodDelete, PodShutdown])
def test_who_loses_a_pod_is_told_by_its_end(kind: type[PodDelete] | type[PodShutdown]) -> None:
    scaler = Scaler()
    event = kind(pod_uid="uid-p2", name="p2", namespace="default")
    assert functions_losing_pods(scaler.world.cluster, event) == {"f"}


def test_who_loses_pods_is_told_by_a_node_that_does_not_answer() -> None:
    scaler = Scaler()
    scaler.world.pod("q", "g", "zone-a-2")
    assert functions_losing_pods(scaler.world.cluster, NodeUpdate(name="zone-a-2", zone="zone-a", ready=False)) == {
        "f",
        "g",
    }
    assert functions_losing_pods(scaler.world.cluster, NodeUpdate(name="zone-a-2", zone="zone-a")) == set()
