"""Pending pods are tried oldest first, again after a growing pause, and at once when room becomes free."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from galileo_schemas.events import ClusterInventory, NodeUpdate, PodDelete, PodShutdown, PodState
from galileo_services.scheduler_binder.queue import PendingQueue, may_take_more

Nodes = Callable[..., NodeUpdate]
Pods = Callable[..., PodState]


@pytest.fixture
def queue() -> PendingQueue:
    return PendingQueue({"custom-scheduler"})


def names(pods: list[PodState]) -> list[str]:
    return [pod.name for pod in pods]


def test_a_new_pod_is_due_at_once(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 10.0)
    assert names(queue.due(10.0)) == ["a"]
    assert queue.next_due == 10.0


def test_the_oldest_pod_comes_first(queue: PendingQueue, pod: Pods) -> None:
    for name, created in (("young", 7.0), ("old", 5.0), ("as-old-but-later", 5.0)):
        queue.note(pod(name, created=created), 10.0)
    assert names(queue.due(10.0)) == ["old", "as-old-but-later", "young"]


def test_pauses_double_from_one_to_ten_seconds(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 0.0)
    now, pauses = 0.0, []
    for _ in range(6):
        queue.refused("uid-a", now)
        due = queue.next_due
        assert due is not None
        assert not queue.due(due - 0.001)
        assert names(queue.due(due)) == ["a"]
        pauses.append(due - now)
        now = due
    assert pauses == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_days_of_refusals_do_no_harm(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 0.0)
    for _ in range(5000):
        queue.refused("uid-a", 0.0)
    assert queue.next_due == 10.0


def test_room_that_becomes_free_makes_all_due(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 0.0)
    queue.note(pod("b"), 0.0)
    queue.refused("uid-a", 0.0)
    queue.refused("uid-b", 0.0)
    queue.retry_all(0.5)
    assert names(queue.due(0.5)) == ["a", "b"]
    queue.refused("uid-a", 0.5)
    assert queue.next_due == 0.5  # b
    queue.refused("uid-b", 0.5)
    assert queue.next_due == 2.5  # the second pause


def test_a_pod_said_again_waits_on_but_a_changed_one_is_tried(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 0.0)
    queue.refused("uid-a", 0.0)
    queue.note(pod("a", resource_version="2"), 0.1)
    assert not queue.due(0.1)
    queue.note(pod("a", labels={"delay_edge-1": "50"}), 0.2)
    assert queue.due(0.2)[0].labels == {"delay_edge-1": "50"}


def test_only_the_first_of_equal_refusals_is_news(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 0.0)
    assert queue.refused("uid-a", 0.0, "0/1 nodes are available: 1 Insufficient cpu.")
    assert not queue.refused("uid-a", 1.0, "0/1 nodes are available: 1 Insufficient cpu.")
    assert queue.refused("uid-a", 3.0, "0/1 nodes are available: 1 Insufficient memory.")


def test_a_pod_being_bound_is_not_tried_even_if_it_is_said_again(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 0.0)
    queue.binding("uid-a")
    queue.note(pod("a"), 0.1)
    queue.retry_all(0.1)
    assert not queue.due(100.0)
    assert queue.next_due is None


def test_a_failed_binding_is_tried_again(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a"), 0.0)
    queue.binding("uid-a")
    queue.refused("uid-a", 0.0)
    assert names(queue.due(1.0)) == ["a"]


@pytest.mark.parametrize(
    "fields",
    [
        {"node_name": "n"},
        {"status": "Failed"},
        {"deletion_timestamp": 5.0},
        {"kind": PodShutdown},
        {"kind": PodDelete},
    ],
)
def test_a_pod_that_needs_no_node_leaves(queue: PendingQueue, pod: Pods, fields: dict[str, object]) -> None:
    queue.note(pod("a"), 0.0)
    queue.note(pod("a", **fields), 0.1)
    assert len(queue) == 0


def test_a_refusal_of_a_pod_that_has_left_is_no_news(queue: PendingQueue) -> None:
    assert not queue.refused("uid-gone", 0.0, "too late")
    assert "uid-gone" not in queue


def test_other_schedulers_pods_are_left_alone(queue: PendingQueue, pod: Pods) -> None:
    queue.note(pod("a", scheduler_name="default-scheduler"), 0.0)
    queue.note(pod("b", scheduler_name=""), 0.0)
    assert len(queue) == 0


def test_a_pod_without_a_scheduler_name_is_the_default_schedulers(pod: Pods) -> None:
    queue = PendingQueue({"default-scheduler"})
    queue.note(pod("a", scheduler_name=""), 0.0)
    assert names(queue.due(0.0)) == ["a"]


def test_an_inventory_drops_pods_whose_deletion_was_missed(queue: PendingQueue, pod: Pods) -> None:
    for name, created in (("gone", 90.0), ("there", 90.0), ("younger", 100.0)):
        queue.note(pod(name, created=created), 100.0)
    queue.forget_absent(ClusterInventory(nodes=[], pods=["uid-there"], as_of=100.4))
    assert names(queue.due(100.0)) == ["there", "younger"]


def test_a_node_that_is_new_or_different_may_take_more(node: Nodes) -> None:
    known = node("n")
    assert may_take_more(None, known)
    assert may_take_more(node("n", unschedulable=True), known)
    assert may_take_more(node("n", present=False), known)
    assert may_take_more(node("n", cpu="2"), known)


def test_a_node_that_is_gone_or_the_same_takes_nothing_more(node: Nodes) -> None:
    assert not may_take_more(node("n"), node("n", address="10.0.0.1"))
    assert not may_take_more(node("n"), node("n", present=False))
