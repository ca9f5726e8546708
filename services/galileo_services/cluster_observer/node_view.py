"""From a node as the Kubernetes API shows it to the event that says so."""

from __future__ import annotations

import json
from typing import Any

from galileo_schemas.events import NodeUpdate
from galileo_schemas.labels import zone_of

JsonObject = dict[str, Any]


def node_update(node: JsonObject, *, present: bool = True) -> NodeUpdate:
    """A node's present state. Raises `KeyError` for an object that is no node."""
    metadata, spec, status = node["metadata"], node.get("spec", {}), node.get("status", {})
    labels = metadata.get("labels", {})
    addresses = {row["type"]: row["address"] for row in status.get("addresses", ())}
    return NodeUpdate(
        name=metadata["name"],
        zone=zone_of(labels),
        address=addresses.get("InternalIP", ""),
        labels=labels,
        allocatable={key: str(value) for key, value in status.get("allocatable", {}).items()},
        ready=any(row["type"] == "Ready" and row["status"] == "True" for row in status.get("conditions", ())),
        unschedulable=bool(spec.get("unschedulable")),
        taints=spec.get("taints", []),
        present=present,
    )


def node_info_fields(update: NodeUpdate) -> dict[str, str]:
    """What Kubernetes adds to a node's info hash: its labels and what can be allocated, as JSON."""
    return {"labels": json.dumps(update.labels), "allocatable": json.dumps(update.allocatable)}
