"""Binding a pod to a node: what a scheduler's last word is checked against, and what it does to the pod."""

from ..apiobjects import JsonObject, copied, timestamp
from ..errors import ApiError, bad_request, conflict, not_found
from ..kinds import NODES, PODS
from ..storage.history import Stored
from ..storage.store import Store

TOPOLOGY_LABELS = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


def bind(store: Store, namespace: str, name: str, binding: JsonObject, *, dry_run: bool = False) -> None:
    """Bind the pod as `binding` (a v1 Binding) says. Raises ApiError.

    Sets spec.nodeName and the condition PodScheduled, takes over the binding's labels and annotations, and copies the
    node's topology labels. The node need not exist.
    """
    metadata = binding.get("metadata", {})
    if metadata.get("name", name) != name:
        raise bad_request("name in URL does not match name in Binding object")
    node = _target(binding)
    pod = store.get(PODS, namespace, name)
    if pod is None:
        raise not_found(PODS, name)
    _check(pod, metadata.get("uid"))
    if not dry_run:
        store.put(PODS, _bound(store, pod.body, node, metadata))


def _target(binding: JsonObject) -> str:
    target = binding.get("target", {})
    if target.get("kind", "Node") not in ("Node", ""):
        raise ApiError(
            500, None, f'target.kind: Unsupported value: "{target["kind"]}": supported values: "Node", "<empty>"'
        )
    if not target.get("name"):
        raise ApiError(500, None, "target.name: Required value")
    name: str = target["name"]
    return name


def _check(pod: Stored, wanted_uid: str | None) -> None:
    metadata, spec = pod.body["metadata"], pod.body["spec"]
    name, uid = metadata["name"], metadata["uid"]
    if wanted_uid and wanted_uid != uid:
        raise conflict(PODS, name, f"Precondition failed: UID in precondition: {wanted_uid}, UID in object meta: {uid}")
    why = None
    if "deletionTimestamp" in metadata:
        why = f"pod {name} is being deleted, cannot be assigned to a host"
    elif spec.get("nodeName"):
        why = f'pod {name} is already assigned to node "{spec["nodeName"]}"'
    elif spec.get("schedulingGates"):
        why = f"pod {name} has non-empty .spec.schedulingGates"
    if why is not None:
        message = f'Operation cannot be fulfilled on pods/binding "{name}": {why}'
        raise ApiError(409, "Conflict", message, {"name": name, "kind": "pods/binding"})


def _bound(store: Store, pod: JsonObject, node_name: str, metadata: JsonObject) -> JsonObject:
    body = copied(pod)
    body["spec"]["nodeName"] = node_name
    scheduled = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(store.now()),
    }
    status = body.setdefault("status", {})
    others = [entry for entry in status.get("conditions", []) if entry.get("type") != "PodScheduled"]
    status["conditions"] = [*others, scheduled]
    node = store.get(NODES, "", node_name)
    node_labels = node.body["metadata"].get("labels", {}) if node else {}
    topology = {label: node_labels[label] for label in TOPOLOGY_LABELS if label in node_labels}
    for field, added in (
        ("annotations", metadata.get("annotations", {})),
        ("labels", {**topology, **metadata.get("labels", {})}),
    ):
        if added:
            body["metadata"][field] = {**body["metadata"].get(field, {}), **added}
    return body
