"""Deployments, replica sets, stateful sets, daemon sets, and the revisions that the last two keep."""

from typing import Any

from ..apiobjects import JsonObject
from ..errors import Cause
from ..label_selectors import selects
from .names import dns_label, name_causes
from .numbers import at_most_100_percent, fields_not_negative, int_or_percent, is_zero, not_negative
from .pods import template_causes
from .selectors import selector_causes
from .validation import forbidden, required, unsupported, wrong

_IMMUTABLE = "field is immutable"
_STATEFUL_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)
_RETENTIONS = ("Delete", "Retain")


def immutable(field: str, new: Any, old: Any) -> list[Cause]:
    """A field that stays as it was made."""
    return [] if new == old else [wrong(field, new, _IMMUTABLE)]


def deployment_causes(body: JsonObject) -> list[Cause]:
    """Check a deployment."""
    spec = body["spec"]
    causes = fields_not_negative("spec", spec, ("replicas",))
    causes += _pods_causes(spec, "deployment")
    causes += _strategy_causes("spec.strategy", spec["strategy"])
    causes += fields_not_negative("spec", spec, ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"))
    deadline_s = spec.get("progressDeadlineSeconds")
    if deadline_s is not None and 0 <= deadline_s <= spec.get("minReadySeconds", 0):
        causes.append(wrong("spec.progressDeadlineSeconds", deadline_s, "must be greater than minReadySeconds"))
    return causes


def _strategy_causes(field: str, strategy: JsonObject) -> list[Cause]:
    kind, rolling = strategy["type"], strategy.get("rollingUpdate")
    if kind == "Recreate":
        rule = "may not be specified when strategy `type` is 'Recreate'"
        return [] if rolling is None else [forbidden(f"{field}.rollingUpdate", rule)]
    if kind != "RollingUpdate":
        return [unsupported(f"{field}.type", kind, ("Recreate", "RollingUpdate"))]
    rolling = rolling or {}
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    here = f"{field}.rollingUpdate"
    causes = int_or_percent(f"{here}.maxUnavailable", unavailable) + int_or_percent(f"{here}.maxSurge", surge)
    if is_zero(unavailable) and is_zero(surge):
        causes.append(wrong(f"{here}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"))
    return causes + at_most_100_percent(f"{here}.maxUnavailable", unavailable)


def _pods_causes(spec: JsonObject, kind: str) -> list[Cause]:
    """Check a workload's selector, and that its template makes pods which the selector chooses."""
    selector, template = spec.get("selector"), spec.get("template", {})
    if selector is None:
        return [required("spec.selector"), *_template_causes(template, kind)]
    causes = selector_causes("spec.selector", selector)
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        causes.append(wrong("spec.selector", selector, f"empty selector is invalid for {kind}"))
    elif not selects(selector, labels := template.get("metadata", {}).get("labels", {})):
        causes.append(wrong("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"))
    return causes + _template_causes(template, kind)


def _template_causes(template: JsonObject, kind: str) -> list[Cause]:
    causes = template_causes("spec.template", template)
    spec = template.get("spec", {})
    if spec.get("restartPolicy", "Always") != "Always":
        causes.append(unsupported("spec.template.spec.restartPolicy", spec["restartPolicy"], ("Always",)))
    if "activeDeadlineSeconds" in spec:
        rule = f"activeDeadlineSeconds in {kind} is not Supported"
        causes.append(forbidden("spec.template.spec.activeDeadlineSeconds", rule))
    return causes


def selector_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Whom a workload chooses stays as it was made."""
    return immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


def replica_set_causes(body: JsonObject) -> list[Cause]:
    """Check a replica set."""
    causes = fields_not_negative("spec", body["spec"], ("replicas", "minReadySeconds"))
    return causes + _pods_causes(body["spec"], "replicaset")


def replicas_status_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check what a controller says of a deployment or replica set: no part is more than the whole."""
    status = new.get("status", {})
    counts = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "updatedReplicas")
    causes = fields_not_negative("status", status, (*counts, "observedGeneration"))
    most, ready = status.get("replicas", 0), status.get("readyReplicas", 0)
    rule = "cannot be greater than status.replicas"
    causes += [
        wrong(f"status.{name}", status[name], rule) for name in counts[1:] if name in status and status[name] > most
    ]
    available = status.get("availableReplicas", 0)
    if available > ready:
        causes.append(wrong("status.availableReplicas", available, "cannot be greater than readyReplicas"))
    return causes


def stateful_set_causes(body: JsonObject) -> list[Cause]:
    """Check a stateful set."""
    spec = body["spec"]
    causes: list[Cause] = []
    if spec["podManagementPolicy"] not in ("OrderedReady", "Parallel"):
        rule = "must be 'OrderedReady' or 'Parallel'"
        causes.append(wrong("spec.podManagementPolicy", spec["podManagementPolicy"], rule))
    causes += _stateful_update_causes("spec.updateStrategy", spec["updateStrategy"])
    for name, text in spec["persistentVolumeClaimRetentionPolicy"].items():
        if text not in _RETENTIONS:
            causes.append(unsupported(f"spec.persistentVolumeClaimRetentionPolicy.{name}", text, _RETENTIONS))
    causes += fields_not_negative("spec", spec, ("replicas", "minReadySeconds", "revisionHistoryLimit"))
    causes += fields_not_negative("spec.ordinals", spec.get("ordinals", {}), ("start",))
    if spec.get("serviceName"):
        causes += name_causes("spec.serviceName", spec["serviceName"], dns_label)
    return causes + _pods_causes(spec, "statefulset")


def _stateful_update_causes(field: str, strategy: JsonObject) -> list[Cause]:
    kind, rolling = strategy["type"], strategy.get("rollingUpdate")
    if kind == "OnDelete":
        rule = "only allowed for updateStrategy 'RollingUpdate'"
        return [] if rolling is None else [wrong(f"{field}.rollingUpdate", rolling, rule)]
    if kind != "RollingUpdate":
        return [wrong(field, strategy, "must be 'RollingUpdate' or 'OnDelete'")]
    causes = fields_not_negative(f"{field}.rollingUpdate", rolling or {}, ("partition",))
    if rolling and "maxUnavailable" in rolling:
        here = f"{field}.rollingUpdate.maxUnavailable"
        causes += int_or_percent(here, rolling["maxUnavailable"]) + at_most_100_percent(here, rolling["maxUnavailable"])
        if is_zero(rolling["maxUnavailable"]):
            causes.append(wrong(here, rolling["maxUnavailable"], "cannot be 0"))
    return causes


def stateful_set_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Only some fields of a stateful set's spec may change."""
    after, before = ({k: v for k, v in body["spec"].items() if k not in _STATEFUL_MUTABLE} for body in (new, old))
    if after == before:
        return []
    names = ", ".join(f"'{name}'" for name in _STATEFUL_MUTABLE[:-1]) + f" and '{_STATEFUL_MUTABLE[-1]}'"
    return [forbidden("spec", f"updates to statefulset spec for fields other than {names} are forbidden")]


def daemon_set_causes(body: JsonObject) -> list[Cause]:
    """Check a daemon set."""
    spec = body["spec"]
    causes = fields_not_negative("spec", spec, ("minReadySeconds", "revisionHistoryLimit"))
    causes += _pods_causes(spec, "daemonset")
    return causes + _daemon_update_causes("spec.updateStrategy", spec["updateStrategy"])


def _daemon_update_causes(field: str, strategy: JsonObject) -> list[Cause]:
    kind, rolling = strategy["type"], strategy.get("rollingUpdate")
    if kind == "OnDelete":
        return []
    if kind != "RollingUpdate":
        return [unsupported(f"{field}.type", kind, ("RollingUpdate", "OnDelete"))]
    if rolling is None:
        return [required(f"{field}.rollingUpdate")]
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    here = f"{field}.rollingUpdate"
    causes = int_or_percent(f"{here}.maxUnavailable", unavailable) + int_or_percent(f"{here}.maxSurge", surge)
    for name, found in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        causes += at_most_100_percent(f"{here}.{name}", found)
    if is_zero(unavailable) and is_zero(surge):
        causes.append(required(f"{here}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    elif not is_zero(unavailable) and not is_zero(surge):
        causes.append(wrong(f"{here}.maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
    return causes


def daemon_set_status_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check what a controller says of a daemon set."""
    counts = (
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        "observedGeneration",
    )
    return fields_not_negative("status", new.get("status", {}), counts)


def revision_causes(body: JsonObject) -> list[Cause]:
    """Check a controller revision."""
    causes = [] if "data" in body else [required("data", "data is mandatory")]
    return causes + not_negative("revision", body.get("revision"))


def revision_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """What a revision holds stays as it was made."""
    return immutable("data", new.get("data"), old.get("data"))
