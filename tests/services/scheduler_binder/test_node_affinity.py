"""The nodes that a pod demands by required node affinity, alone and together with its node selector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from galileo_schemas.events import NodeUpdate, PodState
from galileo_services.scheduler_binder.node_affinity import demanded_nodes, demands
from galileo_services.scheduler_binder.node_usage import NodeUsage
from galileo_services.scheduler_binder.placement import Placement, Refusal, place

Nodes = Callable[..., NodeUpdate]
Pods = Callable[..., PodState]


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def labels(*expressions: dict[str, Any]) -> dict[str, Any]:
    return {"matchExpressions": list(expressions)}


def named(*names: str, operator: str = "In") -> dict[str, Any]:
    return {"matchFields": [expression("metadata.name", operator, *names)]}


@pytest.mark.parametrize(
    ("demand", "fits"),
    [
        (expression("disk", "In", "ssd", "nvme"), True),
        (expression("disk", "In", "hdd"), False),
        (expression("gpu", "In", "a100"), False),
        (expression("disk", "NotIn", "hdd"), True),
        (expression("disk", "NotIn", "ssd"), False),
        (expression("gpu", "NotIn", "a100"), True),
        (expression("disk", "Exists"), True),
        (expression("gpu", "Exists"), False),
        (expression("disk", "DoesNotExist"), False),
        (expression("gpu", "DoesNotExist"), True),
        (expression("cores", "Gt", "7"), True),
        (expression("cores", "Gt", "8"), False),
        (expression("cores", "Lt", "9"), True),
        (expression("cores", "Lt", "8"), False),
        (expression("gpu", "Gt", "0"), False),
        (expression("disk", "Lt", "5"), False),
    ],
    ids=lambda value: (
        "-".join([value["key"], value["operator"], *value.get("values", [])]) if isinstance(value, dict) else str(value)
    ),
)
def test_each_operator(node: Nodes, demand: dict[str, Any], fits: bool) -> None:
    there = node("n", labels={"disk": "ssd", "cores": "8"})
    assert demands(demanded_nodes([labels(demand)]), there) is fits


def test_all_expressions_of_a_term_have_to_hold(node: Nodes) -> None:
    both = demanded_nodes([labels(expression("disk", "Exists"), expression("gpu", "Exists"))])
    assert not demands(both, node("n", labels={"disk": "ssd"}))
    assert demands(both, node("n", labels={"disk": "ssd", "gpu": "a100"}))


def test_one_of_the_terms_is_enough(node: Nodes) -> None:
    either = demanded_nodes([labels(expression("gpu", "Exists")), named("n")])
    assert demands(either, node("n"))
    assert demands(either, node("other", labels={"gpu": "a100"}))
    assert not demands(either, node("other"))


def test_labels_and_name_of_one_term_have_to_hold_together(node: Nodes) -> None:
    both = demanded_nodes([{**labels(expression("disk", "Exists")), **named("n")}])
    assert demands(both, node("n", labels={"disk": "ssd"}))
    assert not demands(both, node("n"))
    assert not demands(both, node("other", labels={"disk": "ssd"}))


def test_a_name_can_be_excluded(node: Nodes) -> None:
    elsewhere = demanded_nodes([named("n", operator="NotIn")])
    assert not demands(elsewhere, node("n"))
    assert demands(elsewhere, node("other"))


def test_an_empty_term_holds_nowhere(node: Nodes) -> None:
    assert not demands(demanded_nodes([{}]), node("n"))


def test_without_terms_every_node_will_do(node: Nodes) -> None:
    assert demands(demanded_nodes([]), node("n"))


def test_a_pod_tied_to_a_node_by_name_goes_there_and_not_where_it_would_fit_best(pod: Pods, node: Nodes) -> None:
    nodes = [node("full", cpu="1"), node("wanted", cpu="64")]
    tied = pod("a", node_selector_terms=[named("wanted")])
    assert place(tied, nodes, NodeUsage(), lambda _from, _to: None) == Placement("wanted")


def test_selector_and_affinity_have_to_hold_both_and_refusals_are_counted(pod: Pods, node: Nodes) -> None:
    nodes = [node("a", labels={"disk": "ssd"}), node("b", labels={"disk": "hdd"}), node("c", labels={"disk": "ssd"})]
    torn = pod("a", node_selector={"disk": "ssd"}, node_selector_terms=[named("b")])
    refusal = place(torn, nodes, NodeUsage(), lambda _from, _to: None)
    assert refusal == Refusal("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.")


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (labels(expression("disk", "Like", "s*")), "'Like'"),
        (labels({"operator": "Exists"}), "expected a key"),
        (labels(expression("cores", "Gt", "many")), "cores Gt ['many']; expected one whole number"),
        (labels(expression("cores", "Lt", "1", "2")), "cores Lt ['1', '2']; expected one whole number"),
        ({"matchFields": [expression("spec.podCIDR", "Exists")]}, "'spec.podCIDR'"),
    ],
)
def test_what_cannot_be_read_refuses_the_pod_and_is_quoted(
    pod: Pods, node: Nodes, term: dict[str, Any], told: str
) -> None:
    refusal = place(pod("a", node_selector_terms=[term]), [node("n")], NodeUsage(), lambda _from, _to: None)
    assert isinstance(refusal, Refusal)
    assert "node affinity: " in refusal.message
    assert told in refusal.message
