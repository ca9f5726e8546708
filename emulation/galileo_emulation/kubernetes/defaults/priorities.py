"""Priorities: a pod names a class, and admission writes down what that is worth.

Source: the admission plugin Priority of kube-apiserver 1.36.
"""

from ..apiobjects import JsonObject
from ..errors import ApiError
from ..kind import Surroundings

SYSTEM_CLASSES = {
    "system-cluster-critical": (
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
    "system-node-critical": (
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
}
"""The classes that every cluster has from the start: value and description."""

_PREEMPT = "PreemptLowerPriority"


def system_classes() -> list[JsonObject]:
    """The bodies of the classes that are there from the start, without what the server gives to each object."""
    return [
        {"metadata": {"name": name}, "value": value, "description": description, "preemptionPolicy": _PREEMPT}
        for name, (value, description) in SYSTEM_CLASSES.items()
    ]


def assign_priority(body: JsonObject, surroundings: Surroundings) -> None:
    """Write a new pod's priority and preemption policy from its class. Raises ApiError (403)."""
    spec = body["spec"]
    found = _class_of(body, surroundings)
    priority, preemption = found.get("value", 0), found.get("preemptionPolicy", _PREEMPT)
    if found and "priorityClassName" not in spec:
        spec["priorityClassName"] = found["metadata"]["name"]
    if spec.get("priority", priority) != priority:
        raise _forbidden_pod(
            body,
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; "
            f"priority admission controller computed {priority} from the given PriorityClass name",
        )
    if spec.get("preemptionPolicy", preemption) != preemption:
        raise _forbidden_pod(
            body,
            f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) must not be provided "
            f"in pod spec; priority admission controller computed {preemption} from the given PriorityClass name",
        )
    spec["priority"] = priority
    spec["preemptionPolicy"] = preemption


def _class_of(body: JsonObject, surroundings: Surroundings) -> JsonObject:
    """The class that a pod names, or the default one; empty when it names none and there is none."""
    name = body["spec"].get("priorityClassName")
    for found in surroundings.stored("scheduling.k8s.io", "priorityclasses"):
        if found["metadata"]["name"] == name if name else found.get("globalDefault"):
            return found
    if name:
        raise _forbidden_pod(body, f"no PriorityClass with name {name} was found")
    return {}


def _forbidden_pod(body: JsonObject, why: str) -> ApiError:
    name = body["metadata"].get("name", "")
    return ApiError(403, "Forbidden", f'pods "{name}" is forbidden: {why}', {"name": name, "kind": "pods"})


def keep_priority(new: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """A change that leaves a pod's priority out leaves it as it is."""
    after, before = new.setdefault("spec", {}), old["spec"]
    for field in ("priority", "preemptionPolicy"):
        if field in before:
            after.setdefault(field, before[field])


def refuse_second_default(body: JsonObject, surroundings: Surroundings) -> None:
    """Only one class may be the default. Raises ApiError (403)."""
    if not body.get("globalDefault"):
        return
    name = body["metadata"].get("name", "")
    for found in surroundings.stored("scheduling.k8s.io", "priorityclasses"):
        if found.get("globalDefault") and found["metadata"]["name"] != name:
            other = found["metadata"]["name"]
            why = f"PriorityClass {other} is already marked as default. Only one default can exist"
            message = f'priorityclasses.scheduling.k8s.io "{name}" is forbidden: {why}'
            details = {"name": name, "group": "scheduling.k8s.io", "kind": "priorityclasses"}
            raise ApiError(403, "Forbidden", message, details)


def carry_priority_class(new: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """A class may become the default when no other is."""
    refuse_second_default(new, surroundings)
