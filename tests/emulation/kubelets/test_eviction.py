"""Which pod goes when a node lacks memory."""

import pytest
from galileo_emulation.kubelets.eviction import (
    MemoryPressure,
    PodMemory,
    eviction_message,
    first_to_evict,
    threshold_bytes,
)

MIB = 1024**2


def pod(uid: str, *, used: int, requested: int, priority: int = 0) -> PodMemory:
    return PodMemory(uid=uid, priority=priority, containers=(("main", used * MIB, requested * MIB),))


@pytest.mark.parametrize(
    ("pods", "first"),
    [
        ([pod("within", used=900, requested=1000), pod("above", used=20, requested=10)], "above"),
        (
            [pod("large", used=500, requested=0, priority=5), pod("lowly", used=20, requested=10, priority=1)],
            "lowly",
        ),
        ([pod("more", used=500, requested=100), pod("less", used=600, requested=300)], "more"),
        ([pod("important", used=100, requested=0, priority=2_000_000_000), pod("any", used=1, requested=5)], "any"),
    ],
)
def test_the_order_is_use_above_request_then_priority_then_excess(pods: list[PodMemory], first: str) -> None:
    for order in (pods, pods[::-1]):
        chosen = first_to_evict(order)
        assert chosen is not None
        assert chosen.uid == first


def test_critical_pods_are_never_evicted() -> None:
    assert first_to_evict([pod("p", used=9, requested=0, priority=2_000_000_000)]) is None


def test_the_message_is_the_kubelets() -> None:
    text = eviction_message(pod("p", used=500, requested=100), threshold=100 * MIB, available=50 * MIB)
    assert text == (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 51200Ki. "
        "Container main was using 512000Ki, request is 100Mi, has larger consumption of memory. "
    )


def test_small_nodes_have_a_smaller_threshold() -> None:
    assert threshold_bytes(100 * MIB, memory_bytes=4000 * MIB) == 100 * MIB
    assert threshold_bytes(100 * MIB, memory_bytes=500 * MIB) == 50 * MIB


def test_pressure_lingers_after_memory_was_last_short() -> None:
    pressure = MemoryPressure(30.0)
    assert not pressure.note(short=False, now=0.0)
    assert pressure.note(short=True, now=10.0)
    assert not pressure.note(short=True, now=20.0)
    assert not pressure.note(short=False, now=49.9)
    assert pressure.holds
    assert pressure.note(short=False, now=50.0)
    assert not pressure.holds
