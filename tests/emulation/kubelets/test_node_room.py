"""The kubelet's own account of its node."""

from galileo_emulation.kubelets.node_room import NodeRoom, Refusal
from galileo_emulation.kubelets.resource_amounts import Amount, pod_amount

SIX = 6 * 1000**3


def room() -> NodeRoom:
    return NodeRoom(Amount(1000, SIX), max_pods=3)


def test_a_pod_for_which_too_little_is_left_is_refused_in_the_kubelets_words() -> None:
    node = room()
    node.give("a", Amount(600, SIX))
    assert node.refusal("b", Amount(500, 0)) == Refusal(
        "OutOfcpu", "Node didn't have enough resource: cpu, requested: 500, used: 600, capacity: 1000"
    )
    assert node.refusal("b", Amount(400, 1)) == Refusal(
        "OutOfmemory",
        f"Node didn't have enough resource: memory, requested: 1, used: {SIX}, capacity: {SIX}",
    )
    assert node.refusal("b", Amount(400, 0)) is None
    assert node.refusal("a", Amount(1000, SIX)) is None  # what it has counts for itself


def test_a_node_takes_no_more_pods_than_it_may() -> None:
    node = room()
    for uid in "abc":
        node.give(uid, Amount())
    refusal = node.refusal("d", Amount())
    assert refusal is not None
    assert refusal.reason == "OutOfpods"
    node.take_back("a")
    assert node.refusal("d", Amount()) is None


def test_who_waits_for_room_is_told_when_it_appears_in_order() -> None:
    node, told = room(), []
    node.give("a", Amount(800, 0))
    node.wait_for_room("late", (0.0, 2.0), lambda: told.append("late"))
    node.wait_for_room("early", (0.0, 1.0), lambda: told.append("early"))
    node.give("a", Amount(900, 0))
    assert told == []
    node.give("a", Amount(100, 0))
    assert told == ["early", "late"]
    node.wait_no_longer("early")
    node.take_back("a")
    assert told == ["early", "late", "late"]


def test_a_pod_takes_the_largest_of_its_moments() -> None:
    inits = [(Amount(500, 10), False), (Amount(100, 1), True), (Amount(700, 2), False)]
    assert pod_amount([Amount(200, 5), Amount(300, 5)], inits) == Amount(800, 11)
    assert pod_amount([Amount(900, 5)], inits) == Amount(1000, 10)
