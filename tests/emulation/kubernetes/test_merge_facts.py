"""One table says how lists and structures merge, for strategic merge patches and for server-side apply."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import AUTOSCALERS, DEPLOYMENTS, JOBS, KINDS, NODES, PODS, SERVICES
from galileo_emulation.kubernetes.managers.ownership import fields_of
from galileo_emulation.kubernetes.operations.strategic import strategic_merge
from galileo_emulation.kubernetes.types.built_in_structures import structure_of
from galileo_emulation.kubernetes.types.structures import ListOf, MapOf, Scalar, Struct, Structure


def lists_in(structure: Structure, path: str, seen: set[int]) -> list[tuple[str, ListOf]]:
    """Every list below a structure, with its path."""
    if id(structure) in seen or isinstance(structure, Scalar):
        return []
    seen.add(id(structure))
    match structure:
        case ListOf():
            return [(path, structure), *lists_in(structure.items, f"{path}[]", seen)]
        case MapOf():
            return lists_in(structure.values, f"{path}{{}}", seen)
        case Struct():
            return [
                found
                for name, known in structure.fields.items()
                for found in lists_in(known.structure, f"{path}.{name}", seen)
            ]
    return []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource)
def test_keys_are_fields_of_the_lists_elements(kind: Kind) -> None:
    for path, found in lists_in(structure_of(kind), "", set()):
        wanted = {*found.keys, *found.key_defaults, *([found.patch_key] if found.patch_key else [])}
        if wanted:
            assert isinstance(found.items, Struct), path
            assert wanted <= set(found.items.fields), path


def patched(kind: Kind, target: Any, patch: Any) -> Any:
    return strategic_merge(patch, target, structure_of(kind))


def test_the_same_name_merges_differently_in_different_places() -> None:
    ports = [{"port": 80, "name": "a"}]
    merged = patched(SERVICES, {"spec": {"ports": ports}}, {"spec": {"ports": [{"port": 81, "name": "b"}]}})
    assert [port["port"] for port in merged["spec"]["ports"]] == [81, 80]
    container = {"name": "c", "ports": [{"containerPort": 80, "protocol": "TCP"}]}
    pod = {"spec": {"containers": [container]}}
    more = {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80, "name": "web"}]}]}}
    (merged_container,) = patched(PODS, pod, more)["spec"]["containers"]
    assert merged_container["ports"] == [{"containerPort": 80, "protocol": "TCP", "name": "web"}]


def test_lists_without_a_merge_key_are_replaced() -> None:
    taint = {"key": "a", "effect": "NoSchedule"}
    assert patched(NODES, {"spec": {"taints": [taint]}}, {"spec": {"taints": []}}) == {"spec": {"taints": []}}
    metrics = {"spec": {"metrics": [{"type": "Pods"}]}}
    assert patched(AUTOSCALERS, metrics, {"spec": {"metrics": [{"type": "External"}]}}) == {
        "spec": {"metrics": [{"type": "External"}]}
    }


def test_a_list_may_be_merged_by_patches_and_yet_be_owned_whole() -> None:
    done, failed = {"type": "Complete", "status": "True"}, {"type": "Failed", "status": "False"}
    merged = patched(JOBS, {"status": {"conditions": [done]}}, {"status": {"conditions": [failed]}})
    assert merged["status"]["conditions"] == [failed, done]
    assert fields_of(structure_of(JOBS), merged) == {"f:status": {"f:conditions": {}}}


def test_selectors_references_and_node_selectors_are_owned_whole() -> None:
    body = {
        "metadata": {"ownerReferences": [{"uid": "u", "kind": "Job"}]},
        "spec": {"selector": {"matchLabels": {"a": "1"}}, "template": {"spec": {"nodeSelector": {"a": "1"}}}},
    }
    assert fields_of(structure_of(DEPLOYMENTS), body) == {
        "f:metadata": {"f:ownerReferences": {'k:{"uid":"u"}': {}}},
        "f:spec": {"f:selector": {}, "f:template": {"f:spec": {"f:nodeSelector": {}}}},
    }
