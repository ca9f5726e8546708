"""Evictions: deletions of pods that ask the disruption budgets first.

A budget's controller writes how many pods may go; an eviction counts that down at once, so that two at the same moment
do not take the same permission, and notes the pod, so that the controller knows whom it still counts. Source: the
eviction subresource of kube-apiserver 1.36, recorded in tests/vectors/kubernetes (eviction.json).
"""

from ..apiobjects import JsonObject, copied, timestamp
from ..errors import ApiError, bad_request
from ..kinds import DISRUPTION_BUDGETS, PODS
from ..label_selectors import selects
from ..storage.history import Stored
from ..storage.store import Store
from .deletion import Deletion, check_preconditions, delete
from .updates import present

_API_VERSIONS = ("policy/v1", "policy/v1beta1")
_MOST_DISRUPTED = 2000
_RETRY_AFTER_S = 10
_TOO_MANY = "Cannot evict pod as it would violate the pod's disruption budget."


def evict(store: Store, namespace: str, name: str, eviction: JsonObject, *, dry_run: bool) -> None:
    """Evict the pod as `eviction` (a policy Eviction) says. Raises ApiError: 400, 404, 409, 429, or 500."""
    _check_kind(eviction)
    if eviction.get("metadata", {}).get("name", name) != name:
        raise bad_request("name in URL does not match name in Eviction object")
    pod = present(store, PODS, namespace, name)
    options = eviction.get("deleteOptions", {})
    preconditions = options.get("preconditions", {})
    deletion = Deletion(
        grace_s=options.get("gracePeriodSeconds"),
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        dry_run=dry_run or options.get("dryRun") == ["All"],
    )
    check_preconditions(PODS, pod, deletion)
    if not _needs_no_permission(pod.body):
        _ask(store, pod.body, dry_run=deletion.dry_run)
    if not deletion.dry_run:
        pod = _announce(store, pod)
    delete(store, PODS, pod, Deletion(grace_s=deletion.grace_s, dry_run=deletion.dry_run))


def _check_kind(eviction: JsonObject) -> None:
    version, kind = eviction.get("apiVersion", "policy/v1"), eviction.get("kind", "Eviction")
    if kind != "Eviction" or version not in _API_VERSIONS:
        offered = " or ".join(_API_VERSIONS)
        raise bad_request(f"the body cannot be handled as an Eviction: it is a {version} {kind}, expected {offered}")


def _needs_no_permission(pod: JsonObject) -> bool:
    """What does not run, or goes already, cannot be disrupted."""
    phase = pod.get("status", {}).get("phase")
    return phase in ("Pending", "Succeeded", "Failed") or "deletionTimestamp" in pod["metadata"]


def _ask(store: Store, pod: JsonObject, *, dry_run: bool) -> None:
    """Ask the pod's budget, and count down what it allows."""
    budgets = budgets_of(store, pod)
    if len(budgets) > 1:
        why = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        raise ApiError(500, None, why)
    for budget in budgets:
        if _is_ready(pod) or not _lets_unhealthy_go(budget):
            counted = _counted_down(budget, pod["metadata"]["name"], timestamp(store.now()))
            if not dry_run:
                store.put(DISRUPTION_BUDGETS, counted)


def budgets_of(store: Store, pod: JsonObject) -> list[JsonObject]:
    """The budgets in a pod's namespace that choose it. A budget without a selector chooses none."""
    metadata = pod["metadata"]
    return [
        budget
        for budget in store.bodies("policy", "poddisruptionbudgets")
        if budget["metadata"]["namespace"] == metadata["namespace"]
        and "selector" in budget["spec"]
        and selects(budget["spec"]["selector"], metadata.get("labels", {}))
    ]


def _is_ready(pod: JsonObject) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(entry.get("type") == "Ready" and entry.get("status") == "True" for entry in conditions)


def _lets_unhealthy_go(budget: JsonObject) -> bool:
    """Whether a pod that is not ready may go without counting: always, or while the others suffice."""
    if budget["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budget["status"]
    return bool(status["currentHealthy"] >= status["desiredHealthy"] > 0)


def _counted_down(budget: JsonObject, pod_name: str, moment: str) -> JsonObject:
    """The budget with one disruption fewer allowed. Raises ApiError (403, 429)."""
    name, status = budget["metadata"]["name"], budget["status"]
    if status.get("observedGeneration", 0) < budget["metadata"]["generation"]:
        why = f"The disruption budget {name} is still being processed by the server."
        raise _too_many(why, retry_after_s=_RETRY_AFTER_S)
    if len(status.get("disruptedPods", {})) > _MOST_DISRUPTED:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        details = {"name": name, "group": "policy", "kind": "poddisruptionbudget"}
        raise ApiError(403, "Forbidden", f'poddisruptionbudget.policy "{name}" is forbidden: {why}', details)
    if status["disruptionsAllowed"] == 0:
        current, desired = status["currentHealthy"], status["desiredHealthy"]
        why = f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
        if current > desired:
            why = f"The disruption budget {name} does not allow evicting pods currently"
        raise _too_many(why)
    body = copied(budget)
    body["status"]["disruptionsAllowed"] -= 1
    body["status"].setdefault("disruptedPods", {})[pod_name] = moment
    if body["status"]["disruptionsAllowed"] == 0:
        _say_insufficient(body["status"], moment)
    return body


def _say_insufficient(status: JsonObject, moment: str) -> None:
    condition = {
        "type": "DisruptionAllowed",
        "status": "False",
        "observedGeneration": status["observedGeneration"],
        "lastTransitionTime": moment,
        "reason": "InsufficientPods",
        "message": "",
    }
    conditions = status.setdefault("conditions", [])
    for index, present_one in enumerate(conditions):
        if present_one.get("type") == condition["type"]:
            if present_one.get("status") == "False":
                condition["lastTransitionTime"] = present_one["lastTransitionTime"]
            conditions[index] = condition
            return
    conditions.append(condition)


def _too_many(why: str, *, retry_after_s: int = 0) -> ApiError:
    details: JsonObject = {"causes": [{"reason": "DisruptionBudget", "message": why}]}
    if retry_after_s:
        details["retryAfterSeconds"] = retry_after_s
    return ApiError(429, "TooManyRequests", _TOO_MANY, details)


def _announce(store: Store, pod: Stored) -> Stored:
    """Write on the pod why it goes, before it goes."""
    conditions = pod.body.get("status", {}).get("conditions", [])
    if any(entry.get("type") == "DisruptionTarget" and entry.get("status") == "True" for entry in conditions):
        return pod
    body = copied(pod.body)
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": timestamp(store.now()),
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    others = [entry for entry in body["status"].get("conditions", []) if entry.get("type") != "DisruptionTarget"]
    body["status"]["conditions"] = [*others, condition]
    return store.put(PODS, body)
