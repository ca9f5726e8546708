"""What the API adds to replica sets, stateful sets, daemon sets and autoscalers.

Statuses have fields that are never left out; a controller that writes a status without them finds them there all the
same. Source: the behaviour of kube-apiserver 1.36 (apps/v1, autoscaling/v2).
"""

from ..apiobjects import JsonObject
from ..kind import Surroundings
from .pod_defaults import default_pod_spec

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"

DAEMON_COUNTS = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
_SCALE_UP = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ],
}
_SCALE_DOWN = {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}
_CPU_UTILIZATION = 80


def set_up_without_status(body: JsonObject, surroundings: Surroundings) -> None:
    """No status: it is a controller's to write."""
    body["status"] = {}


def _default_template(spec: JsonObject) -> None:
    default_pod_spec(spec.setdefault("template", {}).setdefault("spec", {}))


def default_replica_set(body: JsonObject) -> None:
    """One replica; the status always counts."""
    spec = body.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    _default_template(spec)
    body.setdefault("status", {}).setdefault("replicas", 0)


def default_stateful_set(body: JsonObject) -> None:
    """One replica, one after the other, from the last to the first; volumes are kept."""
    spec = body.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    _default_template(spec)
    for claim in spec.get("volumeClaimTemplates", []):
        claim |= {"kind": "PersistentVolumeClaim", "apiVersion": "v1"}
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        claim.setdefault("status", {}).setdefault("phase", "Pending")
    spec.setdefault("podManagementPolicy", "OrderedReady")
    strategy = spec.setdefault("updateStrategy", {})
    if "type" not in strategy:
        strategy["type"] = "RollingUpdate"
        strategy.setdefault("rollingUpdate", {})
    if strategy["type"] == "RollingUpdate" and "rollingUpdate" in strategy:
        strategy["rollingUpdate"].setdefault("partition", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for name in ("whenDeleted", "whenScaled"):
        retention.setdefault(name, "Retain")
    status = body.setdefault("status", {})
    status.setdefault("replicas", 0)
    status.setdefault("availableReplicas", 0)


def set_up_daemon_set(body: JsonObject, surroundings: Surroundings) -> None:
    """No status; the first generation of its template, which is told in an annotation."""
    body["status"] = {}
    body["metadata"].setdefault("annotations", {})[TEMPLATE_GENERATION] = "1"


def carry_daemon_set(new: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """A changed template is a further generation of it."""
    generation = old["metadata"].get("annotations", {}).get(TEMPLATE_GENERATION, "1")
    default_daemon_set(new)
    if new["spec"]["template"] != old["spec"]["template"]:
        generation = str(int(generation) + 1)
    new["metadata"].setdefault("annotations", {})[TEMPLATE_GENERATION] = generation


def default_daemon_set(body: JsonObject) -> None:
    """One node at a time, the old pod before the new one."""
    spec = body.setdefault("spec", {})
    _default_template(spec)
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    status = body.setdefault("status", {})
    for name in DAEMON_COUNTS:
        status.setdefault(name, 0)


def default_revision(body: JsonObject) -> None:
    """A revision always has a number."""
    body.setdefault("revision", 0)


def default_autoscaler(body: JsonObject) -> None:
    """At least one replica, by the use of cpu; a behaviour that is given in part is completed."""
    spec = body.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": _CPU_UTILIZATION}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    if "behavior" in spec:
        for name, rules in (("scaleUp", _SCALE_UP), ("scaleDown", _SCALE_DOWN)):
            given = spec["behavior"].get(name, {})
            spec["behavior"][name] = {**rules, **given, "policies": given.get("policies") or list(_policies(rules))}
    status = body.setdefault("status", {})
    status.setdefault("currentMetrics", None)
    status.setdefault("desiredReplicas", 0)


def _policies(rules: JsonObject) -> list[JsonObject]:
    return [dict(policy) for policy in rules["policies"]]
