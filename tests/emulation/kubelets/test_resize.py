"""What becomes of a change of a running pod's resources."""

from galileo_emulation.kubelets.resize import (
    Pending,
    below_use,
    changed_resources,
    deferred_order,
    event_text,
    has_to_restart,
    refused,
)
from galileo_emulation.kubelets.resource_amounts import Amount

NODE = Amount(4000, 1000)


def test_what_the_node_could_never_hold_is_infeasible_and_what_it_cannot_hold_now_is_deferred() -> None:
    assert refused(Amount(4001, 0), others=Amount(), allocatable=NODE) == Pending(
        "Infeasible", "Node didn't have enough capacity: cpu, requested: 4001, capacity: 4000"
    )
    assert refused(Amount(100, 900), others=Amount(100, 200), allocatable=NODE) == Pending(
        "Deferred", "Node didn't have enough resource: memory, requested: 900, used: 200, capacity: 1000"
    )
    assert refused(Amount(3900, 800), others=Amount(100, 200), allocatable=NODE) is None


def test_among_the_deferred_priority_goes_before_class_before_waiting() -> None:
    orders = [
        deferred_order(priority=0, qos="Burstable", since=1.0),
        deferred_order(priority=0, qos="Burstable", since=2.0),
        deferred_order(priority=0, qos="Guaranteed", since=3.0),
        deferred_order(priority=9, qos="BestEffort", since=4.0),
    ]
    assert sorted(orders) == [orders[3], orders[2], orders[0], orders[1]]


def test_only_a_memory_limit_that_gets_lower_than_the_use_is_refused() -> None:
    assert below_use([("a", 100, 60, 60), ("b", None, None, 60), ("c", 100, 200, 300)]) is None
    assert (
        below_use([("a", 100, 50, 60)])
        == 'cannot decrease memory limits: attempting to set container "a" memory limit (50) below current usage (60)'
    )
    both = below_use([("a", None, 50, 60), ("b", 90, 50, 70)])
    assert both is not None
    assert both.startswith("cannot decrease memory limits: [attempting")
    assert both.endswith("(70)]")


def test_resources_are_compared_as_quantities() -> None:
    before = {"requests": {"cpu": "1", "memory": "1Gi"}}
    assert changed_resources(before, {"requests": {"cpu": "1000m", "memory": "1024Mi"}}) == frozenset()
    after = {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}
    assert changed_resources(before, after) == {"cpu", "memory"}
    assert has_to_restart(frozenset({"memory"}), before=before, after=after)
    assert not has_to_restart(frozenset({"cpu"}), before=before, after={"requests": {"cpu": "1"}})


def test_the_event_tells_the_resources() -> None:
    text = event_text("error", {"main": {"requests": {"cpu": "1"}}}, generation=2, error="no")
    assert text == (
        'Pod resize error: {"containers":[{"name":"main","resources":{"requests":{"cpu":"1"}}}],'
        '"generation":2,"error":"no"}'
    )
