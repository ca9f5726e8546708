"""What the `resize` subresource makes of a patched pod, for the twin in memory: the rules of the API server.

    pod, patched pod, allocatable of its node -> the pod with new resources | Invalid | Forbidden

Only cpu and memory of the containers that are there change; whatever else was patched is silently not taken. A pod's
quality of service class stays. The status is left to the kubelet. Source of the rules: exchanges recorded from
kube-apiserver 1.36 (tests/vectors/kubernetes/resize.json).
"""

import copy
from collections.abc import Iterator, Mapping

from galileo_schemas.quantities import cpu_millicores, memory_bytes, parse_quantity

from galileo_backends.kubernetes.errors import Forbidden, Invalid
from galileo_backends.kubernetes.interface import JsonObject

_RESIZABLE = ("cpu", "memory")
_UNITS = {"cpu": cpu_millicores, "memory": memory_bytes}


def resized(old: JsonObject, patched: JsonObject) -> JsonObject:
    """`old` with the resources of `patched`'s containers. Raises Invalid."""
    name = old["metadata"]["name"]
    before, after = old["spec"]["containers"], patched["spec"].get("containers", [])
    new = copy.deepcopy(old)
    _check_containers(name, before, after)
    for container, wanted in zip(new["spec"]["containers"], after, strict=True):
        if "resources" in container or "resources" in wanted:
            container["resources"] = _as_written(
                _defaulted(wanted.get("resources", {})), container.get("resources", {})
            )
    for index, (earlier, container) in enumerate(zip(before, new["spec"]["containers"], strict=True)):
        _check_resources(name, index, earlier.get("resources", {}), container.get("resources", {}))
    if qos_class(new) != qos_class(old):
        why = "Pod QOS Class may not change as a result of resizing"
        raise _invalid(name, "spec", "FieldValueInvalid", f'Invalid value: "{qos_class(old)}": {why}')
    return new


def check_capacity(pod: JsonObject, node: JsonObject | None) -> None:
    """Whether the node that the pod is bound to could ever hold it. Raises Forbidden."""
    name, node_name = pod["metadata"]["name"], pod["spec"]["nodeName"]
    if node is None:
        raise _forbidden(name, f'node "{node_name}" not found')
    allocatable = node.get("status", {}).get("allocatable", {})
    missing = []
    for resource, amount in _UNITS.items():
        requested = sum(amount(requests.get(resource, 0)) for requests in _requests(pod))
        if requested > amount(allocatable.get(resource, 0)):
            offered = amount(allocatable.get(resource, 0))
            missing.append(f"{resource}, requested: {requested:.0f}, allocatable: {offered:.0f}")
    if missing:
        why = f"node didn't have enough allocatable resources: {'; '.join(missing)}"
        raise _forbidden(name, why, causes=[{"reason": "NodeCapacity"}])


def qos_class(pod: JsonObject) -> str:
    """Guaranteed: limits for all, equal to the requests; BestEffort: neither for any; Burstable: the others."""
    guaranteed, anything = True, False
    for container in pod["spec"].get("containers", []):
        resources = container.get("resources", {})
        for resource in _RESIZABLE:
            limit = parse_quantity(resources.get("limits", {}).get(resource, 0))
            request = parse_quantity(resources.get("requests", {}).get(resource, 0))
            anything = anything or limit > 0 or request > 0
            guaranteed = guaranteed and 0 < limit == request
    if not anything:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"


def _defaulted(resources: JsonObject) -> JsonObject:
    """A limit without a request is a request of the same size."""
    if not resources.get("limits"):
        return resources
    return {**resources, "requests": {**resources["limits"], **resources.get("requests", {})}}


def _as_written(wanted: JsonObject, before: JsonObject) -> JsonObject:
    """The wanted resources; where an amount is the same, in the words that are there ("300m" for "0.3")."""
    kept = dict(wanted)
    for field in ("limits", "requests"):
        words = before.get(field, {})
        if field in wanted:
            kept[field] = {
                key: words[key] if key in words and parse_quantity(words[key]) == parse_quantity(text) else text
                for key, text in wanted[field].items()
            }
    return kept


def _check_containers(name: str, before: list[JsonObject], after: list[JsonObject]) -> None:
    if len(before) != len(after):
        why = "Forbidden: containers may not be added or removed on resize"
        raise _invalid(name, "spec.containers", "FieldValueForbidden", why)
    for index, (earlier, container) in enumerate(zip(before, after, strict=True)):
        if earlier["name"] != container.get("name"):
            why = "Forbidden: containers may not be renamed or reordered on resize"
            raise _invalid(name, f"spec.containers[{index}].name", "FieldValueForbidden", why)


def _check_resources(name: str, index: int, before: JsonObject, after: JsonObject) -> None:
    here = f"spec.containers[{index}].resources"
    limits, requests = after.get("limits", {}), after.get("requests", {})
    for field, amounts in (("limits", limits), ("requests", requests)):
        for resource, text in amounts.items():
            if parse_quantity(text) < 0:
                why = f'Invalid value: "{text}": must be greater than or equal to 0'
                raise _invalid(name, f"{here}.{field}[{resource}]", "FieldValueInvalid", why)
        removed = before.get(field, {}).keys() - amounts.keys()
        if removed & set(_RESIZABLE):
            why = f"Forbidden: resource {field} cannot be removed"
            raise _invalid(name, f"{here}.{field}", "FieldValueForbidden", why)
    for resource, text in requests.items():
        if resource in limits and parse_quantity(text) > parse_quantity(limits[resource]):
            why = f'Invalid value: "{text}": must be less than or equal to {resource} limit of {limits[resource]}'
            raise _invalid(name, f"{here}.requests", "FieldValueInvalid", why)
    if _without_resizable(before) != _without_resizable(after):
        raise _invalid(name, "spec", "FieldValueForbidden", "Forbidden: only cpu and memory resources are mutable")


def _without_resizable(resources: Mapping[str, JsonObject]) -> JsonObject:
    """What of a container's resources no resize may change; empty parts count as absent."""
    kept: JsonObject = {}
    for field, amounts in resources.items():
        rest = {key: text for key, text in amounts.items() if key not in _RESIZABLE} if field != "claims" else amounts
        if rest:
            kept[field] = rest
    return kept


def _requests(pod: JsonObject) -> Iterator[Mapping[str, str]]:
    for container in pod["spec"].get("containers", []):
        yield container.get("resources", {}).get("requests", {})


def _invalid(name: str, field: str, reason: str, why: str) -> Invalid:
    details = {"name": name, "kind": "Pod", "causes": [{"reason": reason, "message": why, "field": field}]}
    return Invalid(422, "Invalid", f'Pod "{name}" is invalid: {field}: {why}', details)


def _forbidden(name: str, why: str, *, causes: list[JsonObject] | None = None) -> Forbidden:
    details: JsonObject = {"name": name, "kind": "pods"}
    if causes:
        details["causes"] = causes
    return Forbidden(403, "Forbidden", f'pods "{name}" is forbidden: {why}', details)
