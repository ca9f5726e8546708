"""The resize subresource of pods: other requests and limits while the containers run.

What is taken is cpu and memory of containers and of sidecars, nothing else; the quality of service class stays, limits
and requests may change but not vanish, and the node must be large enough. The kubelet carries a resize out and says so
in the status. Source: kube-apiserver 1.36, recorded in tests/vectors/kubernetes (resize.json).
"""

from decimal import Decimal

from ..apiobjects import JsonObject, copied
from ..checks.pods import pod_spec_causes
from ..checks.validation import forbidden, wrong
from ..defaults.pod_defaults import qos_class
from ..errors import ApiError, Cause
from ..kind import Surroundings
from ..types.quantities import value

_RESIZABLE = ("cpu", "memory")
_LISTS = ("containers", "initContainers", "ephemeralContainers")
_STATIC = "kubernetes.io/config.mirror"


def resized(sent: JsonObject, old: JsonObject) -> JsonObject:
    """The old pod with the resources of the sent one; containers that cannot be matched are left as sent."""
    body = copied(old)
    wanted = sent.get("spec", {})
    for containers in _LISTS[:2]:
        before, after = old["spec"].get(containers, []), wanted.get(containers, [])
        if len(before) == len(after):
            known = {container.get("name"): container for container in body["spec"].get(containers, [])}
            merged = [_with_resources(known.get(container.get("name")), container) for container in after]
        else:
            merged = after
        if merged:
            body["spec"][containers] = merged
        else:
            body["spec"].pop(containers, None)
    return body


def _with_resources(known: JsonObject | None, sent: JsonObject) -> JsonObject:
    return sent if known is None else {**known, "resources": sent.get("resources", {})}


def resize_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check a resized pod, and what the resize would change."""
    after, before = new["spec"], old["spec"]
    causes = pod_spec_causes("spec", after)
    if _STATIC in old["metadata"].get("annotations", {}):
        return [*causes, forbidden("metadata", "static pods cannot be resized")]
    moved = [
        forbidden(f"spec.{containers}", f"{containers} may not be added or removed on resize")
        for containers in _LISTS
        if len(after.get(containers, [])) != len(before.get(containers, []))
    ]
    moved = moved or _renamed_causes(after, before)
    if moved:
        return causes + moved
    for containers in _LISTS[:2]:
        pairs = zip(after.get(containers, []), before.get(containers, []), strict=True)
        for index, (container, earlier) in enumerate(pairs):
            here = f"spec.{containers}[{index}].resources"
            causes += _removed_causes(here, container.get("resources", {}), earlier.get("resources", {}))
    if qos_class(after) != qos_class(before):
        rule = "Pod QOS Class may not change as a result of resizing"
        causes.append(wrong("spec", old.get("status", {}).get("qosClass", qos_class(before)), rule))
    if not causes and _apart_from_resizable(after) != _apart_from_resizable(before):
        causes.append(forbidden("spec", "only cpu and memory resources are mutable"))
    return causes


def _renamed_causes(after: JsonObject, before: JsonObject) -> list[Cause]:
    return [
        forbidden(f"spec.{containers}[{index}].name", "containers may not be renamed or reordered on resize")
        for containers in _LISTS[:2]
        for index, (container, earlier) in enumerate(
            zip(after.get(containers, []), before.get(containers, []), strict=True)
        )
        if container.get("name") != earlier.get("name")
    ]


def _removed_causes(field: str, after: JsonObject, before: JsonObject) -> list[Cause]:
    return [
        forbidden(f"{field}.{part}", f"resource {part} cannot be removed")
        for part in ("limits", "requests")
        if any(name in before.get(part, {}) and name not in after.get(part, {}) for name in _RESIZABLE)
    ]


def _apart_from_resizable(spec: JsonObject) -> JsonObject:
    """The spec without what a resize may change: cpu and memory of containers, and of sidecars."""
    changed = dict(spec)
    for containers in _LISTS[:2]:
        changed[containers] = [
            _without_resizable(container) if containers == "containers" or _is_sidecar(container) else container
            for container in spec.get(containers, [])
        ]
    return changed


def _is_sidecar(container: JsonObject) -> bool:
    return container.get("restartPolicy") == "Always"


def _without_resizable(container: JsonObject) -> JsonObject:
    resources = container.get("resources", {})
    kept = {
        part: {name: amount for name, amount in amounts.items() if name not in _RESIZABLE}
        for part, amounts in resources.items()
        if part in ("limits", "requests")
    }
    rest = {part: found for part, found in resources.items() if part not in ("limits", "requests")}
    return {**container, "resources": {**rest, **{part: amounts for part, amounts in kept.items() if amounts}}}


def admit_resize(new: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """Refuse what the pod's node could never hold. Raises ApiError (403)."""
    node_name = new["spec"].get("nodeName")
    if not node_name or new["spec"] == old["spec"]:
        return
    name = new["metadata"]["name"]
    details: JsonObject = {"name": name, "kind": "pods"}
    node = next((node for node in surroundings.stored("", "nodes") if node["metadata"]["name"] == node_name), None)
    if node is None:
        raise ApiError(403, "Forbidden", f'pods "{name}" is forbidden: node "{node_name}" not found', details)
    allocatable = node.get("status", {}).get("allocatable", {})
    short = []
    for resource, scale in (("cpu", 1000), ("memory", 1)):
        wanted, there = pod_request(new["spec"], resource), value(allocatable.get(resource, 0))
        if wanted > there:
            short.append(f"{resource}, requested: {int(wanted * scale)}, allocatable: {int(there * scale)}")
    if short:
        message = f'pods "{name}" is forbidden: node didn\'t have enough allocatable resources: {"; ".join(short)}'
        raise ApiError(403, "Forbidden", message, {**details, "causes": [{"reason": "NodeCapacity"}]})


def pod_request(spec: JsonObject, resource: str) -> Decimal:
    """What a pod asks of its node (cores, bytes): its containers and sidecars together, or more to begin with."""
    sidecars, most = Decimal(0), Decimal(0)
    for container in spec.get("initContainers", []):
        own = _request(container, resource)
        if _is_sidecar(container):
            sidecars += own
            most = max(most, sidecars)
        else:
            most = max(most, sidecars + own)
    running = sidecars + sum((_request(container, resource) for container in spec.get("containers", [])), Decimal(0))
    return max(running, most) + value(spec.get("overhead", {}).get(resource, 0))


def _request(container: JsonObject, resource: str) -> Decimal:
    return value(container.get("resources", {}).get("requests", {}).get(resource, 0))
