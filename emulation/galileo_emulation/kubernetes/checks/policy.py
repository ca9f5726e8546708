"""Disruption budgets, priority classes, leases and namespaces."""

from ..apiobjects import JsonObject
from ..defaults.priorities import SYSTEM_CLASSES
from ..errors import Cause
from .names import name_causes, qualified_name
from .numbers import at_most_100_percent, fields_not_negative, int_or_percent
from .selectors import selector_causes
from .validation import forbidden, unsupported, wrong
from .workloads import immutable

_HIGHEST_USER_PRIORITY = 1_000_000_000
_EVICTION_POLICIES = ("AlwaysAllow", "IfHealthyBudget")
_PREEMPTION_POLICIES = ("Never", "PreemptLowerPriority")


def budget_causes(body: JsonObject) -> list[Cause]:
    """Check a disruption budget."""
    spec = body["spec"]
    causes: list[Cause] = []
    if "minAvailable" in spec and "maxUnavailable" in spec:
        causes.append(wrong("spec", spec, "minAvailable and maxUnavailable cannot be both set"))
    for name in ("minAvailable", "maxUnavailable"):
        if name in spec:
            causes += int_or_percent(f"spec.{name}", spec[name]) + at_most_100_percent(f"spec.{name}", spec[name])
    causes += selector_causes("spec.selector", spec.get("selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in _EVICTION_POLICIES:
        causes.append(unsupported("spec.unhealthyPodEvictionPolicy", policy, _EVICTION_POLICIES))
    return causes


def budget_status_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check what a controller says of a budget."""
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    return fields_not_negative("status", new.get("status", {}), counts)


def priority_class_causes(body: JsonObject) -> list[Cause]:
    """Check a priority class; names and values of the system's own are reserved."""
    name, found = body["metadata"]["name"], body["value"]
    causes: list[Cause] = []
    if name.startswith("system-") and SYSTEM_CLASSES.get(name, ("",))[0] != found:
        rule = "priority class names with 'system-' prefix are reserved for system use only"
        causes.append(forbidden("metadata.name", rule))
    elif not name.startswith("system-") and found > _HIGHEST_USER_PRIORITY:
        rule = f"maximum allowed value of a user defined priority is {_HIGHEST_USER_PRIORITY}"
        causes.append(forbidden("value", rule))
    if body["preemptionPolicy"] not in _PREEMPTION_POLICIES:
        causes.append(unsupported("preemptionPolicy", body["preemptionPolicy"], _PREEMPTION_POLICIES))
    return causes


def priority_class_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """What a class is worth stays as it was made."""
    causes = [] if new["value"] == old["value"] else [forbidden("value", "may not be changed in an update.")]
    return causes + immutable("preemptionPolicy", new["preemptionPolicy"], old["preemptionPolicy"])


def lease_causes(body: JsonObject) -> list[Cause]:
    """A lease's duration is positive, and it changed hands no fewer than 0 times."""
    spec = body["spec"]
    duration_s = spec.get("leaseDurationSeconds")
    causes = []
    if duration_s is not None and duration_s <= 0:
        causes.append(wrong("spec.leaseDurationSeconds", duration_s, "must be greater than 0"))
    return causes + fields_not_negative("spec", spec, ("leaseTransitions",))


def namespace_causes(body: JsonObject) -> list[Cause]:
    """Check the finalizers that hold a namespace."""
    causes: list[Cause] = []
    for finalizer in body.get("spec", {}).get("finalizers", []):
        causes += name_causes("spec.finalizers", finalizer, qualified_name)
        if "/" not in finalizer and finalizer != "kubernetes":
            rule = "name is neither a standard finalizer name nor is it fully qualified"
            causes.append(wrong("spec.finalizers", finalizer, rule))
    return causes
