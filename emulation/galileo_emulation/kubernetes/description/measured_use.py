"""metrics.k8s.io: what nodes and containers use, as a metrics server tells it (`kubectl top`).

NodeAccess (measured by the kubelets) + the stored nodes and pods (labels, what exists) -> NodeMetrics, PodMetrics
"""

from collections.abc import Mapping

from ..apiobjects import JsonObject, timestamp
from ..errors import not_found
from ..kind import Kind
from ..kinds import NODES, PODS
from ..node_access import NodeAccess, Usage
from ..selectors import Selection
from ..storage.store import Store
from .virtual_kinds import NODE_METRICS


def measured(store: Store, nodes: NodeAccess, kind: Kind, namespace: str | None, selection: Selection) -> JsonObject:
    """A list of NodeMetrics or PodMetrics. `namespace` None: all."""
    found = _nodes(store, nodes) if kind is NODE_METRICS else _pods(store, nodes, namespace)
    items = [
        item
        for item in found
        if namespace in (None, item["metadata"].get("namespace")) and selection.matches({"metadata": item["metadata"]})
    ]
    return {"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": {}, "items": items}


def measured_one(store: Store, nodes: NodeAccess, kind: Kind, namespace: str | None, name: str) -> JsonObject:
    """One NodeMetrics or PodMetrics. Raises ApiError (404)."""
    for item in _nodes(store, nodes) if kind is NODE_METRICS else _pods(store, nodes, namespace):
        if (item["metadata"].get("namespace"), item["metadata"]["name"]) == (namespace, name):
            return item
    raise not_found(kind, name)


def _nodes(store: Store, nodes: NodeAccess) -> list[JsonObject]:
    found = []
    for name, usage in sorted(nodes.node_usage().items()):
        stored = store.get(NODES, "", name)
        if stored is not None:
            found.append({**_head("NodeMetrics", stored.body["metadata"], usage), "usage": _amounts(usage)})
    return found


def _pods(store: Store, nodes: NodeAccess, namespace: str | None) -> list[JsonObject]:
    found = []
    for (space, name), containers in sorted(nodes.container_usage().items()):
        stored = store.get(PODS, space, name) if namespace in (None, space) else None
        if stored is not None and containers:
            head = _head("PodMetrics", stored.body["metadata"], _latest(containers))
            found.append({**head, "containers": _containers(containers)})
    return found


def _latest(containers: Mapping[str, Usage]) -> Usage:
    return max(containers.values(), key=lambda usage: usage.measured_at)


def _containers(containers: Mapping[str, Usage]) -> list[JsonObject]:
    return [{"name": name, "usage": _amounts(usage)} for name, usage in sorted(containers.items())]


def _head(kind: str, metadata: JsonObject, usage: Usage) -> JsonObject:
    own = {field: metadata[field] for field in ("name", "namespace", "labels") if field in metadata}
    return {
        "kind": kind,
        "apiVersion": NODE_METRICS.api_version,
        "metadata": {**own, "creationTimestamp": timestamp(usage.measured_at)},
        "timestamp": timestamp(usage.measured_at),
        "window": f"{usage.window_s:.3f}s",
    }


def _amounts(usage: Usage) -> JsonObject:
    return {"cpu": f"{round(usage.cpu_millicores * 1_000_000)}n", "memory": f"{usage.memory_bytes // 1024}Ki"}
