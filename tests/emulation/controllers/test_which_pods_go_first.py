"""Of too many pods those go first whose loss costs least."""

from typing import Any

from galileo_emulation.controllers.replica_set.deletion_order import DELETION_COST, to_delete
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp

NOW = 1_700_000_000.0


def pod(
    name: str,
    *,
    node: str = "a",
    phase: str = "Running",
    ready_s: float | None = 1000.0,
    age_s: float = 1000.0,
    restarts: int = 0,
    cost: str | None = None,
) -> JsonObject:
    """A pod that is `age_s` old and has been ready for `ready_s` seconds (None: it is not ready)."""
    status: JsonObject = {"phase": phase, "containerStatuses": [{"restartCount": restarts}]}
    if ready_s is not None:
        since = timestamp(NOW - ready_s)
        status["conditions"] = [{"type": "Ready", "status": "True", "lastTransitionTime": since}]
    metadata: JsonObject = {"name": name, "uid": name, "creationTimestamp": timestamp(NOW - age_s)}
    if cost is not None:
        metadata["annotations"] = {DELETION_COST: cost}
    return {"metadata": metadata, "spec": {"nodeName": node} if node else {}, "status": status}


def first(*pods: JsonObject) -> str:
    (going,) = to_delete(pods, 1, relatives=pods, now=NOW)
    name: str = going["metadata"]["name"]
    return name


def wins(**less: Any) -> bool:
    """Whether a pod with these traits goes before one without, whichever comes first."""
    plain, special = pod("plain", node="b"), pod("zz-special", **less)
    return first(plain, special) == first(special, plain) == "zz-special"


def test_each_rule_by_itself() -> None:
    assert wins(node="", ready_s=None)
    assert wins(phase="Pending", ready_s=None)
    assert wins(ready_s=None)
    assert wins(cost="-5")
    assert not wins(cost="5")
    assert wins(ready_s=10.0)
    assert wins(restarts=3)
    assert wins(age_s=10.0, ready_s=1000.0)


def test_earlier_rules_outweigh_later_ones() -> None:
    assert first(pod("pending", phase="Pending", ready_s=None), pod("unplaced", node="", phase="Running")) == "unplaced"
    assert first(pod("cheap", cost="-100"), pod("unready", ready_s=None, cost="100")) == "unready"
    assert first(pod("young", ready_s=1.0, age_s=1.0), pod("cheap", cost="-1")) == "cheap"


def test_a_node_with_several_relatives_gives_one_first() -> None:
    pods = [pod("alone", node="a"), pod("one", node="b"), pod("two", node="b")]
    assert first(*pods) in ("one", "two")


def test_ages_of_the_same_power_of_two_are_alike() -> None:
    assert first(pod("a", ready_s=1500.0), pod("b", ready_s=1400.0)) == "a"
    assert first(pod("a", ready_s=5000.0), pod("b", ready_s=1000.0)) == "b"


def test_a_cost_that_is_no_number_counts_as_none() -> None:
    assert not wins(cost="cheap")
