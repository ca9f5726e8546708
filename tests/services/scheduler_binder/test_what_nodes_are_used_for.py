"""Requests per node follow pod events, count once, and include bindings that are not confirmed yet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from galileo_schemas.events import ClusterInventory, PodContainer, PodDelete, PodShutdown, PodState
from galileo_services.scheduler_binder.node_usage import NodeUsage, Resources, pod_requests
from hypothesis import given, settings
from hypothesis import strategies as st

Pods = Callable[..., PodState]
MI = 2**20
ONE_POD = Resources(100, 64 * MI, 1)


def test_a_pod_requests_what_its_containers_request_together(pod: Pods) -> None:
    containers = {
        "main": PodContainer(name="main", resource_requests={"cpu": "0.035", "memory": "1Mi"}),
        "side": PodContainer(name="side", resource_requests={"cpu": '"250m"'}, resource_limits={"memory": '"250Mi"'}),
    }
    assert pod_requests(pod("a", containers=containers)) == Resources(285, 251 * MI, 1)


def test_a_negative_request_makes_no_room(pod: Pods) -> None:
    with pytest.raises(ValueError, match="pod default/a, container main: expected a quantity of 0 or more, got '-1'"):
        pod_requests(pod("a", cpu="-1"))


def test_an_event_said_twice_counts_once(pod: Pods) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("a", node_name="n", status="Pending"))
    usage.note_pod(pod("a", node_name="n", status="Running"))
    assert usage.requested("n") == ONE_POD


def test_a_pod_without_a_node_counts_nowhere(pod: Pods) -> None:
    usage = NodeUsage()
    assert not usage.note_pod(pod("a"))
    assert not usage.totals


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_frees_its_room(pod: Pods, phase: str) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("a", node_name="n", status="Running"))
    assert usage.note_pod(pod("a", node_name="n", status=phase))
    assert not usage.totals


def test_a_pod_holds_its_room_until_it_is_gone(pod: Pods) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("a", node_name="n", status="Running"))
    assert not usage.note_pod(pod("a", kind=PodShutdown, node_name="n", status="Running"))
    assert usage.requested("n") == ONE_POD
    assert usage.note_pod(pod("a", kind=PodDelete, node_name="n", status="Running"))
    assert usage.requested("n") == Resources()


def test_an_assumed_binding_counts_until_the_event_confirms_it(pod: Pods) -> None:
    usage = NodeUsage()
    usage.assume(pod("a"), "n")
    usage.note_pod(pod("a"))  # sent before the binding
    assert usage.requested("n") == ONE_POD
    assert not usage.note_pod(pod("a", node_name="n"))
    assert usage.requested("n") == ONE_POD


def test_a_failed_binding_is_forgotten(pod: Pods) -> None:
    usage = NodeUsage()
    usage.assume(pod("a"), "n")
    assert usage.forget("uid-a")
    assert not usage.totals


def test_a_confirmed_pod_cannot_be_forgotten(pod: Pods) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("a", node_name="n", status="Running"))
    assert not usage.forget("uid-a")
    assert usage.requested("n") == ONE_POD


def test_another_scheduler_was_faster(pod: Pods) -> None:
    usage = NodeUsage()
    usage.assume(pod("a"), "mine")
    assert usage.note_pod(pod("a", node_name="theirs"))
    assert dict(usage.totals) == {"theirs": ONE_POD}


def test_a_pod_resized_downwards_frees_room(pod: Pods) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("a", cpu="2", node_name="n"))
    assert usage.note_pod(pod("a", cpu="1", node_name="n"))
    assert not usage.note_pod(pod("a", cpu="3", node_name="n"))
    assert usage.requested("n").cpu_millicores == 3000


def test_a_request_that_cannot_be_read_changes_nothing(pod: Pods) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("a", node_name="n"))
    with pytest.raises(ValueError, match="container main"):
        usage.note_pod(pod("a", cpu="lots", node_name="m"))
    assert dict(usage.totals) == {"n": ONE_POD}


def test_an_inventory_drops_pods_whose_deletion_was_missed(pod: Pods) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("gone", node_name="n", created=90.0))
    usage.note_pod(pod("there", node_name="n", created=90.0))
    usage.note_pod(pod("younger", node_name="n", created=100.0))
    assert usage.forget_absent(ClusterInventory(nodes=["n"], pods=["uid-there"], as_of=100.4))
    assert usage.requested("n").pods == 2


steps = st.lists(
    st.tuples(
        st.sampled_from(["note", "assume", "forget", "end"]),
        st.integers(0, 4),
        st.sampled_from(["n1", "n2", "n3"]),
        st.integers(0, 5000),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(steps=steps)
def test_totals_are_always_the_sum_over_the_pods(pod: Pods, steps: list[tuple[str, int, str, int]]) -> None:
    usage = NodeUsage()
    held: dict[int, tuple[str, int, bool]] = {}
    for action, number, node, cpu in steps:
        shown = pod(str(number), cpu=f"{cpu}m", node_name=node, status="Running")
        if action == "note":
            usage.note_pod(shown)
            held[number] = (node, cpu, False)
        elif action == "assume":
            usage.assume(shown, node)
            held[number] = (node, cpu, True)
        elif action == "forget":
            usage.forget(shown.pod_uid)
            if number in held and held[number][2]:
                del held[number]
        else:
            usage.note_pod(pod(str(number), status="Failed", node_name=node))
            held.pop(number, None)
    for node in ("n1", "n2", "n3"):
        cpus = [cpu for where, cpu, _assumed in held.values() if where == node]
        assert usage.requested(node) == Resources(sum(cpus), 64 * MI * len(cpus), len(cpus))
