"""Budgets that make no sense are refused; evictions ask those that choose the pod."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import STRATEGIC, Calls
from tests.emulation.kubernetes.objects import BUDGETS, PODS, pod

INVALID, UNSUPPORTED = "FieldValueInvalid", "FieldValueNotSupported"


def budget(name: str = "b", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"app": "x"}}, **spec}}


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"minAvailable": 1, "maxUnavailable": 1}, [(INVALID, "spec")]),
        ({"minAvailable": "150%"}, [(INVALID, "spec.minAvailable")]),
        ({"maxUnavailable": -1}, [(INVALID, "spec.maxUnavailable")]),
        ({"unhealthyPodEvictionPolicy": "Never"}, [(UNSUPPORTED, "spec.unhealthyPodEvictionPolicy")]),
        ({"selector": {"matchLabels": {"a b": ""}}}, [(INVALID, "spec.selector.matchLabels")]),
    ],
)
async def test_a_budget_without_sense_is_refused(
    calls: Calls, spec: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(BUDGETS, budget(**spec)) == causes


async def running_pod(calls: Calls, name: str) -> None:
    body = pod(name)
    body["metadata"]["labels"] = {"app": "x"}
    await calls.create(PODS, body)
    await calls.create(f"{PODS}/{name}/binding", {"target": {"name": "edge-1"}})
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    await calls.patch(f"{PODS}/{name}/status", {"status": ready}, content_type=STRATEGIC)


async def allow(calls: Calls, count: int) -> None:
    status = {"observedGeneration": 1, "disruptionsAllowed": count, "currentHealthy": 2, "desiredHealthy": 1}
    assert (await calls.patch(f"{BUDGETS}/b/status", {"status": status}))[0] == 200


async def test_the_last_permission_is_taken_once_and_told(calls: Calls) -> None:
    await calls.create(BUDGETS, budget(maxUnavailable=1))
    await allow(calls, 1)
    for name in ("p1", "p2"):
        await running_pod(calls, name)
    assert (await calls.send("POST", f"{PODS}/p1/eviction", {}))[0] == 201
    status, refusal = await calls.send("POST", f"{PODS}/p2/eviction", {})
    assert (status, refusal["reason"]) == (429, "TooManyRequests")
    told = (await calls.get(f"{BUDGETS}/b"))["status"]
    assert (told["disruptionsAllowed"], list(told["disruptedPods"])) == (0, ["p1"])
    (condition,) = told["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == (
        "DisruptionAllowed",
        "False",
        "InsufficientPods",
    )


async def test_a_dry_run_takes_no_permission(calls: Calls) -> None:
    await calls.create(BUDGETS, budget(maxUnavailable=1))
    await allow(calls, 1)
    await running_pod(calls, "p1")
    assert (await calls.send("POST", f"{PODS}/p1/eviction?dryRun=All", {}))[0] == 201
    assert (await calls.get(f"{BUDGETS}/b"))["status"]["disruptionsAllowed"] == 1
    assert "deletionTimestamp" not in (await calls.get(f"{PODS}/p1"))["metadata"]


async def test_a_pod_without_a_node_is_told_why_and_goes_at_once(calls: Calls) -> None:
    await calls.create(PODS, pod())
    assert (await calls.send("POST", f"{PODS}/p/eviction", {}))[0] == 201
    assert (await calls.send("GET", f"{PODS}/p"))[0] == 404


async def test_a_budget_without_a_selector_guards_nobody(calls: Calls) -> None:
    await calls.create(BUDGETS, {"metadata": {"name": "b"}, "spec": {"minAvailable": 1}})
    await running_pod(calls, "p1")
    assert (await calls.send("POST", f"{PODS}/p1/eviction", {}))[0] == 201


async def test_another_kind_of_body_is_no_eviction(calls: Calls) -> None:
    await running_pod(calls, "p1")
    body = {"apiVersion": "policy/v2", "kind": "Eviction"}
    assert (await calls.send("POST", f"{PODS}/p1/eviction", body))[0] == 400
