"""Each reason for which a node is refused, and the limits of that reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from galileo_schemas.events import NodeUpdate, PodState
from galileo_services.scheduler_binder.filters import first_reason, placement_state
from galileo_services.scheduler_binder.node_usage import NodeUsage

Nodes = Callable[..., NodeUpdate]
Pods = Callable[..., PodState]

ZONE = "ether.edgerun.io/zone"
WORKER = "node-role.kubernetes.io/worker"
MANAGED = {"app.kubernetes.io/managed-by": "galileo"}
DEDICATED = {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}


def reason(pod: PodState, node: NodeUpdate, *others: NodeUpdate, usage: NodeUsage | None = None) -> str | None:
    state = placement_state(pod, [node, *others], usage or NodeUsage(), lambda _origin, _destination: None)
    return first_reason(pod, node, state)


def test_an_empty_node_takes_a_small_pod(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a"), node("n")) is None


def test_a_node_that_is_not_ready_is_refused(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a"), node("n", ready=False)) == "node(s) were not ready"


def test_a_cordoned_node_takes_only_pods_that_tolerate_it(pod: Pods, node: Nodes) -> None:
    cordoned = node("n", unschedulable=True)
    tolerant = pod("a", tolerations=[{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}])
    assert reason(pod("a"), cordoned) == "node(s) were unschedulable"
    assert reason(tolerant, cordoned) is None


@pytest.mark.parametrize(
    "toleration",
    [
        {"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"},
        {"key": "dedicated", "value": "gpu"},
        {"key": "dedicated", "operator": "Exists"},
        {"operator": "Exists"},
    ],
)
def test_a_matching_toleration_opens_a_tainted_node(pod: Pods, node: Nodes, toleration: dict[str, Any]) -> None:
    assert reason(pod("a", tolerations=[toleration]), node("n", taints=[DEDICATED])) is None


@pytest.mark.parametrize(
    "toleration",
    [
        {"key": "dedicated", "value": "other"},
        {"key": "dedicated"},
        {"key": "else", "operator": "Exists"},
        {"key": "dedicated", "operator": "Exists", "effect": "NoExecute"},
        {"value": "gpu"},
    ],
)
def test_a_toleration_that_does_not_match_opens_nothing(pod: Pods, node: Nodes, toleration: dict[str, Any]) -> None:
    refused = reason(pod("a", tolerations=[toleration]), node("n", taints=[DEDICATED]))
    assert refused == "node(s) had untolerated taint {dedicated: gpu}"


def test_a_taint_that_only_prefers_is_no_obstacle(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a"), node("n", taints=[{**DEDICATED, "effect": "PreferNoSchedule"}])) is None


def test_every_taint_must_be_tolerated(pod: Pods, node: Nodes) -> None:
    taints = [DEDICATED, {"key": "drained", "effect": "NoExecute"}]
    tolerant_of_one = pod("a", tolerations=[{"key": "dedicated", "operator": "Exists"}])
    assert reason(tolerant_of_one, node("n", taints=taints)) == "node(s) had untolerated taint {drained: }"


def test_every_entry_of_the_node_selector_must_match(pod: Pods, node: Nodes) -> None:
    picky = pod("a", node_selector={"disk": "ssd", "arch": "arm64"})
    assert reason(picky, node("n", labels={"disk": "ssd", "arch": "arm64"})) is None
    assert reason(picky, node("n", labels={"disk": "ssd"})) == "node(s) didn't match Pod's node affinity/selector"


def test_a_function_runs_on_workers_when_the_cluster_tells_its_workers(pod: Pods, node: Nodes) -> None:
    function = pod("a", labels={"type": "fn"})
    worker, other = node("w", labels={WORKER: ""}), node("n")
    assert reason(function, other, worker) == "node(s) were no workers"
    assert reason(function, worker, other) is None
    assert reason(pod("gateway", labels={"type": "api-gateway"}), other, worker) is None


def test_without_any_worker_role_a_function_runs_anywhere(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a", labels={"type": "fn"}), node("n"), node("m", labels={WORKER: "false"})) is None


def test_the_zone_label_of_a_pod_that_we_created_is_a_must(pod: Pods, node: Nodes) -> None:
    ours = pod("a", labels={**MANAGED, ZONE: "zone-b"})
    assert reason(ours, node("n", zone="zone-a")) == "node(s) were outside zone-b"
    assert reason(ours, node("n", zone="zone-b")) is None
    assert reason(ours, node("n", labels={ZONE: "zone-b"})) is None


def test_the_zone_label_of_anybody_elses_pod_is_ignored(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a", labels={ZONE: "zone-b"}), node("n", zone="zone-a")) is None


def test_a_node_selector_for_the_zone_speaks_louder_than_the_label(pod: Pods, node: Nodes) -> None:
    both = pod("a", labels={**MANAGED, ZONE: "zone-b"}, node_selector={ZONE: "zone-a"})
    assert reason(both, node("n", zone="zone-a", labels={ZONE: "zone-a"})) is None


def test_the_last_millicore_can_be_given_but_not_one_more(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a", cpu="500m"), node("n", cpu="0.5")) is None
    assert reason(pod("a", cpu="501m"), node("n", cpu="0.5")) == "Insufficient cpu"


def test_the_last_byte_can_be_given_but_not_one_more(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a", memory="1Gi"), node("n", memory="1Gi")) is None
    assert reason(pod("a", memory="1073741825"), node("n", memory="1Gi")) == "Insufficient memory"


def test_pods_that_are_there_leave_less_room(pod: Pods, node: Nodes) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("there", cpu="3", node_name="n", status="Running"))
    assert reason(pod("a", cpu="1"), node("n", cpu="4"), usage=usage) is None
    assert reason(pod("a", cpu="1001m"), node("n", cpu="4"), usage=usage) == "Insufficient cpu"


def test_the_number_of_pods_is_limited(pod: Pods, node: Nodes) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("there", node_name="n", status="Running"))
    assert reason(pod("a"), node("n", pods="2"), usage=usage) is None
    assert reason(pod("a"), node("n", pods="1"), usage=usage) == "Too many pods"


def test_who_requests_nothing_fits_where_everything_is_given_away(pod: Pods, node: Nodes) -> None:
    usage = NodeUsage()
    usage.note_pod(pod("greedy", cpu="8", memory="16Gi", node_name="n", status="Running"))
    assert reason(pod("a", cpu="0", memory="0"), node("n"), usage=usage) is None


def test_a_node_without_readable_resources_is_refused(pod: Pods, node: Nodes) -> None:
    assert reason(pod("a"), node("n", cpu="many")) == "node(s) had unreadable allocatable resources"
