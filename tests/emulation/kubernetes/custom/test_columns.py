"""JSONPath, and the columns made of it."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.custom.json_path import JsonPath, JsonPathError
from galileo_emulation.kubernetes.custom.printer_columns import columns_of

NOW = 1_700_000_000.0
OBJECT = {
    "metadata": {
        "name": "a",
        "creationTimestamp": "2023-11-14T21:13:20Z",
        "labels": {"app.kubernetes.io/name": "web", "tier": "front"},
    },
    "spec": {
        "replicas": 3,
        "ratio": 0.5,
        "paused": False,
        "containers": [
            {"name": "main", "image": "app:1", "ports": [80, 443]},
            {"name": "sidecar", "image": "proxy:1", "ports": []},
        ],
    },
    "status": {
        "conditions": [
            {"type": "Ready", "status": "True", "weight": 2},
            {"type": "Synced", "status": "False", "weight": 7},
        ]
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.replicas", [3]),
        ("$.spec.replicas", [3]),
        (".spec.nothing.below", []),
        (".metadata.labels.app\\.kubernetes\\.io/name", ["web"]),
        (".metadata.labels['app.kubernetes.io/name']", ["web"]),
        ('.metadata.labels["tier"]', ["front"]),
        (".metadata['name','creationTimestamp']", ["a", "2023-11-14T21:13:20Z"]),
        (".spec.containers[0].name", ["main"]),
        (".spec.containers[-1].name", ["sidecar"]),
        (".spec.containers[5].name", []),
        (".spec.containers[*].image", ["app:1", "proxy:1"]),
        (".spec.containers[0,1].name", ["main", "sidecar"]),
        (".spec.containers[0:1].name", ["main"]),
        (".spec.containers[:].name", ["main", "sidecar"]),
        ("..image", ["app:1", "proxy:1"]),
        (".metadata.labels.*", ["web", "front"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        (".status.conditions[?(@.type=='Synced')].status", ["False"]),
        ('.status.conditions[?(@.type != "Ready")].type', ["Synced"]),
        (".status.conditions[?(@.weight > 2)].type", ["Synced"]),
        (".status.conditions[?(@.weight)].type", ["Ready", "Synced"]),
        (".status.conditions[?(@.message)].type", []),
        ('.status.conditions[?(@.type=="(odd)]")].status', []),
    ],
)
def test_paths(path: str, found: list[Any]) -> None:
    assert JsonPath(path).find(OBJECT) == found


@pytest.mark.parametrize("path", ["spec", ".spec[", ".spec[?(@.a", ".spec[a]", ".spec..", ".a[?(@.b == nothing)]"])
def test_what_is_no_path_is_refused_with_the_place(path: str) -> None:
    with pytest.raises(JsonPathError, match="expected"):
        JsonPath(path)


@pytest.mark.parametrize(
    ("kind", "path", "cell"),
    [
        ("string", ".spec.containers[*].name", "main"),
        ("string", ".spec.replicas", "3"),
        ("string", ".spec.paused", "false"),
        ("string", ".spec.containers[0].ports", "[80,443]"),
        ("string", ".spec.nothing", None),
        ("integer", ".spec.replicas", 3),
        ("integer", ".spec.ratio", 0),
        ("integer", ".metadata.name", None),
        ("number", ".spec.ratio", 0.5),
        ("boolean", ".spec.paused", False),
        ("boolean", ".spec.replicas", None),
        ("date", ".metadata.creationTimestamp", "60m"),
        ("date", ".metadata.name", "<invalid>"),
        ("date", ".status.time", None),
    ],
)
def test_cells(kind: str, path: str, cell: Any) -> None:
    columns = columns_of([{"name": "C", "type": kind, "jsonPath": path}])
    name, value = columns.cells(OBJECT, NOW)
    assert (name, value) == ("a", cell)


def test_without_columns_there_is_an_age() -> None:
    columns = columns_of([])
    assert [column.name for column in columns.columns] == ["Name", "Age"]
    assert columns.cells(OBJECT, NOW) == ["a", "60m"]
