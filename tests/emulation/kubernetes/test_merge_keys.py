"""A strategic merge patch knows which lists of a kind are sets, and by what."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.strategic import strategic_merge


@pytest.mark.parametrize(
    ("target", "patch", "merged"),
    [
        (  # ports of a service by their number
            {"spec": {"ports": [{"port": 80}, {"port": 81}]}},
            {"spec": {"ports": [{"port": 81, "name": "b"}]}},
            {"spec": {"ports": [{"port": 80}, {"port": 81, "name": "b"}]}},
        ),
        (  # ports of an endpoint slice as a whole
            {"ports": [{"port": 80}, {"port": 81}]},
            {"ports": [{"port": 82}]},
            {"ports": [{"port": 82}]},
        ),
        (  # ports of containers, within containers by name
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80}]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 81}]}]}},
            {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 81}, {"containerPort": 80}]}]}},
        ),
        (  # finalizers of an object as a set, those in a namespace's spec as a whole
            {"metadata": {"finalizers": ["a"]}, "spec": {"finalizers": ["a"]}},
            {"metadata": {"finalizers": ["b"]}, "spec": {"finalizers": ["b"]}},
            {"metadata": {"finalizers": ["b", "a"]}, "spec": {"finalizers": ["b"]}},
        ),
        (  # secrets of a service account by name
            {"secrets": [{"name": "a"}]},
            {"secrets": [{"name": "b"}]},
            {"secrets": [{"name": "b"}, {"name": "a"}]},
        ),
        (  # conditions by type, whatever the kind
            {"status": {"conditions": [{"type": "A", "status": "True"}]}},
            {"status": {"conditions": [{"type": "A", "status": "False"}]}},
            {"status": {"conditions": [{"type": "A", "status": "False"}]}},
        ),
        (  # metrics of an autoscaler, rules of a role and tolerations as a whole
            {"spec": {"metrics": [{"type": "Pods"}], "tolerations": [{"key": "a"}]}, "rules": [{"verbs": ["get"]}]},
            {"spec": {"metrics": [{"type": "Resource"}], "tolerations": []}, "rules": []},
            {"spec": {"metrics": [{"type": "Resource"}], "tolerations": []}, "rules": []},
        ),
    ],
)
def test_lists_are_merged_by_their_keys_or_replaced(
    target: dict[str, Any], patch: dict[str, Any], merged: dict[str, Any]
) -> None:
    found = strategic_merge(patch, target)
    for finalizers in (found.get("metadata", {}), merged.get("metadata", {})):
        if "finalizers" in finalizers:
            finalizers["finalizers"] = sorted(finalizers["finalizers"])
    assert found == merged
