"""The cluster roles for people that every cluster has from the start: view, edit, admin and cluster-admin.

They are what `kubectl create rolebinding --clusterrole view` names. Each holds what the one before it holds and more,
as the Kubernetes documentation tells under "User-facing roles"; resources that are not served here are left out.
"""

from ..apiobjects import JsonObject

_READ = ["get", "list", "watch"]
_WRITE = ["create", "delete", "deletecollection", "patch", "update"]

# Group to resources that whoever may edit a namespace may write.
_WRITABLE = {
    "": ["configmaps", "endpoints", "pods", "serviceaccounts", "services"],
    "apps": ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets",
             "statefulsets/scale"],
    "autoscaling": ["horizontalpodautoscalers"],
    "batch": ["cronjobs", "jobs"],
    "policy": ["poddisruptionbudgets"],
}  # fmt: skip
_READABLE = {
    "": ["events", "namespaces", "pods/log", "pods/status"],
    "apps": ["controllerrevisions", "daemonsets/status", "deployments/status", "replicasets/status",
             "statefulsets/status"],
    "batch": ["cronjobs/status", "jobs/status"],
    "discovery.k8s.io": ["endpointslices"],
    "events.k8s.io": ["events"],
    "metrics.k8s.io": ["nodes", "pods"],
    "policy": ["poddisruptionbudgets/status"],
}  # fmt: skip


def default_cluster_roles() -> list[JsonObject]:
    """The bodies of the roles, without what the server gives to each object."""
    view = [
        *(_rule(group, resources, _READ) for group, resources in _READABLE.items()),
        *(_rule(group, resources, _READ) for group, resources in _WRITABLE.items()),
    ]
    edit = [
        *view,
        *(_rule(group, resources, _WRITE) for group, resources in _WRITABLE.items()),
        _rule("", ["secrets"], [*_READ, *_WRITE]),
        _rule("", ["pods/eviction"], ["create"]),
    ]
    admin = [
        *edit,
        _rule("authorization.k8s.io", ["localsubjectaccessreviews"], ["create"]),
        _rule("rbac.authorization.k8s.io", ["rolebindings", "roles"], [*_READ, *_WRITE]),
    ]
    everything = [_rule("*", ["*"], ["*"]), {"nonResourceURLs": ["*"], "verbs": ["*"]}]
    named = {"view": view, "edit": edit, "admin": admin, "cluster-admin": everything}
    return [{"metadata": {"name": name}, "rules": rules} for name, rules in named.items()]


def _rule(group: str, resources: list[str], verbs: list[str]) -> JsonObject:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}
