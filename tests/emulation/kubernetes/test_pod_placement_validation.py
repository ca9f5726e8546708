"""Affinity, tolerations and spread that no scheduler could follow are refused."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import PODS, pod

INVALID, REQUIRED, FORBIDDEN = "FieldValueInvalid", "FieldValueRequired", "FieldValueForbidden"
UNSUPPORTED, DUPLICATE = "FieldValueNotSupported", "FieldValueDuplicate"
MUST, SHOULD = "requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"
SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}
Causes = list[tuple[str, str]]


def expressions(**expression: Any) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "zone", **expression}]}


@pytest.mark.parametrize(
    ("node_affinity", "causes"),
    [
        ({MUST: {"nodeSelectorTerms": []}}, [(REQUIRED, f"{MUST}.nodeSelectorTerms")]),
        (
            {MUST: {"nodeSelectorTerms": [expressions(operator="In")]}},
            [(REQUIRED, f"{MUST}.nodeSelectorTerms[0].matchExpressions[0].values")],
        ),
        (
            {MUST: {"nodeSelectorTerms": [expressions(operator="Exists", values=["a"])]}},
            [(FORBIDDEN, f"{MUST}.nodeSelectorTerms[0].matchExpressions[0].values")],
        ),
        (
            {MUST: {"nodeSelectorTerms": [expressions(operator="Near")]}},
            [(INVALID, f"{MUST}.nodeSelectorTerms[0].matchExpressions[0].operator")],
        ),
        (
            {SHOULD: [{"weight": 0, "preference": expressions(operator="Exists")}]},
            [(INVALID, f"{SHOULD}[0].weight")],
        ),
    ],
)
async def test_node_affinity(calls: Calls, node_affinity: dict[str, Any], causes: Causes) -> None:
    found = await calls.refused(PODS, pod(affinity={"nodeAffinity": node_affinity}))
    assert found == [(reason, f"spec.affinity.nodeAffinity.{field}") for reason, field in causes]


@pytest.mark.parametrize("name", ["podAffinity", "podAntiAffinity"])
async def test_pod_affinity_is_within_a_topology(calls: Calls, name: str) -> None:
    term = {"labelSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}
    weighted = {"weight": 101, "podAffinityTerm": {"topologyKey": "zone"}}
    found = await calls.refused(PODS, pod(affinity={name: {MUST: [term], SHOULD: [weighted]}}))
    assert found == [
        (REQUIRED, f"spec.affinity.{name}.{MUST}[0].labelSelector.matchExpressions[0].values"),
        (REQUIRED, f"spec.affinity.{name}.{MUST}[0].topologyKey"),
        (INVALID, f"spec.affinity.{name}.{SHOULD}[0].weight"),
    ]


@pytest.mark.parametrize(
    ("toleration", "causes"),
    [
        ({"operator": "Equal"}, [(INVALID, "spec.tolerations[0].operator")]),
        ({"key": "a b"}, [(INVALID, "spec.tolerations[0].key")]),
        ({"key": "a", "operator": "Exists", "value": "b"}, [(INVALID, "spec.tolerations[0].operator")]),
        ({"key": "a", "operator": "Near"}, [(UNSUPPORTED, "spec.tolerations[0].operator")]),
        ({"key": "a", "effect": "Sometimes"}, [(UNSUPPORTED, "spec.tolerations[0].effect")]),
        ({"key": "a", "effect": "NoSchedule", "tolerationSeconds": 1}, [(INVALID, "spec.tolerations[0].effect")]),
    ],
)
async def test_tolerations(calls: Calls, toleration: dict[str, Any], causes: Causes) -> None:
    assert await calls.refused(PODS, pod(tolerations=[toleration])) == causes


@pytest.mark.parametrize(
    ("constraints", "causes"),
    [
        ([{**SPREAD, "maxSkew": 0}], [(INVALID, "[0].maxSkew")]),
        ([{**SPREAD, "topologyKey": ""}], [(REQUIRED, "[0].topologyKey")]),
        ([{**SPREAD, "whenUnsatisfiable": "Cry"}], [(UNSUPPORTED, "[0].whenUnsatisfiable")]),
        ([SPREAD, SPREAD], [(DUPLICATE, "[1].{topologyKey, whenUnsatisfiable}")]),
        (
            [{**SPREAD, "whenUnsatisfiable": "ScheduleAnyway", "minDomains": 2}],
            [(INVALID, "[0].minDomains")],
        ),
    ],
)
async def test_topology_spread(calls: Calls, constraints: list[dict[str, Any]], causes: Causes) -> None:
    found = await calls.refused(PODS, pod(topologySpreadConstraints=constraints))
    assert found == [(reason, f"spec.topologySpreadConstraints{field}") for reason, field in causes]
