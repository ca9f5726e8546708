"""A strategic merge patch knows which lists of a kind are sets, and by what."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import (
    AUTOSCALERS,
    ENDPOINT_SLICES,
    NAMESPACES,
    NODES,
    PODS,
    ROLES,
    SERVICE_ACCOUNTS,
    SERVICES,
)
from galileo_emulation.kubernetes.operations.strategic import strategic_merge
from galileo_emulation.kubernetes.types.built_in_structures import structure_of


@pytest.mark.parametrize(
    ("kind", "target", "patch", "merged"),
    [
        (  # ports of a service by their number
            SERVICES,
            {"spec": {"ports": [{"port": 80}, {"port": 81}]}},
            {"spec": {"ports": [{"port": 81, "name": "b"}]}},
            {"spec": {"ports": [{"port": 80}, {"port": 81, "name": "b"}]}},
        ),
        (  # ports of an endpoint slice as a whole
            ENDPOINT_SLICES,
            {"ports": [{"port": 80}, {"port": 81}]},
            {"ports": [{"port": 82}]},
            {"ports": [{"port": 82}]},
        ),
        (  # ports of containers, within containers by name
            PODS,
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80}]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 81}]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 81}, {"containerPort": 80}]}]}},
        ),
        (  # finalizers of an object as a set, those in a namespace's spec as a whole
            NAMESPACES,
            {"metadata": {"finalizers": ["a"]}, "spec": {"finalizers": ["a"]}},
            {"metadata": {"finalizers": ["b"]}, "spec": {"finalizers": ["b"]}},
            {"metadata": {"finalizers": ["b", "a"]}, "spec": {"finalizers": ["b"]}},
        ),
        (  # secrets of a service account by name
            SERVICE_ACCOUNTS,
            {"secrets": [{"name": "a"}]},
            {"secrets": [{"name": "b"}]},
            {"secrets": [{"name": "b"}, {"name": "a"}]},
        ),
        (  # conditions by type, whatever the kind
            NODES,
            {"status": {"conditions": [{"type": "A", "status": "True"}]}},
            {"status": {"conditions": [{"type": "A", "status": "False"}]}},
            {"status": {"conditions": [{"type": "A", "status": "False"}]}},
        ),
        (  # metrics of an autoscaler as a whole
            AUTOSCALERS,
            {"spec": {"metrics": [{"type": "Pods"}]}},
            {"spec": {"metrics": [{"type": "Resource"}]}},
            {"spec": {"metrics": [{"type": "Resource"}]}},
        ),
        (  # tolerations as a whole
            PODS,
            {"spec": {"tolerations": [{"key": "a"}]}},
            {"spec": {"tolerations": []}},
            {"spec": {"tolerations": []}},
        ),
        (  # rules of a role as a whole
            ROLES,
            {"rules": [{"verbs": ["get"]}]},
            {"rules": []},
            {"rules": []},
        ),
    ],
)
def test_lists_are_merged_by_their_keys_or_replaced(
    kind: Kind, target: dict[str, Any], patch: dict[str, Any], merged: dict[str, Any]
) -> None:
    found = strategic_merge(patch, target, structure_of(kind))
    for finalizers in (found.get("metadata", {}), merged.get("metadata", {})):
        if "finalizers" in finalizers:
            finalizers["finalizers"] = sorted(finalizers["finalizers"])
    assert found == merged
