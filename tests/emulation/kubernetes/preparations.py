"""What the recordings found in place before a step, as each file's notes say, and how they were trimmed."""

from collections.abc import Callable
from typing import Any

# A request that makes something: method, path, body.
Making = tuple[str, str, dict[str, Any]]
# Recorded or answered JSON.
Json = Any

STRATEGIC = "application/strategic-merge-patch+json"
# For custom kinds, which have no strategic merge patch.
MERGE = "application/merge-patch+json"


def namespace(name: str) -> Making:
    return ("POST", "/api/v1/namespaces", {"metadata": {"name": name}})


def node(name: str, **body: Any) -> Making:
    metadata = {"name": name, **({"labels": body.pop("labels")} if "labels" in body else {})}
    return ("POST", "/api/v1/nodes", {"metadata": metadata, **body})


def pod(space: str, name: str, *, spec: dict[str, Any] | None = None, **metadata: Any) -> Making:
    container = {"name": "main", "image": "registry.example/app:1.0"}
    body = {"metadata": {"name": name, **metadata}, "spec": {"containers": [container], **(spec or {})}}
    return ("POST", f"/api/v1/namespaces/{space}/pods", body)


def bound(space: str, name: str, to: str) -> Making:
    return ("POST", f"/api/v1/namespaces/{space}/pods/{name}/binding", {"target": {"name": to}})


def phase(space: str, name: str, reached: str) -> Making:
    return ("PATCH", f"/api/v1/namespaces/{space}/pods/{name}/status", {"status": {"phase": reached}})


def bound_pod(space: str, name: str, to: str, **spec: Any) -> list[Making]:
    return [pod(space, name, spec=spec), bound(space, name, to)]


def running(space: str, name: str, to: str, *, labels: dict[str, str], ready: str = "True") -> list[Making]:
    condition = {"type": "Ready", "status": ready, "lastTransitionTime": "2024-01-01T00:00:00Z"}
    status = {"phase": "Running", "conditions": [condition]}
    path = f"/api/v1/namespaces/{space}/pods/{name}/status"
    return [pod(space, name, labels=labels), bound(space, name, to), ("PATCH", path, {"status": status})]


def budget(space: str, name: str, labels: dict[str, str]) -> Making:
    spec = {"minAvailable": 1, "selector": {"matchLabels": labels}}
    path = f"/apis/policy/v1/namespaces/{space}/poddisruptionbudgets"
    return ("POST", path, {"metadata": {"name": name}, "spec": spec})


PREPARATIONS: dict[str, dict[int, list[Making]]] = {
    "binding": {
        0: [
            namespace("binding"),
            node(
                "binding-node-1",
                labels={
                    "kubernetes.io/hostname": "binding-node-1",
                    "other": "label",
                    "topology.kubernetes.io/region": "r1",
                    "topology.kubernetes.io/zone": "z1",
                },
            ),
            node("binding-node-2"),
        ]
    },
    "pod-lifecycle": {
        0: [namespace("lifecycle")],
        27: [pod("lifecycle", "unbound")],
        29: [pod("lifecycle", "unbound30")],
        31: bound_pod("lifecycle", "default-grace", "lifecycle-node"),
        33: bound_pod("lifecycle", "short-grace", "lifecycle-node", terminationGracePeriodSeconds=5),
        35: [*bound_pod("lifecycle", "done", "lifecycle-node"), phase("lifecycle", "done", "Succeeded")],
        37: bound_pod("lifecycle", "negative", "lifecycle-node"),
        39: [pod("lifecycle", "pre")],
        45: [pod("lifecycle", "fin", finalizers=["example.galileo/hold"])],
        49: [pod("lifecycle", name, labels={"set": label}) for name, label in (("c1", "c"), ("c2", "c"), ("c3", "d"))],
    },
    "watches": {
        0: [
            namespace("watches"),
            pod("watches", "old1", labels={"app": "x"}),
            pod("watches", "old2", labels={"app": "y"}),
        ]
    },
    "concurrency-and-errors": {0: [namespace("errors")]},
    "nodes": {0: [node("kubectl-node", spec={"unschedulable": True})]},
    "defaults": {0: [namespace("defaults")]},
    "patches": {0: [namespace("patches")]},
    "events": {0: [namespace("events")]},
    "lists": {
        0: [
            namespace("lists"),
            node("lists-node-1"),
            pod("lists", "p3", labels={"app": "y"}),
            pod("lists", "p5"),
            pod("lists", "p4", labels={"other": ""}),
            pod("lists", "p2", labels={"app": "x", "tier": "back"}),
            bound("lists", "p2", "lists-node-2"),
            pod("lists", "p1", labels={"app": "x", "tier": "front"}),
            bound("lists", "p1", "lists-node-1"),
            phase("lists", "p1", "Running"),
        ],
        2: [pod("lists", "p6")],
        13: [pod("lists", "p7")],
        18: [namespace("lists-elsewhere")],
    },
    "custom-resources": {0: [namespace("crd")]},
    "server-side-apply": {0: [namespace("apply")]},
    "eviction": {
        0: [
            namespace("eviction"),
            *running("eviction", "free", "eviction-node", labels={"app": "free"}),
            *running("eviction", "free2", "eviction-node", labels={"app": "free"}),
            *running("eviction", "free3", "eviction-node", labels={"app": "free"}),
            *running("eviction", "g1", "eviction-node", labels={"app": "guarded"}),
            *running("eviction", "g2", "eviction-node", labels={"app": "guarded"}),
            *running("eviction", "g3", "eviction-node", labels={"app": "guarded"}, ready="False"),
            *running("eviction", "g4", "eviction-node", labels={"app": "guarded"}, ready="False"),
            pod("eviction", "pending", labels={"app": "guarded"}),
        ],
        27: [
            *running("eviction", "t1", "eviction-node", labels={"app": "twice"}),
            budget("eviction", "first", {"app": "twice"}),
            budget("eviction", "second", {"app": "twice"}),
        ],
    },
    "resize": {
        0: [
            namespace("resize"),
            node("resize-node", status={"allocatable": {"cpu": "4", "memory": "8Gi"}}),
            node("resize-bare"),
        ]
    },
    "expired": {0: [namespace("expired"), *(pod("expired", name) for name in "abc")]},
}


def untrimmed(step: dict[str, Any], answer: Json) -> Json:
    return answer


def _only(pod_fields: tuple[str, ...], status_fields: tuple[str, ...], item: Json) -> Json:
    return {
        **item,
        "spec": {key: value for key, value in item["spec"].items() if key in pod_fields},
        "status": {key: value for key, value in item["status"].items() if key in status_fields},
    }


def _trim_lists(step: dict[str, Any], answer: Json) -> Json:
    kind = answer["kind"]
    if kind == "PodList":
        return {**answer, "items": [_only(("nodeName",), ("phase",), item) for item in answer["items"]]}
    return _only((), (), answer) if kind == "Pod" else answer


def _trim_expired(step: dict[str, Any], answer: Json) -> Json:
    def metadata(item: Json) -> Json:
        return {key: value for key, value in item.items() if key not in ("spec", "status")}

    if answer.get("kind") == "PodList":
        return {**answer, "items": [metadata(item) for item in answer["items"]]}
    return metadata(answer) if answer.get("kind") == "Pod" else answer


def _trim_watches(step: dict[str, Any], answer: Json) -> Json:
    event = answer.get("object", {})
    if step["step"] == 1 or event.get("kind") != "Pod" or answer["type"] == "BOOKMARK":
        return answer
    spec = {key: value for key, value in event["spec"].items() if key == "nodeName"}
    return {**answer, "object": {**event, "spec": spec}}


TRIMS: dict[str, Callable[[dict[str, Any], Json], Json]] = {
    "lists": _trim_lists,
    "expired": _trim_expired,
    "watches": _trim_watches,
}
